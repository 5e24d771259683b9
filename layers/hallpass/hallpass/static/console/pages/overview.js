// One look at the district: what vendors did, and what wants attention.

import { html, nothing } from "/console/vendor/lit-html.js";
import { all, get, ofDistrict } from "/console/api.js";
import { facts, notice, table } from "/console/parts.js";
import { callsChart, failed, hitChart, readUse, refused, SHOWN_DAYS, total } from "/console/use.js";
import { day, daysUntil, number, percent, plural, time } from "/console/words.js";

const AHEAD = 90;

export async function openOverview({ ids, district }) {
  const path = ofDistrict(ids[0]);
  const [status, integrations, use] = await Promise.all([
    get(`${path}/status`),
    all(`${path}/integrations`, "integrations"),
    readUse(path),
  ]);
  const names = new Map(integrations.map((each) => [each.id, each.vendor]));
  return { title: district.name, view: () => view(district, status, names, use) };
}

function view(district, status, names, use) {
  const sum = total(use);
  const base = `#/d/${district.id}`;
  return html`
    <h1 tabindex="-1">${district.name}</h1>
    ${district.status === "ended" ? notice("bad", "This district has ended: nothing is answered any more.") : nothing}
    <ul class="tiles">
      ${tile("Integrations", status.integrations.active, rest(status.integrations), `${base}/integrations`)}
      ${tile(`Calls, ${SHOWN_DAYS} days`, sum.requests, `${number(sum.incidents)} incidents sent`)}
      ${tile("From the cache", percent(sum.cached, sum.answers), "of answers with data")}
      ${tile("Refused", refused(sum), `and ${number(failed(sum))} failed`, `${base}/audit`)}
      ${tile("Tokens in use", status.tokens.alive, `${status.tokens.dormant.length} not used for long`)}
      ${tile("Quarantined", status.quarantined_paths, `withheld; ${number(status.quarantined_unreviewed)} not reviewed`, `${base}/quarantine`)}
    </ul>
    <section aria-labelledby="attention"><h2 id="attention">What wants attention</h2>${attention(status, names, base)}</section>
    <section aria-labelledby="use"><h2 id="use">Use</h2>
      ${use.complete ? nothing : notice("warn", "There is more than could be counted in this time: the numbers are too low.")}
      <div class="two-charts">${callsChart(use)}${hitChart(use)}</div>
      ${refusals(sum)}
    </section>
    <section aria-labelledby="record"><h2 id="record">The record</h2>${record(status.ledger)}</section>`;
}

function rest({ draft, paused, ended }) {
  return `active; ${draft} draft, ${paused} paused, ${ended} ended`;
}

function tile(name, value, told, target) {
  const shown = typeof value === "number" ? number(value) : value;
  const title = target ? html`<a href=${target}>${name}</a>` : name;
  return html`<li><span class="name">${title}</span><strong>${shown}</strong><span class="small">${told}</span></li>`;
}

function attention(status, names, base) {
  const { expiring, dormant } = status.tokens;
  const soon = [...expiring].sort((one, other) => one.expires_at.localeCompare(other.expires_at));
  const said = [
    ...status.agreements.over.map((each) => [each.integration, html`Its agreement ${each.id} is over since ${day(each.ends_on)}.`]),
    ...status.agreements.ending.map((each) => [each.integration, html`Its agreement ${each.id} ends on ${day(each.ends_on)}.`]),
    ...dormant.map((each) => [each.integration, html`Token ${each.id} is not used: revoke it if nobody needs it.`]),
  ];
  if (!soon.length && !said.length) return html`<p class="empty">Nothing: no token and no agreement is about to end.</p>`;
  const link = (id) => html`<a href="${base}/integrations/${id}">${names.get(id) ?? id}</a>`;
  return html`
    ${soon.length ? expiry(soon, names) : nothing}
    ${table("Tokens that expire", [
      ["Vendor", (row) => link(row.integration), "main"],
      ["Token", (row) => html`<code>${row.id}</code>`],
      ["Expires", (row) => time(row.expires_at)],
    ], soon, "No token is about to expire.")}
    ${said.length ? html`<ul>${said.map(([id, text]) => html`<li>${link(id)}: ${text}</li>`)}</ul>` : nothing}`;
}

function expiry(tokens, names) {
  const left = tokens.map((each) => Math.max(0, daysUntil(each.expires_at)));
  const told = `${plural(tokens.length, "token")}; the first in ${plural(left[0], "day")}.`;
  return html`
    <figure class="chart">
      <figcaption><strong>Tokens that expire</strong> <span>${told}</span></figcaption>
      <ul class="meters">${tokens.map((each, at) => html`
        <li><label for="left-${at}">${names.get(each.integration) ?? each.integration}, token ${each.id}</label>
          <meter id="left-${at}" min="0" max=${AHEAD} low="14" high="30" optimum="60" value=${left[at]}></meter>
          <span>${plural(left[at], "day")}</span></li>`)}
      </ul>
    </figure>`;
}

function refusals(sum) {
  const slugs = Object.entries({ ...sum.denials, ...sum.failures }).sort((one, other) => other[1] - one[1]);
  if (!slugs.length) return nothing;
  return html`<h3>Why calls were refused or failed</h3>
    ${table("Refusals by problem", [
      ["Problem", ([slug]) => html`<code>${slug}</code>`, "main"],
      ["Calls", ([, count]) => number(count), "number"],
    ], slugs, "")}`;
}

function record(ledger) {
  const state = ledger.index === "ok"
    ? ledger.indexed_until
      ? html`complete until ${time(ledger.indexed_until)}`
      : "is being made; it is complete within minutes"
    : "cannot be read now";
  return facts([
    ["Every request is on record since", time(ledger.since, "not yet")],
    ["The index of persons", state],
  ]);
}
