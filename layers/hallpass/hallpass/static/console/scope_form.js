// A scope as a form: which incidents, and which fields of them. Rule: the words come from the server's one catalogue.

import { html, nothing } from "/console/vendor/lit-html.js";
import { get } from "/console/api.js";
import { field, tick } from "/console/parts.js";
import { dayAfter, number } from "/console/words.js";

export const UPSTREAM_VIEW = "upstream@1";
const CUSTOM = "custom";

let catalogue = null;

/** What each type, preset and group is called: `GET /admin/v1/catalogue.json`. */
export async function readCatalogue() {
  catalogue ??= await get("/catalogue.json");
  return catalogue;
}

/** The narrowest that is of use: nobody grants more by not looking. */
export const NARROW = {
  rows: { types: ["minor"], schools: "all", window: { days: 90 }, deleted: false },
  fields: "no-people@1",
};

/**
 * The form's state of a scope. `changed()` is called after every change; `schools` are those that a preview counted.
 */
export class ScopeForm {
  constructor(scope, words, changed) {
    const { rows, fields } = scope;
    this.words = words;
    this.touched = false;
    this.changed = () => {
      this.touched = true;
      changed();
    };
    this.schools = [];
    this.types = new Set(rows.types);
    this.every = rows.schools === "all";
    this.codes = new Set(this.every ? [] : rows.schools);
    this.window = rows.window === "unbounded" ? "unbounded" : rows.window.days ? "days" : "dates";
    this.days = rows.window.days ?? 90;
    this.from = rows.window.from ?? dayAfter(-90);
    this.to = rows.window.to ?? dayAfter(0);
    this.deleted = rows.deleted;
    this.preset = typeof fields === "string" ? fields : CUSTOM;
    const custom = this.preset === CUSTOM ? fields : { groups: ["envelope", "context"], victims: "none", numbers: "dropped" };
    this.groups = new Set(custom.groups);
    Object.assign(this, { victims: custom.victims, numbers: custom.numbers, revision: custom.revision });
  }

  /** As the API takes it. */
  scope() {
    const { types, groups, victims, numbers, revision } = this;
    const kept = revision === undefined ? {} : { revision };
    return {
      rows: {
        types: this.words.types.map((each) => each.name).filter((name) => types.has(name)),
        schools: this.every ? "all" : [...this.codes].sort(),
        window: this.chosenWindow(),
        deleted: this.deleted,
      },
      fields: this.preset === CUSTOM ? { groups: [...groups], victims, numbers, ...kept } : this.preset,
    };
  }

  chosenWindow() {
    if (this.window === "unbounded") return "unbounded";
    return this.window === "days" ? { days: Number(this.days) } : { from: this.from, to: this.to };
  }

  /** What has to be chosen before there is anything to look at; "" for nothing. */
  lacks() {
    if (!this.types.size) return "Choose at least one type of incident.";
    if (!this.every && !this.codes.size) return "Choose at least one school, or all of them.";
    if (this.window === "days" && !(Number(this.days) >= 1)) return "Say how many days back.";
    if (this.window === "dates" && !(this.from && this.to)) return "Say the first and the last day.";
    return "";
  }

  set(name, value) {
    this[name] = value;
    this.changed();
  }

  toggle(name, value, on) {
    if (on) this[name].add(value);
    else this[name].delete(value);
    this.changed();
  }

  view() {
    return html`
      <fieldset><legend>Which incidents</legend>
        <p class="label">Types</p>
        ${this.words.types.map((each) => tick("types", each.label, {
          checked: this.types.has(each.name), value: each.name,
          changed: (event) => this.toggle("types", each.name, event.target.checked),
        }))}
        ${this.schoolsView()} ${this.windowView()}
        <p class="label">Deleted incidents</p>
        ${tick("deleted", "Show incidents that were deleted, marked as deleted", {
          checked: this.deleted, changed: (event) => this.set("deleted", event.target.checked),
        })}
      </fieldset>
      <fieldset><legend>Which fields</legend>${this.presetsView()}</fieldset>
      ${this.preset === CUSTOM ? this.groupsView() : nothing}`;
  }

