// A new integration: what was agreed, what the vendor sees, and then its token.

import { html } from "/console/vendor/lit-html.js";
import { newKey, ofDistrict, post, Problem } from "/console/api.js";
import { LivePreview } from "/console/live_preview.js";
import { problem } from "/console/parts.js";
import { NARROW, readCatalogue, ScopeForm, UPSTREAM_VIEW } from "/console/scope_form.js";
import { dayAfter } from "/console/words.js";
import { confirmUpstream } from "/console/pages/scope.js";
import { termsFields, termsOf } from "/console/pages/terms.js";

const NEW = { vendor: "", contact: "", purpose: "", agreement: { id: "", ends_on: dayAfter(364) } };

export async function openGrant(context) {
  const [district] = context.ids;
  const page = { context, district, failed: null, busy: false, key: newKey() };
  page.form = new ScopeForm(NARROW, await readCatalogue(), () => page.preview.soon());
  page.preview = new LivePreview(district, page.form, null, context.draw);
  page.preview.ask("synthetic");
  return { title: "New integration", view: () => view(page), leave: () => page.preview.stop() };
}

function view(page) {
  return html`
    <p class="trail"><a href="#/d/${page.district}/integrations">Integrations</a></p>
    <h1 tabindex="-1">New integration</h1>
    <form @submit=${(event) => save(event, page)}>
      <fieldset><legend>What was agreed</legend>${termsFields(NEW, page.failed)}</fieldset>
      <div class="editor"><div>${page.form.view()}</div>${page.preview.view()}</div>
      ${problem(page.failed)}
      <p class="actions sticky">
        <button class="main" name="as" value="active" ?disabled=${page.busy || page.form.lacks() !== ""}>
          ${page.busy ? "Saving …" : "Grant it"}</button>
        <button name="as" value="draft" ?disabled=${page.busy || page.form.lacks() !== ""}>Save as a draft</button>
      </p>
    </form>`;
}

async function save(event, page) {
  event.preventDefault();
  const body = { ...termsOf(event.target), scope: page.form.scope(), draft: event.submitter?.value === "draft" };
  const send = (confirmed) => {
    const sent = confirmed ? { ...body, confirm: UPSTREAM_VIEW } : body;
    return post(`${ofDistrict(page.district)}/integrations`, sent, { key: page.key });
  };
  if (body.scope.fields === UPSTREAM_VIEW) {
    const made = await confirmUpstream(() => send(true));
    if (made) done(page, made);
    return;
  }
  Object.assign(page, { busy: true, failed: null });
  page.context.draw();
  try {
    done(page, await send(false));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    page.failed = error;
    // The same key with another body would be refused: what is mended is another request.
    if (error.status) page.key = newKey();
  }
  page.busy = false;
  page.context.draw();
  document.querySelector(".notice.bad")?.scrollIntoView({ block: "nearest" });
}

function done(page, { integration }) {
  page.context.go(`/d/${page.district}/integrations/${integration.id}`);
}
