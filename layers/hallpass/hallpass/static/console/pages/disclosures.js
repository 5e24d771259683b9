// "Who has seen this child's records?" Rule: the number goes into a body alone: no address and no log has it.

import { html, nothing } from "/console/vendor/lit-html.js";
import { ofDistrict, post, Problem } from "/console/api.js";
import { choice, facts, field, notice, problem, table, values } from "/console/parts.js";
import { nameOf, readPeople } from "/console/people.js";
import { readCatalogue } from "/console/scope_form.js";
import { download } from "/console/sheet.js";
import { number, plural, time, timeText, zoneName } from "/console/words.js";

const KINDS = [["student", "A student"], ["staff", "An employee"]];
const VERDICTS = {
  "never-seen": ["warn", "This number stood in nothing that was prepared for a vendor. Check that it is written exactly as in EducatorsHandbook.com."],
  "seen-not-disclosed": ["good", "Nothing about this person was sent to anybody."],
  disclosed: ["plain", "Something about this person was sent."],
};
const MOST_ANSWERS = 100;

export async function openDisclosures({ ids, draw }) {
  const [words, people] = await Promise.all([readCatalogue(), readPeople()]);
  const page = { path: ofDistrict(ids[0]), draw, words, people, told: null, busy: false, failed: null };
  return { title: "Who saw a person", view: () => view(page) };
}

function view(page) {
  return html`
    <h1 tabindex="-1">Who saw a person</h1>
    <p>Who received anything about a student or an employee, when, how often, and what. The number is not kept.</p>
    <form class="filters unprinted" @submit=${(event) => submit(event, page)}>
      ${choice("kind", "Who", KINDS, { value: "student" })}
      ${field("number", "Number", { required: true, failed: page.failed, hint: "As EducatorsHandbook.com writes it, zeros too." })}
      ${field("from", "From", { type: "date", failed: page.failed })}
      ${field("to", "To", { type: "date", failed: page.failed, hint: `Both or none. Days in ${zoneName()}.` })}
      <p><button class="main" ?disabled=${page.busy}>${page.busy ? "Reading …" : "Look"}</button></p>
    </form>
    ${problem(page.failed)}
    <div role="status">${page.told ? answer(page) : nothing}</div>`;
}

async function submit(event, page) {
  event.preventDefault();
  const said = Object.entries(values(event.target)).map(([name, value]) => [name, value.trim()]).filter(([, value]) => value !== "");
  Object.assign(page, { busy: true, failed: null, told: null });
  page.draw();
  try {
    page.told = await whole(page, Object.fromEntries(said));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    page.failed = error;
  }
  page.busy = false;
  page.draw();
}

/** All answers as one: a long history comes in parts. */
async function whole(page, asked) {
  const path = `${page.path}/disclosures`;
  let told = await post(path, asked);
  for (let part = 1; told.next && part < MOST_ANSWERS; part += 1) {
    const more = await post(path, { ...asked, cursor: told.next });
    const unnumbered_incidents = Math.max(told.unnumbered_incidents, more.unnumbered_incidents);
    told = { ...more, unnumbered_incidents, verdict: graver(told, more), disclosures: [...told.disclosures, ...more.disclosures],
      recipients: merged([...told.recipients, ...more.recipients]) };
  }
  return told;
}

const GRAVITY = ["never-seen", "seen-not-disclosed", "disclosed"];

function graver(one, other) {
  return GRAVITY[Math.max(GRAVITY.indexOf(one.verdict), GRAVITY.indexOf(other.verdict))];
}

/** A recipient of several parts is one. */
function merged(recipients) {
  const found = new Map();
  for (const each of recipients) {
    const key = each.integration ?? each.person;
    const before = found.get(key);
    found.set(key, before ? joined(before, each) : each);
  }
  return [...found.values()];
}