  schoolsView() {
    const radio = (label, every) => tick("schools", label, {
      type: "radio", value: String(every), checked: this.every === every, changed: () => this.set("every", every),
    });
    const codes = [...new Set([...this.schools.map((each) => each.code), ...this.codes])].sort();
    const named = new Map(this.schools.map((each) => [each.code, each]));
    const label = (code) => {
      const school = named.get(code);
      if (!school && this.schools.length) return html`<code>${code}</code> <strong class="warning">No incident of this school is cached: is the code right?</strong>`;
      return school ? html`<code>${code}</code> ${school.name ?? ""} <span class="small">${number(school.incidents)} incidents</span>` : html`<code>${code}</code>`;
    };
    return html`
      <p class="label">Schools</p>
      ${radio("All schools, also those that are added later", true)} ${radio("Only these schools", false)}
      ${this.every ? nothing : html`<div class="nested" @keydown=${(event) => this.onKey(event)}>
        ${codes.map((code) => tick("codes", label(code), {
          value: code, checked: this.codes.has(code), changed: (event) => this.toggle("codes", code, event.target.checked),
        }))}
        ${field("more-codes", "Another school's code", { hint: "Press Enter to add it." })}
        <p><button type="button" @click=${() => this.addCode()}>Add this code</button></p>
      </div>`}`;
  }

  onKey(event) {
    if (event.key !== "Enter" || event.target.id !== "more-codes") return;
    // Else it would save the form.
    event.preventDefault();
    this.addCode();
  }

  addCode() {
    const input = document.getElementById("more-codes");
    const code = input.value.trim();
    if (!code) return input.focus();
    input.value = "";
    this.toggle("codes", code, true);
    input.focus();
  }

  windowView() {
    const radio = (name, label) => tick("window", label, {
      type: "radio", value: name, checked: this.window === name, changed: () => this.set("window", name),
    });
    const typed = (name) => (event) => this.set(name, event.target.value);
    return html`
      <p class="label">Dates</p>
      ${radio("days", "The last days, counted each day anew")}
      ${this.window === "days" ? html`<div class="nested">${field("days", "Days back", { type: "number", min: 1, max: 3660, value: this.days, changed: typed("days") })}</div>` : nothing}
      ${radio("dates", "From one day to another")}
      ${this.window === "dates" ? html`<div class="nested pair">
        ${field("from", "First day", { type: "date", value: this.from, changed: typed("from") })}
        ${field("to", "Last day", { type: "date", value: this.to, changed: typed("to") })}</div>` : nothing}
      ${radio("unbounded", "Without a bound: everything that the district has, and will have")}`;
  }

  presetsView() {
    const radio = (name, card) => tick("preset", cardLabel(card), {
      type: "radio", value: name, checked: this.preset === name, changed: () => this.set("preset", name), hint: cardHint(card),
    });
    const own = { name: "Chosen group by group", label: "", example: "", warning: "" };
    return [...this.words.presets.map((each) => radio(each.name, each)), radio(CUSTOM, own)];
  }

  groupsView() {
    const radios = (legend, name, cards) => html`<p class="label">${legend}</p>
      ${cards.map((each) => tick(name, each.label, {
        type: "radio", value: each.name, checked: this[name] === each.name, hint: cardHint(each),
        changed: () => this.set(name, each.name),
      }))}`;
    return html`
      <fieldset><legend>Groups of fields</legend>
        ${this.words.groups.map((each) => tick("groups", html`${each.label} <code class="small">${each.name}</code>`, {
          value: each.name, checked: this.groups.has(each.name), hint: cardHint(each),
          changed: (event) => this.toggle("groups", each.name, event.target.checked),
        }))}
        ${radios("Victims", "victims", this.words.victims)} ${radios("Student and staff numbers", "numbers", this.words.numbers)}
      </fieldset>`;
  }
}

function cardLabel({ name, label }) {
  return html`<strong>${name}</strong>${label ? html`<br>${label}` : nothing}`;
}

function cardHint({ example, warning }) {
  if (!example && !warning) return nothing;
  return html`${example ? html`For example: ${example}.` : nothing} ${warning ? html`<strong class="warning">${warning}</strong>` : nothing}`;
}
