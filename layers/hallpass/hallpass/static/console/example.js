// Two JSON documents side by side, line by line. Rule: what goes and what comes is told by a sign, not by colour alone.

import { html } from "/console/vendor/lit-html.js";

/** `before` and `after`: JSON values. Lines of `before` that `after` lacks are marked, and the other way round. */
export function sideBySide(leftTitle, before, rightTitle, after) {
  return html`
    <div class="sides">
      ${side(leftTitle, [...lines(before, after, 0, "")], "gone", "left out")}
      ${side(rightTitle, [...lines(after, before, 0, "")], "come", "otherwise than before")}
    </div>`;
}

function side(title, shown, kind, spoken) {
  return html`
    <figure><figcaption>${title}</figcaption>
      <pre tabindex="0" role="region" aria-label=${title}>${shown.map(({ text, same }) => (same
        ? html`<span>${text}\n</span>`
        : html`<span class=${kind}><span class="unseen">${spoken}: </span>${text}\n</span>`))}</pre>
    </figure>`;
}

const MISSING = Symbol("missing");

function isNested(value) {
  return value !== null && typeof value === "object";
}

function within(other, key) {
  return isNested(other) && Object.hasOwn(other, key) ? other[key] : MISSING;
}

/** The lines of a value, each with whether the other document has the same there. */
function* lines(value, other, depth, name) {
  const pad = "  ".repeat(depth);
  const lead = pad + (name === "" ? "" : `${name}: `);
  if (!isNested(value)) {
    yield { text: lead + JSON.stringify(value), same: value === other };
    return;
  }
  const same = isNested(other);
  const listed = Array.isArray(value);
  const [opening, closing] = listed ? "[]" : "{}";
  const entries = Object.entries(value);
  if (!entries.length) {
    yield { text: lead + opening + closing, same: same && !Object.keys(other).length };
    return;
  }
  yield { text: lead + opening, same };
  for (const [key, each] of entries) yield* lines(each, within(other, key), depth + 1, listed ? "" : key);
  yield { text: pad + closing, same };
}
