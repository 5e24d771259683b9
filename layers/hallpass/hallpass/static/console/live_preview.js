// A preview that follows a scope form: one question at a time, the newest one's answer.

import { html, nothing } from "/console/vendor/lit-html.js";
import { ofDistrict, post, Problem } from "/console/api.js";
import { confirm } from "/console/dialog.js";
import { problem } from "/console/parts.js";
import { role } from "/console/session.js";
import { previewView } from "/console/pages/preview.js";

const PAUSE = 400;

export class LivePreview {
  /** `compared`: an integration's id, or null. */
  constructor(district, form, compared, draw) {
    Object.assign(this, { district, form, compared, draw, told: null, failed: null, busy: false, timer: 0, asking: null });
  }

  /** After a change: asks once it has been quiet for a moment. */
  soon() {
    this.stop();
    if (this.form.lacks()) return this.draw();
    this.busy = true;
    this.timer = setTimeout(() => this.ask("synthetic"), PAUSE);
    this.draw();
  }

  async ask(example) {
    this.stop();
    const asking = (this.asking = new AbortController());
    this.busy = true;
    this.draw();
    try {
      const body = { scope: this.form.scope(), compare_with: this.compared, example };
      const told = await post(`${ofDistrict(this.district)}/preview`, body, { signal: asking.signal });
      if (asking.signal.aborted) return;
      Object.assign(this, { told, failed: null });
      if (told.proposed.counts) this.form.schools = told.proposed.counts.schools.list;
    } catch (error) {
      if (asking.signal.aborted) return;
      if (!(error instanceof Problem)) throw error;
      this.failed = error;
    }
    this.busy = false;
    this.draw();
  }

  stop() {
    clearTimeout(this.timer);
    this.asking?.abort();
  }

  view() {
    const lacking = this.form.lacks();
    return html`
      <section class="preview" aria-labelledby="preview" aria-busy=${this.busy ? "true" : "false"}>
        <h2 id="preview">What the vendor would see</h2>
        <p role="status" class="small">${lacking || this.state()}</p>
        ${problem(this.failed)}
        ${this.told && !lacking && !this.failed ? html`<div class=${this.busy ? "old" : ""}>${previewView(this.told)}</div>` : nothing}
        ${role() === "district-admin" && this.told && !lacking && !this.failed ? html`
          <p><button type="button" @click=${() => this.askReal()}>Show it with a real incident</button></p>` : nothing}
      </section>`;
  }

  state() {
    if (this.busy) return "Counting …";
    if (this.failed) return "This cannot be shown, and would be refused or is not known.";
    return this.told ? "Up to date with the form." : "";
  }

  /** Whether somebody may decide now: the numbers are those of the form, or cannot be had for no fault of it. */
  ready() {
    return !this.busy && this.form.lacks() === "" && this.failed?.status !== 400;
  }

  askReal() {
    return confirm({
      title: "Show a real incident",
      text: html`<p>You would see a real child's record. It is written into the record of disclosures, with your name.</p>`,
      action: "Show it, on record",
      run: () => this.ask("real"),
    });
  }
}
