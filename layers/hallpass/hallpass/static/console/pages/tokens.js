// A vendor's tokens and claim links. Rule: a token's text is shown once, here or on the vendor's own screen.

import { html, nothing } from "/console/vendor/lit-html.js";
import { call, newKey, post } from "/console/api.js";
import { confirm, open } from "/console/dialog.js";
import { choice, field, notice, secret, table, toClipboard, values } from "/console/parts.js";
import { nameOf } from "/console/people.js";
import { badge, dayAfter, endOfDay, time, zoneName } from "/console/words.js";

const OVER = new Set(["revoked", "expired", "void"]);
const LINK_HOURS = [["24", "a day"], ["2", "two hours"], ["72", "three days"]];

export function tokensSection(page) {
  return (may) => html`
    <section aria-labelledby="tokens">
      <div class="heading"><h2 id="tokens">Tokens</h2>
        ${may ? html`<p class="actions">
          <button type="button" class="main" @click=${() => issue(page)}>Issue a token</button>
          <button type="button" @click=${() => makeLink(page)}>Make a claim link</button></p>` : nothing}
      </div>
      ${table("Tokens", columns(page, may), page.tokens.filter((each) => !OVER.has(each.status)), "No token is in use.")}
      ${past(page)}
      ${page.claims.length ? html`<h3>Claim links</h3>
        ${table("Claim links", claimColumns(page, may), page.claims, "")}` : nothing}
    </section>`;
}

function columns(page, may) {
  return [
    ["Token", (row) => html`<code>${row.id}</code>`, "main"],
    ["State", (row) => badge(row.status)],
    ["Issued", (row) => html`${time(row.issued_at)} by ${nameOf(page.people, row.issued_by)}`],
    ["Expires", (row) => time(row.expires_at)],
    ["Last used", (row) => time(row.last_used)],
    ...(may ? [["", (row) => tokenActions(page, row)]] : []),
  ];
}

function past(page) {
  const over = page.tokens.filter((each) => OVER.has(each.status));
  if (!over.length) return nothing;
  return html`<details><summary>Over (${over.length})</summary>${table("Tokens that are over", columns(page, false), over, "")}</details>`;
}

function tokenActions(page, token) {
  const path = `${page.path}/tokens/${token.id}`;
  const changed = (action) => async () => {
    await post(`${path}/${action}`);
    await page.reload();
  };
  const asked = (title, text, action, danger) => () => confirm({ title, text, action: title.split(" ")[0], danger, run: changed(action) });
  const named = html`<span class="unseen"> token ${token.id}</span>`;
  return html`<p class="actions tight">
    <button type="button" @click=${() => rotate(page, token)}>Rotate${named}</button>
    ${token.status === "paused"
      ? html`<button type="button" @click=${asked(`Resume token ${token.id}`, "It holds again.", "resume", false)}>Resume${named}</button>`
      : html`<button type="button" @click=${asked(`Pause token ${token.id}`, "It is refused until you resume it.", "pause", false)}>Pause${named}</button>`}
    <button type="button" class="danger" @click=${asked(`Revoke token ${token.id}`, "It ends now and for good.", "revoke", true)}>Revoke${named}</button>
  </p>`;
}

function expiryField(page, failed) {
  const last = page.integration.agreement.ends_on;
  const year = dayAfter(364);
  const value = last < year ? last : year;
  return field("expires_at", "Expires at the end of", {
    type: "date", value, required: true, failed, min: dayAfter(0), max: last,
    hint: `In ${zoneName()}; not after the agreement's end.`,
  });
}

async function issue(page) {
  const key = newKey();
  const made = await confirm({
    title: "Issue a token",
    text: html`<p>${page.integration.vendor} gets a token that shows what its integration grants.</p>`,
    fields: (failed) => expiryField(page, failed),
    action: "Issue",
    run: (form) => post(`${page.path}/tokens`, { expires_at: endOfDay(values(form).expires_at) }, { key }),
  });
  if (made) await shown(page, "The new token", made);
}

