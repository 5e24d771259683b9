// Who asked for what, how it was answered, who changed what: the ledger's rows.

import { html, nothing } from "/console/vendor/lit-html.js";
import { all, ofDistrict, post, Problem } from "/console/api.js";
import { choice, facts, field, problem, table, values } from "/console/parts.js";
import { nameOf, readPeople } from "/console/people.js";
import { readCatalogue } from "/console/scope_form.js";
import { download } from "/console/sheet.js";
import { dayAfter, number, time } from "/console/words.js";

const ROWS = 100;
const MOST_WRITTEN = 20_000;
const STATUSES = [["", "any"], ["2xx", "answered"], ["3xx", "unchanged"], ["4xx", "refused"], ["5xx", "failed"]];
const SENT = [["", "either"], ["records", "incidents left"], ["no-records", "nothing left"]];
/** In the order of the audit record: see `/admin/v1/audit.schema.json`. */
const FIRST = ["time", "action", "status", "problem", "actor", "integration", "token", "incidents", "persons", "source"];

export async function openAudit({ ids, district, draw }) {
  const path = ofDistrict(ids[0]);
  const [integrations, people, words] = await Promise.all([
    all(`${path}/integrations`, "integrations"), readPeople(), readCatalogue(),
  ]);
  const vendors = new Map(integrations.map((each) => [each.id, each.vendor]));
  const page = {
    path, district, draw, vendors, people, words, rows: [], next: null, until: null, busy: false, failed: null, written: "",
    asked: { from: dayAfter(-6), to: dayAfter(0) },
  };
  await search(page, null);
  return { title: "Audit", view: () => view(page) };
}

function view(page) {
  return html`
    <h1 tabindex="-1">Audit</h1>
    <p>Every request and every change is written before it is answered. Nobody can change a row.</p>
    ${filters(page)} ${problem(page.failed)}
    <p role="status">${page.busy ? "Reading …" : `${number(page.rows.length)} rows${page.next ? ", and there are more" : ""}. ${page.written}`}
      ${page.until ? html`Complete until ${time(page.until)}.` : nothing}</p>
    ${table("Rows of the ledger", columns(page), shownRows(page.rows), "No row matches.")}
    <p class="actions">
      ${page.next ? html`<button type="button" ?disabled=${page.busy} @click=${() => search(page, page.next)}>Older rows</button>` : nothing}
      <button type="button" ?disabled=${page.busy || !page.rows.length} @click=${() => write(page)}>Download all that match (CSV)</button>
    </p>`;
}

function filters(page) {
  const { asked, words } = page;
  const vendors = [["", "any"], ...page.vendors].map(([id, name]) => [id, id ? `${name} (${id})` : name]);
  const submit = (event) => {
    event.preventDefault();
    const said = Object.entries(values(event.target)).filter(([, value]) => value !== "");
    page.asked = Object.fromEntries(said.map(([name, value]) => [name, value.trim()]));
    search(page, null);
  };
  return html`
    <form class="filters unprinted" @submit=${submit}>
      ${field("from", "From", { type: "date", value: asked.from, required: true, failed: page.failed })}
      ${field("to", "To", { type: "date", value: asked.to, required: true, failed: page.failed, hint: "Days of UTC, at most 31." })}
      ${choice("integration", "Vendor", vendors, { value: "" })}
      ${field("action", "Action", { list: "actions", failed: page.failed })}
      ${choice("status", "Answer", STATUSES, { value: "" })}
      ${field("problem", "Problem", { list: "problems", failed: page.failed })}
      ${choice("disclosure", "Data", SENT, { value: "" })}
      ${field("actor", "Admin's id", { failed: page.failed })}
      ${field("token", "Token's id", { failed: page.failed })}
      ${field("request_id", "Request's id", { failed: page.failed })}
      <datalist id="actions">${words.actions.map((each) => html`<option value=${each}></option>`)}</datalist>
      <datalist id="problems">${words.problems.map((each) => html`<option value=${each}></option>`)}</datalist>
      <p><button class="main" ?disabled=${page.busy}>Search</button></p>
    </form>`;
}

function columns(page) {
  return [
    ["Time", (row) => time(row.time), "main"],
    ["Who", (row) => who(page, row)],
    ["About", (row) => about(page, row)],
    ["Action", (row) => html`<code>${row.action}</code>${row.phase ? html` <span class="small">${row.phase}</span>` : nothing}`],
    ["Answer", (row) => html`${row.status}${row.problem ? html` <code>${row.problem}</code>` : nothing}`],
    ["Incidents", (row) => number(row.incidents ?? 0), "number"],
    ["", (row) => html`<details class="row"><summary>All of it<span class="unseen"> about ${row.request_id}</span></summary>
      ${facts(Object.entries(row).map(([name, value]) => [name, html`<code>${value}</code>`]))}</details>`],
  ];
}

function who(page, row) {
  if (row.actor) return nameOf(page.people, row.actor);
  if (row.integration) return page.vendors.get(row.integration) ?? html`<code>${row.integration}</code>`;
  return html`<span class="small">nobody known, from ${row.source}</span>`;
}

/** What an admin's request was about: a vendor, or a person, by name where there is one. */
function about(page, row) {
  if (!row.actor) return "";
  if (row.integration) return page.vendors.get(row.integration) ?? html`<code>${row.integration}</code>`;
  return page.people.get(row.target) ?? (row.target && row.target !== row.district ? html`<code>${row.target}</code>` : "");
}

/** A change is written before it is made and when it has ended: the second tells both. */
function shownRows(rows) {
  const ended = new Set(rows.filter((row) => row.phase === "ended").map((row) => row.request_id));
  return rows.filter((row) => row.phase !== "begun" || !ended.has(row.request_id));
}

async function ask(page, cursor, limit) {
  return await post(`${page.path}/audit/search`, { ...page.asked, limit, ...(cursor ? { cursor } : {}) });
}

async function search(page, cursor) {
  Object.assign(page, { busy: true, failed: null, written: "" }, cursor ? {} : { rows: [], next: null });
  page.draw();
  try {
    const found = await ask(page, cursor, ROWS);
    const rows = cursor ? [...page.rows, ...found.rows] : found.rows;
    Object.assign(page, { rows, next: found.next, until: found.complete_until });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    page.failed = error;
  }
  page.busy = false;
  page.draw();
}

async function write(page) {
  Object.assign(page, { busy: true, failed: null });
  page.draw();
  try {
    const rows = [];
    let cursor = null;
    do {
      const found = await ask(page, cursor, 200);
      rows.push(...found.rows);
      cursor = found.next;
    } while (cursor && rows.length < MOST_WRITTEN);
    const names = [...FIRST, ...new Set(rows.flatMap(Object.keys).filter((name) => !FIRST.includes(name)))];
    const named = (row) => [row.actor ? page.people.get(row.actor) : null, page.vendors.get(row.integration)];
    download(`audit-${page.district.id}-${page.asked.from}-${page.asked.to}.csv`, [...names, "admin's name", "vendor"],
      rows.map((row) => [...names.map((name) => row[name]), ...named(row)]));
    page.written = cursor
      ? `${number(rows.length)} rows are in the file and there are more: ask for fewer days, or use the command.`
      : `${number(rows.length)} rows are in the file.`;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    page.failed = error;
  }
  page.busy = false;
  page.draw();
}
