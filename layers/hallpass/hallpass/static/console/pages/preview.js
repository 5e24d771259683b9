// What a scope would show, counted over what is cached: numbers, changes, fields, and an example before and after.

import { html, nothing } from "/console/vendor/lit-html.js";
import { facts, notice, table } from "/console/parts.js";
import { sideBySide } from "/console/example.js";
import { day, number, plural, time } from "/console/words.js";

export function previewView(told) {
  const { proposed, current, reach, fields, not_counted, how_to_cache, example } = told;
  return html`
    ${proposed.counts ? counts(proposed) : notice("warn", html`<p>Nothing of this is cached, so nothing can be counted.</p>
      ${how_to_cache ? html`<p>${how_to_cache}</p>` : nothing}`)}
    ${current ? changesView(told) : nothing}
    ${proposed.counts ? details(proposed, reach) : html`<p>${reach.words}</p>`}
    ${example ? exampleView(example) : nothing}
    <h3>Fields, group by group (${fields.filter((each) => each.shown.length).length} of ${fields.length} groups)</h3>${fieldsList(fields)}
    ${not_counted.length ? html`<h3>What was not counted</h3><ul>${not_counted.map((each) => html`<li>${each}</li>`)}</ul>` : nothing}
    ${proposed.counted_over.length ? html`<p class="small">Counted over what was read ${proposed.counted_over.map(source)}.</p>` : nothing}`;
}

function source(each) {
  return html`${time(each.read_at)} (${each.pages_counted} of ${plural(each.pages, "page")}) `;
}

function counts({ counts: { incidents, schools, students }, fields }) {
  const of = (part, whole, name) => html`<li><strong>${number(part)}</strong> of ${number(whole)}<span>${name}</span></li>`;
  return html`<ul class="sums">
    ${of(incidents.in, incidents.all, "incidents")} ${of(schools.in, schools.all, "schools")}
    ${of(fields.shown, fields.documented, "fields")}
    <li><strong>${number(students.numbered)}</strong><span>students in these incidents</span></li>
  </ul>`;
}

function changesView({ proposed, current, changes, sentences }) {
  const line = (each) => html`<li class=${changes.find((change) => change.sentence === each)?.change ?? ""}>${each}</li>`;
  const list = (told) => html`<ul class="changes">${told.map(line)}</ul>`;
  if (!sentences.length) return html`<h3>Against what it sees now</h3><p class="empty">Nothing is cached that both could be counted over.</p>`;
  if (JSON.stringify(proposed.scope.fields) !== JSON.stringify(current.scope.fields)) {
    return html`<h3>Against what it sees now</h3>${list(sentences)}`;
  }
  // With incidents go their fields: that is no change of the fields.
  const ofRows = sentences.filter((each) => !changes.some((change) => change.sentence === each));
  const ofFields = sentences.filter((each) => !ofRows.includes(each));
  return html`<h3>Against what it sees now</h3>
    ${ofRows.length ? list(ofRows) : nothing}
    ${ofFields.length ? html`<p>The fields stay the same. What goes or comes does so with its incidents.</p>
      <details><summary>What these incidents hold</summary>${list(ofFields)}</details>` : nothing}`;
}

function details({ counts: { incidents, schools, students, period, period_in } }, reach) {
  return html`
    <h3>Incidents in and out</h3>
    ${facts([
      ["Counted from", html`${day(period.first)} to ${day(period.last)}`],
      ["Counted and shown from", incidents.in ? html`${day(period_in.first)} to ${day(period_in.last)}` : "no incident"],
      ["Earliest date it can reach", day(reach.earliest, "no bound")],
      ["Latest date it can reach", day(reach.latest, "no bound")],
      ["Entries without a student's number", students.entries_without_a_number || null],
    ])}
    <p>${reach.words}</p>
    ${incidents.out_by_reason.length ? html`<ul>${incidents.out_by_reason.map((each) => html`
      <li>${plural(each.incidents, "incident")} left out: ${each.words}</li>`)}</ul>` : nothing}
    <details><summary>Schools in and out (${schools.in} of ${schools.all})</summary>
      ${table("Schools in and out", [
        ["School", (row) => html`<code>${row.code}</code> ${row.name ?? ""}`, "main"],
        ["Incidents", (row) => number(row.incidents), "number"],
        ["Shown", (row) => number(row.in), "number"],
      ], schools.list, "No school.")}
      ${schools.more ? html`<p>${plural(schools.more, "more school")}.</p>` : nothing}
      ${schools.incidents_without_a_school ? html`<p>${plural(schools.incidents_without_a_school, "incident")} without a school.</p>` : nothing}
    </details>`;
}

export function fieldsList(fields) {
  return html`<ul class="groups">${fields.map((each) => html`
    <li class=${each.shown.length ? "some" : "none"}>
      <strong>${each.label}</strong>
      ${each.shown.length && each.warning ? html`<p class="warning">${each.warning}</p>` : nothing}
      ${each.shown.length ? html`<p>Shown: ${each.shown.join(", ")}</p>` : nothing}
      ${each.withheld.length ? html`<p class="quiet">Withheld: ${each.withheld.join(", ")}</p>` : nothing}
    </li>`)}</ul>`;
}

function exampleView({ kind, upstream, current, proposed }) {
  const real = kind === "real";
  return html`
    <h3>One incident, before and after</h3>
    ${real ? notice("warn", "A real incident: that you saw it is on record as a disclosure.") : html`<p>An invented incident, as it passes through this scope.</p>`}
    ${current
      ? html`${sideBySide("The vendor gets now", current, "The vendor would get", proposed)}
        <details><summary>What EducatorsHandbook.com has</summary>${sideBySide("It has", upstream, "The vendor would get", proposed)}</details>`
      : sideBySide("EducatorsHandbook.com has", upstream, "The vendor would get", proposed)}`;
}
