// Changing what a vendor sees, with what it would see beside it.

import { html } from "/console/vendor/lit-html.js";
import { get, ofIntegration, Problem, put } from "/console/api.js";
import { confirm } from "/console/dialog.js";
import { focusProblem, notice, problem } from "/console/parts.js";
import { LivePreview } from "/console/live_preview.js";
import { readCatalogue, ScopeForm, UPSTREAM_VIEW } from "/console/scope_form.js";

export async function openScope(context) {
  const [district, id] = context.ids;
  const path = ofIntegration(district, id);
  const [{ integration }, words] = await Promise.all([get(path), readCatalogue()]);
  const page = { context, path, integration, failed: null, busy: false };
  page.form = new ScopeForm(integration.scope, words, () => page.preview.soon());
  page.preview = new LivePreview(district, page.form, id, context.draw);
  page.preview.ask("synthetic");
  return { title: `What ${integration.vendor} sees`, view: () => view(page), leave: () => page.preview.stop(), unsaved: () => page.form.touched };
}

function view(page) {
  const { integration } = page;
  const back = `#/d/${integration.district}/integrations/${integration.id}`;
  return html`
    <p class="trail"><a href="#/d/${integration.district}/integrations">Integrations</a> / <a href=${back}>${integration.vendor}</a></p>
    <h1 tabindex="-1">What ${integration.vendor} sees</h1>
    <div class="editor">
      <form @submit=${(event) => save(event, page)}>
        ${page.form.view()}
        ${page.failed?.status === 412 ? overtaken(page) : problem(page.failed)}
        <p class="actions sticky">
          <button class="main" ?disabled=${page.busy || !page.preview.ready()}>${page.busy ? "Saving …" : "Save"}</button>
          <a class="button" href=${back}>Leave it as it was</a>
        </p>
      </form>
      ${page.preview.view()}
    </div>`;
}

function overtaken(page) {
  return notice("bad", html`<div role="alert"><p><strong>Somebody changed this integration while you were at it.</strong> Nothing was
    saved. Look at what is there now, then decide.</p>
    <p><button type="button" @click=${page.context.again}>Show what is there now</button></p></div>`);
}

async function save(event, page) {
  event.preventDefault();
  if (!page.preview.ready()) return;
  const scope = page.form.scope();
  const { version } = page.integration;
  const send = (confirmed) => put(`${page.path}/scope`, confirmed ? { scope, confirm: UPSTREAM_VIEW } : { scope }, version);
  if (scope.fields === UPSTREAM_VIEW) {
    if (await confirmUpstream(() => send(true))) done(page);
    return;
  }
  Object.assign(page, { busy: true, failed: null });
  page.context.draw();
  try {
    await send(false);
    done(page);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    page.failed = error;
  }
  page.busy = false;
  page.context.draw();
  focusProblem();
}

function done(page) {
  page.form.touched = false;
  page.context.go(`/d/${page.integration.district}/integrations/${page.integration.id}`);
}

export const UPSTREAM_WARNING = html`<p>This shows every record whole, what is undocumented too. It is for the district's own systems only,
  and takes all types, all schools, no bound of dates, and deleted incidents.</p>`;

/** It is typed by a person. */
function confirmUpstream(run) {
  return confirm({
    title: "Everything, byte for byte", text: UPSTREAM_WARNING, action: "Grant it", danger: true, typed: UPSTREAM_VIEW, run,
  });
}
