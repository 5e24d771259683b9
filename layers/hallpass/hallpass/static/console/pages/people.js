// Who may look after this district. Rule: a person's token is seen by that person alone, so one is invited.

import { html, nothing } from "/console/vendor/lit-html.js";
import { all, newKey, post } from "/console/api.js";
import { confirm, open } from "/console/dialog.js";
import { choice, field, notice, secret, table, toClipboard, values } from "/console/parts.js";
import { nameOf } from "/console/people.js";
import { current, role } from "/console/session.js";
import { tokenField, whole } from "/console/pages/sign_in.js";
import { badge, dayAfter, endOfDay, ROLES, time, zoneName } from "/console/words.js";

export async function openPeople(context) {
  const page = { context, district: context.district };
  page.reload = async () => {
    const [people, invitations] = await Promise.all([all("/people", "people"), all("/invitations", "invitations")]);
    Object.assign(page, { people, invitations });
    context.draw();
  };
  await page.reload();
  return { title: "People", view: () => view(page) };
}

function view(page) {
  const here = (each) => each.district === page.district.id || each.district === null;
  const people = page.people.filter(here);
  const living = people.filter((each) => !each.revoked_at);
  const gone = people.filter((each) => each.revoked_at);
  const names = new Map(page.people.map((each) => [each.id, each.revoked_at ? `${each.name} (revoked)` : each.name]));
  page.names = names;
  return html`
    <div class="heading"><h1 tabindex="-1">People</h1>
      <p class="actions"><button type="button" class="main" @click=${() => invite(page)}>Invite somebody</button></p></div>
    ${page.told?.length ? notice("warn", html`<p role="status"><strong>Whom that person brought in still has access:</strong>
      ${page.told.map((name) => html`${name}. `)} Revoke them too if you do not know them.</p>`) : nothing}
    ${table("People", columns(page, names), living, "Nobody.")}
    ${invitations(page, names, page.invitations.filter(here))}
    ${gone.length ? html`<details><summary>Revoked (${gone.length})</summary>${table("Revoked people", columns(page, names), gone, "")}</details>` : nothing}`;
}

function columns(page, names) {
  return [
    ["Name", (row) => row.name, "main"],
    ["Role", (row) => badge(row.role)],
    ["Reaches", (row) => (row.district === null ? "every district" : page.district.name)],
    ["Since", (row) => html`${time(row.created_at)} by ${nameOf(names, row.created_by)}`],
    ["Access ends", (row) => (row.revoked_at ? time(row.revoked_at) : time(row.token?.expires_at, "no token"))],
    ["", (row) => (mine(row) ? html`<button type="button" @click=${() => rotate(page, row)}>Rotate my token</button>` : revocable(row) ? html`
      <button type="button" class="danger" @click=${() => revoke(page, row)}>Revoke<span class="unseen"> ${row.name}</span></button>` : nothing)],
  ];
}

const mine = (person) => person.id === current().person.id;

function revocable(person) {
  return !person.revoked_at && (role() === "operator" || person.district !== null);
}

function invitations(page, names, found) {
  if (!found.length) return nothing;
  return html`<h2>Open invitations</h2>
    ${table("Open invitations", [
      ["Name", (row) => row.name, "main"],
      ["Role", (row) => badge(row.role)],
      ["Invited", (row) => html`${time(row.invited_at)} by ${nameOf(names, row.invited_by)}`],
      ["The code holds until", (row) => time(row.expires_at)],
      ["", (row) => html`<button type="button" @click=${() => withdraw(page, row)}>Withdraw<span class="unseen"> ${row.name}'s</span></button>`],
    ], found, "")}`;
}

async function invite(page) {
  const key = newKey();
  const roles = Object.entries(ROLES).filter(([name]) => name !== "operator");
  const most = current().access_ends.slice(0, 10);
  const year = dayAfter(364);
  const made = await confirm({
    title: "Invite somebody",
    text: html`<p>They get a code that works once, and with it a token that nobody else has seen. So that nobody does this from a tab
      that was left open, it takes your admin token.</p>`,
    fields: (failed) => html`
      ${field("name", "Name", { required: true, most: 200, failed })}
      ${choice("role", "Role", roles, { value: "auditor" })}
      ${field("expires_at", "Access ends at the end of", { type: "date", value: most < year ? most : year, min: dayAfter(0), max: most, required: true, failed, hint: `In ${zoneName()}; not after your own.` })}
      ${tokenField("token", "Your admin token", "It begins with hp_admin_.")}`,
    action: "Invite",
    run: (form) => {
      const { token, ...said } = values(form);
      const end = endOfDay(said.expires_at);
      const expires_at = end > current().access_ends ? current().access_ends : end;
      return post("/invitations", { ...said, expires_at, district: page.district.id }, { key, token: whole("admin", token) });
    },
  });
  if (made) await shown(page, `The invitation of ${made.invitation.name}`, made.code, html`
    Send it to them. It works once, until ${time(made.invitation.expires_at)}, on this page: <code>${location.origin}/console</code>`);
}

async function shown(page, title, text, told) {
  let copied = "";
  await open(title, ({ close, draw }) => html`
    ${text === null ? html`<p>It was made before and the answer with it was lost: withdraw it and make another.</p>` : html`<p>${told}</p>
      ${secret(text, copied, async () => {
        copied = await toClipboard(text);
        draw();
      })}`}
    <p class="actions"><button type="button" @click=${() => close(true)}>Done</button></p>`, { leave: false });
  await page.reload();
}

async function rotate(page, person) {
  const key = newKey();
  const made = await confirm({
    title: "Rotate my token",
    text: html`<p>You get a new one; the old one holds on for the overlap. It ends when the old one would have.</p>`,
    fields: (failed) => html`
      ${field("overlap_days", "Overlap in days", { type: "number", value: 1, min: 0, max: 30, required: true, failed })}
      ${tokenField("token", "Your present admin token", "It begins with hp_admin_.")}`,
    action: "Rotate",
    run: (form) => {
      const { overlap_days, token } = values(form);
      return post(`/people/${person.id}/rotate`, { overlap_days: Number(overlap_days) }, { key, token: whole("admin", token) });
    },
  });
  if (made) await shown(page, "Your new admin token", made.token, "It is shown now and never again: keep it in a password manager.");
}

function revoke(page, person) {
  return confirm({
    title: `Revoke ${person.name}`,
    text: html`<p>Their token, their session and the invitations that they wrote end now. It cannot be taken back.</p>`,
    action: "Revoke", danger: true,
    run: async () => {
      const { brought_in } = await post(`/people/${person.id}/revoke`);
      await page.reload();
      page.told = brought_in.map((id) => nameOf(page.names, id));
      page.context.draw();
    },
  });
}

function withdraw(page, invitation) {
  return confirm({
    title: `Withdraw ${invitation.name}'s invitation`, text: "The code works no more.", action: "Withdraw", danger: true,
    run: async () => {
      await post(`/invitations/${invitation.id}/withdraw`);
      await page.reload();
    },
  });
}
