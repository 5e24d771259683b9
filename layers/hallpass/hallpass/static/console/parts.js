// What every page is made of. Rule: text goes in as text; nothing of this console makes HTML out of what was stored.

import { html, nothing } from "/console/vendor/lit-html.js";

let layer = "";

/** Draws with ids of its own: a form in a dialog lies over a page whose fields may be named the same. */
export function inLayer(name, drawing) {
  const outer = layer;
  layer = name;
  try {
    return drawing();
  } finally {
    layer = outer;
  }
}

export const idOf = (name) => layer + name;

/**
 * A table that becomes a list of cards where it is narrow. `columns`: `[title, cell(row), kind?]`, `kind` "number"
 * to align right, "main" for the cell that names its row. `empty`: what is said when there is no row.
 */
export function table(caption, columns, rows, empty) {
  if (!rows.length) return html`<p class="empty">${empty}</p>`;
  return html`
    <table role="table" class="cards">
      <caption class="unseen">${caption}</caption>
      <thead role="rowgroup"><tr role="row">${columns.map(head)}</tr></thead>
      <tbody role="rowgroup">
        ${rows.map((row) => html`<tr role="row">${columns.map((column) => cell(column, row))}</tr>`)}
      </tbody>
    </table>`;
}

function head([title, , kind]) {
  return html`<th role="columnheader" scope="col" class=${kind ?? ""}>
    ${title || html`<span class="unseen">What you can do</span>`}
  </th>`;
}

function cell([title, content, kind], row) {
  if (kind === "main") return html`<th role="rowheader" scope="row" data-label=${title}>${content(row)}</th>`;
  return html`<td role="cell" class=${kind ?? ""} data-label=${title || nothing}>${content(row)}</td>`;
}

/** Names and values; a value that is null is left out. */
export function facts(pairs) {
  const told = pairs.filter(([, value]) => value !== null && value !== undefined);
  return html`<dl class="facts">
    ${told.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

/** A problem as a person reads it: what was wrong, and what would be right. */
export function problem(found) {
  if (!found) return nothing;
  const { title, detail, instance } = found.document;
  return html`
    <div class="notice bad" role="alert" tabindex="-1">
      <p><strong>${title}</strong></p>
      ${detail && detail !== title && !found.errors.length ? html`<p>${detail}</p>` : nothing}
      ${found.errors.length ? html`<ul>${found.errors.map((each) => html`<li><code>${each.name}</code> ${each.detail}</li>`)}</ul>` : nothing}
      ${instance ? html`<p class="small">For whoever looks into it: <code>${String(instance).split(":").at(-1)}</code></p>` : nothing}
    </div>`;
}

/** After a save that failed: the button that had the focus was disabled meanwhile. */
export function focusProblem() {
  document.querySelector(".notice.bad")?.focus();
}

export function notice(tone, content) {
  return html`<div class="notice ${tone}">${content}</div>`;
}

/** A labelled input. `more`: `{type, value, hint, required, ...}`; the name is the API's, so that its errors find it. */
export function field(name, label, more = {}) {
  const { type = "text", value = "", hint, failed, ...rest } = more;
  const wrong = failed?.errors.find((each) => each.name === name);
  const id = idOf(name);
  const told = [hint ? `${id}-hint` : "", wrong ? `${id}-error` : ""].filter(Boolean).join(" ");
  return html`
    <div class="field">
      <label for=${id}>${label}</label>
      ${hint ? html`<p class="hint" id="${id}-hint">${hint}</p>` : nothing}
      <input id=${id} name=${name} type=${type} .defaultValue=${String(value)} ?required=${rest.required}
        autocomplete="off" spellcheck="false" min=${rest.min ?? nothing} max=${rest.max ?? nothing}
        list=${rest.list ?? nothing} maxlength=${rest.most ?? nothing} placeholder=${rest.example ?? nothing}
        aria-describedby=${told || nothing} aria-invalid=${wrong ? "true" : nothing} @input=${rest.changed ?? nothing}>
      ${wrong ? html`<p class="wrong" id="${id}-error">${wrong.detail}</p>` : nothing}
    </div>`;
}

/** `options`: `[value, label]`. */
export function choice(name, label, options, more = {}) {
  const id = idOf(name);
  return html`
    <div class="field">
      <label for=${id}>${label}</label>
      ${more.hint ? html`<p class="hint" id="${id}-hint">${more.hint}</p>` : nothing}
      <select id=${id} name=${name} @change=${more.changed ?? nothing}
        aria-describedby=${more.hint ? `${id}-hint` : nothing}>
        ${options.map(([value, text]) => html`<option value=${value} ?selected=${value === more.value}>${text}</option>`)}
      </select>
    </div>`;
}

export function tick(name, label, more = {}) {
  return html`
    <label class="tick">
      <input type=${more.type ?? "checkbox"} name=${name} value=${more.value ?? "yes"} ?checked=${more.checked}
        ?required=${more.required} @change=${more.changed ?? nothing}>
      <span>${label}${more.hint ? html`<span class="hint">${more.hint}</span>` : nothing}</span>
    </label>`;
}

export function values(form) {
  return Object.fromEntries(new FormData(form));
}

/** The text of a secret that is shown once, with a button that copies it. */
export function secret(text, copied, copy) {
  return html`
    <p class="secret"><code id="secret" tabindex="0" aria-label="The text to copy">${text}</code></p>
    <p><button type="button" class="main" @click=${copy}>Copy</button>
      <span role="status">${copied}</span></p>`;
}

export async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied.";
  } catch {
    const range = document.createRange();
    range.selectNodeContents(document.getElementById("secret"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return "It is selected: copy it with the keyboard.";
  }
}
