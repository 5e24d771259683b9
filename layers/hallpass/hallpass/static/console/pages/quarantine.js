// What EducatorsHandbook.com sent and nobody documented, and what came of looking into it.
// Rule: a review releases nothing; a place is withheld from every scope until Hallpass knows what it is.

import { html, nothing } from "/console/vendor/lit-html.js";
import { all, ofDistrict, post } from "/console/api.js";
import { confirm } from "/console/dialog.js";
import { choice, notice, table, values } from "/console/parts.js";
import { nameOf, readPeople } from "/console/people.js";
import { mayChange } from "/console/session.js";
import { number, time } from "/console/words.js";

const FINDINGS = [
  ["asked-upstream", "We have asked EducatorsHandbook.com what it is"],
  ["known-harmless", "We know what it is: nothing about a person"],
  ["contains-personal-data", "It holds something about a person"],
];
const wordsOf = new Map(FINDINGS);

export async function openQuarantine(context) {
  const path = `${ofDistrict(context.ids[0])}/quarantine`;
  const page = { context, path, done: null };
  page.reload = async () => {
    const [found, people] = await Promise.all([all(path, "quarantine"), readPeople()]);
    Object.assign(page, { found, people });
    context.draw();
  };
  await page.reload();
  return { title: "Quarantine", view: () => view(page) };
}

function view(page) {
  const { found } = page;
  return html`
    <h1 tabindex="-1">Quarantine</h1>
    <p>Places in the records that the upstream's documentation does not name. What stands there may be about a child, so no
      vendor gets it, under any preset but <code>upstream@1</code> as XML. Only the place is kept here, never what it held.</p>
    <p role="status">${page.done ?? ""}</p>
    ${table("Quarantined paths", [
      ["Path", (row) => html`<code>${row.path}</code>`, "main"],
      ["First seen", (row) => time(row.first_seen)],
      ["Last seen", (row) => time(row.last_seen)],
      ["How often", (row) => number(row.nodes), "number"],
      ["In the logs as", (row) => html`<code>${row.logged_as}</code>`],
      ["Reviewed", (row) => reviewed(page, row)],
      ...(mayChange() ? [["", (row) => html`
        <button type="button" @click=${() => review(page, row)}>Review<span class="unseen"> ${row.path}</span></button>`]] : []),
    ], found, "Nothing: all that was sent is documented.")}
    ${found.length ? notice("plain", html`
      <p><strong>What to do.</strong> Nothing leaks and nothing else is held up. Look into EducatorsHandbook.com whether your
        district began to fill a field lately, or ask its support what the element is, and say here what came of it: then
        everybody sees that it was looked into, and what is new stands out. A review releases nothing. Once the element is
        documented, a new version of Hallpass knows it, puts it into a group, and it can be granted by that group's name: no
        vendor gets it by itself.</p>`) : nothing}`;
}

function reviewed(page, { review: said }) {
  if (!said) return "not yet";
  return html`${wordsOf.get(said.as) ?? said.as}<br>
    <span class="small">${time(said.at)} by ${nameOf(page.people, said.by)}</span>`;
}

function review(page, row) {
  return confirm({
    title: "Say what came of it",
    text: html`<p><code>${row.path}</code> stays withheld, whatever you say. Your name and the time are kept with it.</p>`,
    fields: () => choice("as", "What came of looking into it", FINDINGS, { value: row.review?.as ?? FINDINGS[0][0] }),
    action: "Keep the review",
    run: async (form) => {
      await post(`${page.path}/review`, { path: row.path, as: values(form).as });
      page.done = "The review is kept.";
      await page.reload();
    },
  });
}
