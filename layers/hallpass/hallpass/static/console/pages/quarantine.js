// What EducatorsHandbook.com sent and nobody documented: withheld from every scope until Hallpass knows what it is.

import { html } from "/console/vendor/lit-html.js";
import { all, ofDistrict } from "/console/api.js";
import { notice, table } from "/console/parts.js";
import { number, time } from "/console/words.js";

export async function openQuarantine({ ids }) {
  const found = await all(`${ofDistrict(ids[0])}/quarantine`, "quarantine");
  return { title: "Quarantine", view: () => view(found) };
}

function view(found) {
  return html`
    <h1 tabindex="-1">Quarantine</h1>
    <p>Places in the records that the upstream's documentation does not name. What stands there may be about a child, so no
      vendor gets it, under any preset but <code>upstream@1</code> as XML. Only the place is kept here, never what it held.</p>
    ${table("Quarantined paths", [
      ["Path", (row) => html`<code>${row.path}</code>`, "main"],
      ["First seen", (row) => time(row.first_seen)],
      ["Last seen", (row) => time(row.last_seen)],
      ["How often", (row) => number(row.nodes), "number"],
      ["In the logs as", (row) => html`<code>${row.logged_as}</code>`],
    ], found, "Nothing: all that was sent is documented.")}
    ${found.length ? notice("plain", html`
      <p><strong>What to do.</strong> Nothing leaks and nothing else is held up. Look into EducatorsHandbook.com whether your
        district began to fill a field lately, or ask its support what the element is. Once it is documented, a new
        version of Hallpass knows it, puts it into a group, and it can be granted by that group's name: no vendor gets it
        by itself.</p>`) : ""}`;
}