async function rotate(page, token) {
  const key = newKey();
  const made = await confirm({
    title: `Rotate token ${token.id}`,
    text: html`<p>A successor is issued; the old one holds on until the overlap is over, so that nothing breaks.</p>`,
    fields: (failed) => field("overlap_days", "Overlap in days", { type: "number", value: 7, min: 0, max: 30, required: true, failed }),
    action: "Rotate",
    run: (form) => post(`${page.path}/tokens/${token.id}/rotate`, { overlap_days: Number(values(form).overlap_days) }, { key }),
  });
  if (made) await shown(page, "The successor", made);
}

async function shown(page, title, made) {
  let copied = "";
  if (made.token === null) await open(title, ({ close }) => lost(made, close));
  else {
    await open(title, ({ close, draw }) => html`
      <p>Token <code>${made.id}</code>, for ${page.integration.vendor}. It is shown now and never again; send it by a way
        that only the vendor reads. A claim link does that for you.</p>
      ${secret(made.token, copied, async () => {
        copied = await toClipboard(made.token);
        draw();
      })}
      <p class="actions"><button type="button" @click=${() => close(true)}>Done: it is kept</button></p>`, { leave: false });
  }
  await page.reload();
}

function lost(made, close) {
  return html`
    ${notice("warn", html`<p>Token <code>${made.id}</code> was issued before, and the answer with its text was lost.
      Nobody can read it any more: revoke it and issue another, or rotate it.</p>`)}
    <p class="actions"><button type="button" @click=${() => close(true)}>Close</button></p>`;
}

async function makeLink(page) {
  const key = newKey();
  const made = await confirm({
    title: "Make a claim link",
    text: html`<p>The vendor opens the link and presses a button; then the token is issued and shown to them, once. You never
      see it, and who opened it when is on record.</p>`,
    fields: (failed) => html`${expiryField(page, failed)}
      ${choice("valid_hours", "The link holds for", LINK_HOURS, { value: "24" })}`,
    action: "Make the link",
    run: (form) => {
      const { expires_at, valid_hours } = values(form);
      return post(`${page.path}/claims`, { expires_at: endOfDay(expires_at), valid_hours: Number(valid_hours) }, { key });
    },
  });
  if (!made) return;
  await showLink(page, made);
  await page.reload();
}

function showLink(page, made) {
  if (made.claim_url_path === null) {
    return open("The claim link", ({ close }) => html`
      ${notice("warn", html`<p>The link was made before, and the answer with it was lost. Withdraw it and make another.</p>`)}
      <p class="actions"><button type="button" @click=${() => close(true)}>Close</button></p>`);
  }
  const link = location.origin + made.claim_url_path;
  let copied = "";
  return open("The claim link", ({ close, draw }) => html`
    <p>Send it to ${page.integration.contact}. It works once, until ${time(made.expires_at)}.</p>
    ${secret(link, copied, async () => {
      copied = await toClipboard(link);
      draw();
    })}
    <p class="actions"><button type="button" @click=${() => close(true)}>Done</button></p>`, { leave: false });
}

function claimColumns(page, may) {
  const withdraw = (row) => () => confirm({
    title: "Withdraw the claim link", text: "Nobody can use it any more.", action: "Withdraw", danger: true,
    run: async () => {
      await call("DELETE", `${page.path}/claims/${row.id}`);
      await page.reload();
    },
  });
  return [
    ["Link", (row) => html`<code>${row.id}</code>`, "main"],
    ["State", (row) => badge(row.status)],
    ["Made", (row) => html`${time(row.made_at)} by ${nameOf(page.people, row.made_by)}`],
    ["Holds until", (row) => time(row.expires_at)],
    ["Opened", (row) => (row.claimed_at ? html`${time(row.claimed_at)} from ${row.claimed_from}; token <code>${row.token}</code>` : "not yet")],
    ...(may ? [["", (row) => (row.status === "open" ? html`<button type="button" @click=${withdraw(row)}>Withdraw<span class="unseen"> link ${row.id}</span></button>` : nothing)]] : []),
  ];
}
