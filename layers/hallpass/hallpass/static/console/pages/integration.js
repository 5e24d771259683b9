// One vendor: what was agreed, what it sees, its tokens, its limits, how it is used.

import { html, nothing } from "/console/vendor/lit-html.js";
import { all, get, ofIntegration, post } from "/console/api.js";
import { confirm } from "/console/dialog.js";
import { facts, notice, table } from "/console/parts.js";
import { nameOf, readPeople } from "/console/people.js";
import { readCatalogue } from "/console/scope_form.js";
import { mayChange } from "/console/session.js";
import { callsChart, readUse } from "/console/use.js";
import { badge, day, time } from "/console/words.js";
import { explainSection } from "/console/pages/explain.js";
import { settingsSection } from "/console/pages/settings.js";
import { editTerms } from "/console/pages/terms.js";
import { tokensSection } from "/console/pages/tokens.js";

export async function openIntegration(context) {
  const [district, id] = context.ids;
  const path = ofIntegration(district, id);
  const page = { context, path, base: `#/d/${district}/integrations/${id}`, words: await readCatalogue() };
  const load = async () => {
    const [found, tokens, claims, scopes, people, use] = await Promise.all([
      get(path), all(`${path}/tokens`, "tokens"), all(`${path}/claims`, "claims"), all(`${path}/scopes`, "scopes"),
      readPeople(), readUse(path),
    ]);
    Object.assign(page, { integration: found.integration, tokens, claims, scopes, people, use });
    page.title = found.integration.vendor;
  };
  page.reload = async () => {
    await load();
    context.draw();
  };
  await load();
  const explain = explainSection(page);
  const settings = settingsSection(page);
  const tokens = tokensSection(page);
  return { get title() { return page.title; }, view: () => view(page, { explain, settings, tokens }) };
}

function view(page, sections) {
  const { integration } = page;
  const open = mayChange() && integration.status !== "ended";
  return html`
    <p class="trail"><a href="#/d/${integration.district}/integrations">Integrations</a></p>
    <div class="heading">
      <h1 tabindex="-1">${integration.vendor} ${badge(integration.status)}</h1>
      ${open ? actions(page) : nothing}
    </div>
    ${integration.status === "draft" ? notice("warn", "A draft: tokens can be issued, and hold once it is activated.") : nothing}
    ${integration.status === "paused" ? notice("warn", "Paused: every request of this vendor is refused.") : nothing}
    ${agreement(page, open)} ${sees(page, open)} ${sections.tokens(open)}
    <section aria-labelledby="use"><h2 id="use">Use</h2>
      <p>Last used: ${time(page.use.last_used)}.</p>${callsChart(page.use)}
    </section>
    ${sections.explain()} ${sections.settings(open)}`;
}

function actions(page) {
  const { status } = page.integration;
  const changed = (action) => async () => {
    await post(`${page.path}/${action}`);
    await page.reload();
  };
  const ask = (title, text, action, label, danger = false) => () => confirm({ title, text, action: label, danger, run: changed(action) });
  return html`
    <p class="actions">
      ${status === "draft" ? html`<button class="main" type="button" @click=${ask("Activate", "From now on its tokens hold.", "activate", "Activate")}>Activate</button>` : nothing}
      ${status === "active" ? html`<button type="button" @click=${ask("Pause this vendor", "Every token is refused until you resume.", "pause", "Pause")}>Pause</button>` : nothing}
      ${status === "paused" ? html`<button class="main" type="button" @click=${ask("Resume", "Its tokens hold again.", "resume", "Resume")}>Resume</button>` : nothing}
      <button type="button" class="danger" @click=${ask(
        "Stop this vendor",
        "Every token ends now and for good, and every open claim link. To let the vendor in again you issue a new token.",
        "stop", "Stop this vendor", true)}>Stop this vendor</button>
    </p>`;
}

function agreement(page, open) {
  const { integration } = page;
  return html`
    <section aria-labelledby="agreed">
      <div class="heading"><h2 id="agreed">What was agreed</h2>
        ${open ? html`<button type="button" @click=${() => editTerms(page)}>Change what was agreed</button>` : nothing}</div>
      ${facts([
        ["Vendor", integration.vendor],
        ["Contact", integration.contact],
        ["Purpose", integration.purpose],
        ["Agreement", html`${integration.agreement.id}, ends on ${day(integration.agreement.ends_on)}`],
        ["Made", html`${time(integration.created_at)} by ${nameOf(page.people, integration.created_by)}`],
        ["Id", html`<code>${integration.id}</code>`],
      ])}
    </section>`;
}

function sees(page, open) {
  const { scope } = page.integration;
  const rows = [...page.scopes].sort((one, other) => other.scope_version - one.scope_version);
  return html`
    <section aria-labelledby="sees">
      <div class="heading"><h2 id="sees">${page.integration.status === "ended" ? "What it saw" : "What it sees"}</h2>
        ${open ? html`<a class="button" href="${page.base}/scope">Change what it sees</a>` : nothing}</div>
      ${facts([
        ["Types", scope.rows.types.join(", ")],
        ["Schools", scope.rows.schools === "all" ? "all" : scope.rows.schools.join(", ")],
        ["Dates", windowWords(scope.rows.window)],
        ["Deleted incidents", scope.rows.deleted ? "shown, as deleted" : "not shown"],
        ["Fields", fieldsWords(page.words, scope.fields)],
      ])}
      <details><summary>Versions of the scope (${rows.length})</summary>
        ${table("Versions of the scope", [
          ["Version", (row) => row.scope_version, "main"],
          ["Since", (row) => time(row.written_at)],
          ["By", (row) => nameOf(page.people, row.written_by)],
          ["Types", (row) => row.scope.rows.types.join(", ")],
          ["Schools", (row) => (row.scope.rows.schools === "all" ? "all" : row.scope.rows.schools.join(", "))],
          ["Dates", (row) => windowWords(row.scope.rows.window)],
          ["Deleted", (row) => (row.scope.rows.deleted ? "shown" : "not shown")],
          ["Fields", (row) => fieldsWords(page.words, row.scope.fields)],
        ], rows, "")}
      </details>
    </section>`;
}

function windowWords(window) {
  if (window === "unbounded") return "without a bound";
  return window.days ? `the last ${window.days} days` : html`${day(window.from)} to ${day(window.to)}`;
}

/** Every part of it: two scopes that differ read differently. */
function fieldsWords(words, fields) {
  const label = (kind, name) => words[kind].find((each) => each.name === name)?.label ?? name;
  if (typeof fields === "string") return html`<code>${fields}</code>: ${label("presets", fields)}`;
  return html`<ul class="plain">
    ${fields.groups.map((name) => html`<li>${label("groups", name)}</li>`)}
    <li>Victims: ${label("victims", fields.victims)}</li>
    <li>Numbers: ${label("numbers", fields.numbers)}</li>
  </ul>`;
}
