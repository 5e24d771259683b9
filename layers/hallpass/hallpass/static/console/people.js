// Names of who did something. An auditor may not read the list and sees ids.

import { html } from "/console/vendor/lit-html.js";
import { all } from "/console/api.js";
import { current, mayChange } from "/console/session.js";

/** Names by id. */
export async function readPeople() {
  const { person } = current();
  const listed = mayChange() ? await all("/people", "people") : [];
  return new Map([person, ...listed].map((each) => [each.id, each.name]));
}

export function nameOf(people, id) {
  if (id === "bootstrap") return "the deployment";
  // Whom a district-admin cannot see belongs to no district.
  return people.get(id) ?? (mayChange() ? html`an operator (<code>${id}</code>)` : html`<code>${id}</code>`);
}
