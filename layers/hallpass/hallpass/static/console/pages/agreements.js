// The register: who receives what, why, until when, and what it was really sent.

import { html, nothing } from "/console/vendor/lit-html.js";
import { all, ofDistrict } from "/console/api.js";
import { facts } from "/console/parts.js";
import { download } from "/console/sheet.js";
import { badge, day, time } from "/console/words.js";

const TITLES = ["vendor", "contact", "purpose", "agreement", "ends on", "state", "incidents", "data elements", "data received"];

export async function openAgreements({ ids }) {
  const found = await all(`${ofDistrict(ids[0])}/agreements`, "agreements");
  const write = () => download(`agreements-${ids[0]}.csv`, TITLES, found.map((each) => [
    each.vendor, each.contact, each.purpose, each.agreement.id, each.agreement.ends_on, each.status,
    each.incidents.join("; "), each.elements.join("; "),
    each.received.map((one) => `${one.fields} ${one.first_day} to ${one.last_day}`).join("; "),
  ]));
  return { title: "Agreements", view: () => view(found, write) };
}

function view(found, write) {
  return html`
    <div class="heading"><h1 tabindex="-1">Agreements</h1>
      ${found.length ? html`<p class="actions unprinted"><button type="button" @click=${write}>Download (CSV)</button>
        <button type="button" @click=${() => print()}>Print</button></p>` : nothing}</div>
    ${found.length ? found.map(agreement) : html`<p class="empty">There is no agreement.</p>`}`;
}

function agreement(each) {
  const list = (texts) => html`<ul class="plain">${texts.map((text) => html`<li>${text}</li>`)}</ul>`;
  return html`
    <section class="card"><h2>${each.vendor} ${badge(each.status)}</h2>
      ${facts([
        ["Purpose", each.purpose],
        ["Contact", each.contact],
        ["Agreement", html`${each.agreement.id}, ends on ${day(each.agreement.ends_on)}`],
        ["Since", time(each.since)],
        ["Incidents", list(each.incidents)],
        ["Data elements", list(each.elements)],
        ["Was sent", each.received.length
          ? list(each.received.map((one) => html`<code>${one.fields}</code>: ${day(one.first_day)} to ${day(one.last_day)}`))
          : "nothing yet"],
      ])}
    </section>`;
}
