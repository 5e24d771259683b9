// Every vendor that was granted something.

import { html, nothing } from "/console/vendor/lit-html.js";
import { all, ofDistrict } from "/console/api.js";
import { table } from "/console/parts.js";
import { mayChange } from "/console/session.js";
import { badge, day } from "/console/words.js";

export async function openIntegrations({ ids }) {
  const found = await all(`${ofDistrict(ids[0])}/integrations`, "integrations");
  const base = `#/d/${ids[0]}/integrations`;
  const living = found.filter((each) => each.status !== "ended");
  const ended = found.filter((each) => each.status === "ended");
  return { title: "Integrations", view: () => view(base, living, ended) };
}

function view(base, living, ended) {
  return html`
    <div class="heading">
      <h1 tabindex="-1">Integrations</h1>
      ${mayChange() ? html`<a class="button main" href="${base}/new">New integration</a>` : nothing}
    </div>
    <p>Each vendor sees what its integration grants, and nothing else.</p>
    ${table("Integrations", columns(base), living, "No vendor has been granted anything yet.")}
    ${ended.length ? html`
      <details><summary>Ended (${ended.length})</summary>
        ${table("Ended integrations", columns(base), ended, "")}</details>` : nothing}`;
}

function columns(base) {
  return [
    ["Vendor", (row) => html`<a href="${base}/${row.id}">${row.vendor}</a>`, "main"],
    ["State", (row) => badge(row.status)],
    ["Purpose", (row) => row.purpose],
    ["Fields", (row) => html`<code>${fieldsName(row.scope.fields)}</code>`],
    ["Agreement ends", (row) => day(row.agreement.ends_on)],
  ];
}

export function fieldsName(fields) {
  return typeof fields === "string" ? fields : `${fields.groups.length} groups`;
}
