// A new district, step by step, and how far it has come. Rule: what can be looked up is looked up, not ticked.

import { html, nothing } from "/console/vendor/lit-html.js";
import { all, newKey, ofDistrict, post, Problem } from "/console/api.js";
import { field, notice, problem, table, tick, values } from "/console/parts.js";
import { number, plural } from "/console/words.js";

export async function openNewDistrict(context) {
  const page = { context, failed: null, busy: false, account: null, said: {}, key: newKey() };
  return { title: "New district", view: () => newDistrict(page), leave: () => { page.said = {}; } };
}

function newDistrict(page) {
  return html`
    <h1 tabindex="-1">New district</h1>
    <ol class="steps">
      <li><h2>Enter the upstream token</h2>${credential(page)}</li>
      <li><h2>See that it is the right one</h2>
        ${page.account ? account(page) : html`<p class="empty">The schools will stand here once the token was tried.</p>`}</li>
    </ol>`;
}

function credential(page) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return html`
    <p>In EducatorsHandbook.com make a client access token for Hallpass alone. It is kept in a vault that only the gateway
      opens, and is never shown again.</p>
    <form @submit=${(event) => test(event, page)} @input=${() => untested(page)}>
      ${field("name", "District's name", { required: true, most: 200, failed: page.failed })}
      ${field("time_zone", "Time zone", { required: true, value: zone, failed: page.failed, hint: "As America/Chicago: whose midnight is a day's end." })}
      ${field("upstream_token", "Upstream token", { type: "password", required: true, failed: page.failed })}
      ${problem(page.account ? null : page.failed)}
      <p><button class="main" ?disabled=${page.busy}>${page.busy ? "Asking EducatorsHandbook.com …" : "Test it"}</button></p>
    </form>`;
}

/** What was tried is what is added: after a change it has to be tried anew. */
function untested(page) {
  if (!page.account) return;
  Object.assign(page, { account: null, failed: null });
  page.context.draw();
}

async function test(event, page) {
  event.preventDefault();
  page.said = values(event.target);
  await send(page, { ...page.said }, (told) => {
    page.account = told.account;
  });
}

async function send(page, body, then) {
  Object.assign(page, { busy: true, failed: null });
  page.context.draw();
  try {
    then(await post("/districts", body, { key: page.key }));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    page.failed = error;
  }
  // A test and what follows it are two requests.
  page.key = newKey();
  page.busy = false;
  page.context.draw();
}

function account(page) {
  const { incidents, total_pages, schools } = page.account;
  const create = () => send(page, { ...page.said, confirmed: true }, ({ district }) => {
    page.said = {};
    page.context.known(district);
    page.context.go(`/d/${district.id}/start`);
  });
  return html`
    <p>The token opens ${plural(total_pages, "page")} of incidents. On the first: ${plural(incidents, "incident")} of these schools.</p>
    ${table("Schools of the account", [
      ["School", (row) => html`<code>${row.code ?? "–"}</code> ${row.name ?? ""}`, "main"],
      ["Incidents", (row) => number(row.incidents), "number"],
    ], schools, "No school: the account may be empty, or the wrong one.")}
    ${problem(page.failed)}
    <p class="actions"><button type="button" class="main" ?disabled=${page.busy} @click=${create}>These are our schools: add the district</button></p>`;
}

export async function openChecklist(context) {
  const [district] = context.ids;
  const path = ofDistrict(district);
  const [people, invitations, integrations] = await Promise.all([
    all("/people", "people"), all("/invitations", "invitations"), all(`${path}/integrations`, "integrations"),
  ]);
  const living = integrations.filter((each) => each.status !== "ended");
  const tokens = await Promise.all(living.map((each) => all(`${path}/integrations/${each.id}/tokens`, "tokens")));
  const mine = (each) => each.district === district;
  const found = {
    admins: people.filter((each) => mine(each) && each.role === "district-admin" && each.token?.status === "active").length,
    invited: invitations.filter(mine).length,
    integrations: living.length,
    tokens: tokens.flat().filter((each) => each.status === "active").length,
    used: tokens.flat().filter((each) => each.last_used).length,
  };
  const page = { base: `#/d/${district}`, key: `hallpass.old-token.${district}`, found, draw: context.draw };
  return { title: "First steps", view: () => checklist(page) };
}

function checklist(page) {
  const { found, base } = page;
  const old = sessionStorage.getItem(page.key) === "yes";
  const ticked = (event) => {
    sessionStorage.setItem(page.key, event.target.checked ? "yes" : "no");
    page.draw();
  };
  return html`
    <h1 tabindex="-1">First steps</h1>
    <ol class="steps">
      ${step(true, "The upstream token is tried and kept", "It is in the vault, and nobody can read it here.")}
      ${step(found.admins > 0, "The district has an admin of its own", html`${found.invited ? html`${plural(found.invited, "invitation")} open. ` : nothing}
        <a href="${base}/people">Invite the data officer</a>: the district then grants by itself.`)}
      ${step(found.integrations > 0, "A vendor is granted something", html`<a href="${base}/integrations/new">New integration</a>: what was agreed, and
        what the vendor would see, beside each other.`)}
      ${step(found.tokens > 0, "The vendor has a token", html`On the page of the <a href="${base}/integrations">integration</a>: issue it, or make a
        claim link.`)}
      ${step(found.used > 0, "The vendor has used it", "So its program works without the old token.")}
      ${step(old, "The vendor's old token is revoked upstream", html`As long as the vendor has a token of EducatorsHandbook.com itself, it
        sees every record, whatever is granted here. Revoke it there, under the account's API settings; Hallpass cannot
        see whether you did.
        ${tick("old", "I have revoked it in EducatorsHandbook.com", { checked: old, changed: ticked, hint: "Remembered in this tab." })}`)}
    </ol>
    ${found.used && !old ? notice("warn", "The last step is the one that closes the door.") : nothing}`;
}

function step(done, title, told) {
  return html`<li class=${done ? "done" : "open"}><h2>${title} <span class="badge ${done ? "good" : "warn"}">${done ? "done" : "to do"}</span></h2>
    <div>${told}</div></li>`;
}
