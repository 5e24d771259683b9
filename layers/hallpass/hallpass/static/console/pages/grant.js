// A new integration: what was agreed, what the vendor sees, and then its token.

import { html } from "/console/vendor/lit-html.js";
import { newKey, ofDistrict, post, Problem } from "/console/api.js";
import { confirm } from "/console/dialog.js";
import { LivePreview } from "/console/live_preview.js";
import { NARROW, readCatalogue, ScopeForm, UPSTREAM_VIEW } from "/console/scope_form.js";
import { dayAfter, number, plural } from "/console/words.js";
import { UPSTREAM_WARNING } from "/console/pages/scope.js";
import { termsFields, termsOf } from "/console/pages/terms.js";

const NEW = { vendor: "", contact: "", purpose: "", agreement: { id: "", ends_on: dayAfter(364) } };

export async function openGrant(context) {
  const [district] = context.ids;
  const page = { context, district, failed: null, touched: false, key: newKey() };
  page.form = new ScopeForm(NARROW, await readCatalogue(), () => page.preview.soon());
  page.preview = new LivePreview(district, page.form, null, context.draw);
  page.preview.ask("synthetic");
  return { title: "New integration", view: () => view(page), leave: () => page.preview.stop(), unsaved: () => page.touched || page.form.touched };
}

function view(page) {
  return html`
    <p class="trail"><a href="#/d/${page.district}/integrations">Integrations</a></p>
    <h1 tabindex="-1">New integration</h1>
    <form @submit=${(event) => save(event, page)} @input=${() => { page.touched = true; }}>
      <fieldset><legend>What was agreed</legend>${termsFields(NEW, page.failed)}</fieldset>
      <div class="editor"><div>${page.form.view()}</div>${page.preview.view()}</div>
      <p class="actions sticky">
        <button class="main" name="as" value="active" ?disabled=${!page.preview.ready()}>Grant it</button>
        <button name="as" value="draft" ?disabled=${!page.preview.ready()}>Save as a draft</button>
      </p>
    </form>`;
}

async function save(event, page) {
  event.preventDefault();
  if (!page.preview.ready()) return;
  const draft = event.submitter?.value === "draft";
  const body = { ...termsOf(event.target), scope: page.form.scope(), draft };
  const everything = body.scope.fields === UPSTREAM_VIEW;
  const made = await confirm({
    title: draft ? "Save as a draft" : `Grant this to ${body.vendor}`,
    text: html`${everything ? UPSTREAM_WARNING : html`<p>${summary(page.preview.told)}</p>`}
      ${draft ? html`<p>Nothing can be fetched until it is activated.</p>` : html`<p>It holds as soon as there is a token.</p>`}`,
    action: draft ? "Save the draft" : "Grant", danger: everything, typed: everything ? UPSTREAM_VIEW : null,
    run: () => send(page, everything ? { ...body, confirm: UPSTREAM_VIEW } : body),
  });
  if (made) done(page, made);
}

async function send(page, body) {
  try {
    return await post(`${ofDistrict(page.district)}/integrations`, body, { key: page.key });
  } catch (error) {
    // The same key with another body would be refused: what is mended is another request.
    if (error.status) page.key = newKey();
    if (error instanceof Problem) page.failed = error;
    page.context.draw();
    throw error;
  }
}

function summary(told) {
  if (!told?.proposed.counts) return "How many incidents that is could not be counted.";
  const { counts, fields } = told.proposed;
  return `${number(counts.incidents.in)} of ${number(counts.incidents.all)} incidents that are cached, ${counts.schools.in} of ` +
    `${plural(counts.schools.all, "school")}, ${fields.shown} of ${fields.documented} fields.`;
}

function done(page, { integration }) {
  page.touched = page.form.touched = false;
  page.context.go(`/d/${page.district}/integrations/${integration.id}`);
}
