// Modal dialogs on the browser's own <dialog>: it keeps the focus in, Escape closes it, and the focus goes back.

import { html, nothing, render } from "/console/vendor/lit-html.js";
import { Problem } from "/console/api.js";
import { idOf, inLayer, problem } from "/console/parts.js";

let opened = 0;
const leavable = new Set();

/** When the page under them goes: those that may be left. */
export function closeAll() {
  for (const leave of [...leavable]) leave();
}

/**
 * Opens one; resolves to what `close` is given, null when it was left. `body({close, draw})` gives its content and
 * is called again by `draw`. `leave`: whether Escape closes it.
 */
export function open(title, body, { leave = true } = {}) {
  const dialog = document.createElement("dialog");
  // Two may be open at once: a session can end while one is.
  const heading = `dialog-${(opened += 1)}`;
  dialog.setAttribute("aria-labelledby", heading);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let over = false;
    const close = (value = null) => {
      over = true;
      leavable.delete(leaving);
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    const leaving = () => close(null);
    if (leave) leavable.add(leaving);
    const draw = () => {
      const content = inLayer(`${heading}-`, () => body({ close, draw, dialog }));
      render(html`<h2 id=${heading}>${title}</h2>${content}`, dialog);
    };
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (leave) close(null);
    });
    // A browser lets a page refuse to close once, and not when Escape is pressed again.
    dialog.addEventListener("close", () => {
      if (over) return;
      if (leave) close(null);
      else dialog.showModal();
    });
    draw();
    dialog.showModal();
  });
}

/**
 * Asks before something is done, and does it: `run(form)` may reject with Problem, which is shown in the dialog.
 * Resolves to what `run` gave, null when the person did not want it. `typed`: what has to be written first; `again`
 * reads what somebody else has changed meanwhile.
 */
export function confirm({ title, text, action, run, again = null, danger = false, typed = null, fields = nothing }) {
  const state = { busy: false, failed: null };
  return open(title, ({ close, draw, dialog }) => {
    const submit = async (event) => {
      event.preventDefault();
      state.busy = true;
      draw();
      try {
        close((await run(event.target)) ?? true);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        Object.assign(state, { busy: false, failed: error });
        draw();
        dialog.querySelector(".notice.bad")?.focus();
      }
    };
    const lookAgain = async () => {
      close(null);
      await again();
    };
    const overtaken = again && state.failed?.status === 412;
    return html`
      <form @submit=${submit}>
        <div>${text}</div>
        ${typeof fields === "function" ? fields(state.failed) : fields}
        ${typed ? typedField(typed) : nothing}
        ${overtaken ? html`<div class="notice bad" role="alert"><p><strong>Somebody changed this while you were at it.</strong> Nothing was
          saved. Look at what is there now, then decide.</p></div>` : problem(state.failed)}
        <p class="actions">
          ${overtaken ? html`<button type="button" class="main" @click=${lookAgain}>Show what is there now</button>` : html`<button class=${danger ? "danger" : "main"} ?disabled=${state.busy}>${state.busy ? "Working …" : action}</button>`}
          <button type="button" @click=${() => close(null)} ?disabled=${state.busy}>Cancel</button>
        </p>
      </form>`;
  });
}

function typedField(typed) {
  const escaped = typed.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  return html`
    <div class="field">
      <label for=${idOf("typed")}>To confirm, type <code>${typed}</code></label>
      <input id=${idOf("typed")} name="typed" required pattern=${escaped} autocomplete="off" spellcheck="false">
    </div>`;
}
