// Modal dialogs on the browser's own <dialog>: it keeps the focus in, Escape closes it, and the focus goes back.

import { html, nothing, render } from "/console/vendor/lit-html.js";
import { Problem } from "/console/api.js";
import { idOf, inLayer, problem } from "/console/parts.js";

let opened = 0;

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
    const close = (value = null) => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    const draw = () => {
      const content = inLayer(`${heading}-`, () => body({ close, draw }));
      render(html`<h2 id=${heading}>${title}</h2>${content}`, dialog);
    };
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (leave) close(null);
    });
    draw();
    dialog.showModal();
  });
}

/**
 * Asks before something is done, and does it: `run(form)` may reject with Problem, which is shown in the dialog.
 * Resolves to what `run` gave, null when the person did not want it. `typed`: what has to be written first.
 */
export function confirm({ title, text, action, run, danger = false, typed = null, fields = nothing }) {
  const state = { busy: false, failed: null };
  return open(title, ({ close, draw }) => {
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
      }
    };
    return html`
      <form @submit=${submit}>
        <div>${text}</div>
        ${typeof fields === "function" ? fields(state.failed) : fields}
        ${typed ? typedField(typed) : nothing}
        ${problem(state.failed)}
        <p class="actions">
          <button class=${danger ? "danger" : "main"} ?disabled=${state.busy}>${state.busy ? "Working …" : action}</button>
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