function joined(one, other) {
  const union = (name) => [...new Set([...one[name], ...other[name]])];
  const shown = { ...one.shown };
  for (const [level, count] of Object.entries(other.shown)) shown[level] = (shown[level] ?? 0) + count;
  const lists = Object.fromEntries(["fields", "elements", "agreements", "formats"].map((name) => [name, union(name)]));
  const [first, last] = [[one.first, other.first].sort()[0], [one.last, other.last].sort()[1]];
  return { ...one, ...lists, first, last, answers: one.answers + other.answers, shown };
}

function answer(page) {
  const { told } = page;
  const [tone, sentence] = VERDICTS[told.verdict];
  return html`
    ${notice(tone, html`<p><strong>${sentence}</strong></p>`)}
    ${told.next ? notice("warn", "There is more than could be read here: the hallpass command tells all of it.") : nothing}
    ${told.disclosed_outside_period ? notice("warn", "Outside of these days something was sent.") : nothing}
    ${told.recipients.map((each) => recipient(page, each))}
    ${facts([
      ["On record since", time(told.records_since, "not yet")],
      ["Complete until", time(told.complete_until, "not yet")],
      ["Incidents with somebody without a number", told.unnumbered_incidents || null],
    ])}
    ${told.unnumbered_incidents ? html`<p>Of these incidents nobody can tell whether this person is in them.</p>` : nothing}
    ${told.disclosures.length ? each(page, told) : nothing}`;
}

function recipient(page, each) {
  const shown = Object.entries(each.shown).map(([level, count]) => `${page.words.shown[level] ?? level}: ${number(count)}`);
  return html`
    <section class="card"><h2>${each.vendor ?? (each.person ? html`Shown in a preview to ${nameOf(page.people, each.person)}` : html`<code>${each.integration}</code>`)}</h2>
      ${facts([
        ["Contact", each.contact], ["Purpose", each.purpose], ["Agreements", each.agreements.join(", ") || null],
        ["In how many answers", number(each.answers)], ["First", time(each.first)], ["Last", time(each.last)],
        ["How the person was shown", shown.join("; ")], ["What was shared", each.elements.join("; ")],
        ["Formats", each.formats.join(", ") || null],
      ])}
    </section>`;
}

function each(page, told) {
  const known = new Map(told.recipients.map((one) => [one.integration, one]));
  const receiver = (row) => (row.integration
    ? known.get(row.integration)?.vendor ?? row.integration
    : `shown in a preview to ${page.people.get(row.person) ?? row.person}`);
  const rows = [...told.disclosures].sort((one, other) => one.time.localeCompare(other.time));
  const write = () => download("disclosures.csv",
    [`time (${zoneName()})`, "received by", "contact", "purpose", "agreement", "fields", "format", "how shown", "request"],
    [...rows.map((row) => [timeText(row.time), receiver(row), known.get(row.integration)?.contact, known.get(row.integration)?.purpose,
      row.agreement, row.fields, row.format, page.words.shown[row.shown], row.request_id]), [], ...notes(told).map((note) => [note])]);
  return html`
    <details><summary>Each of the ${plural(told.disclosures.length, "answer")}</summary>
      ${table("Answers", [
        ["Time", (row) => time(row.time), "main"],
        ["Received by", receiver],
        ["How shown", (row) => page.words.shown[row.shown]],
        ["Agreement", (row) => row.agreement ?? "–"],
        ["Fields", (row) => html`<code>${row.fields ?? "–"}</code>`],
      ], rows, "")}
    </details>
    <p class="actions unprinted"><button type="button" @click=${write}>Download (CSV)</button>
      <button type="button" @click=${() => print()}>Print</button></p>`;
}

/** What has to stand beside the answer, whoever reads it. */
function notes(told) {
  return [
    `On record since ${timeText(told.records_since, "not yet")}, complete until ${timeText(told.complete_until, "not yet")}.`,
    told.disclosed_outside_period ? "There are disclosures outside the days that were asked about." : "",
    told.unnumbered_incidents ? `Incidents that were sent, in which somebody stood without a number: ${number(told.unnumbered_incidents)}. Whether that was this person, no record can tell.` : "",
    "Free text is not read: whom a description names, no record can tell.",
  ].filter(Boolean);
}
