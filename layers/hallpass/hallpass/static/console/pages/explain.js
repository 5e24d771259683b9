// "Why did the vendor get this?": how one request would be answered now, step by step.

import { html, nothing } from "/console/vendor/lit-html.js";
import { post, Problem } from "/console/api.js";
import { choice, facts, field, problem, table, values } from "/console/parts.js";
import { number, time } from "/console/words.js";
import { fieldsList } from "/console/pages/preview.js";

const FORMATS = [["json", "JSON"], ["xml", "XML"], ["ndjson", "Lines of JSON"], ["csv", "CSV"]];

export function explainSection(page) {
  const state = { busy: false, failed: null, told: null };
  const submit = async (event) => {
    event.preventDefault();
    const { query, format, token } = values(event.target);
    Object.assign(state, { busy: true, failed: null });
    page.context.draw();
    try {
      state.told = await post(`${page.path}/explain`, { query: query.replace(/^\?/, ""), format, token: token || null });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      Object.assign(state, { failed: error, told: null });
    }
    state.busy = false;
    page.context.draw();
  };
  const tokens = () => [["", "none: the integration alone"], ...page.tokens.map((each) => [each.id, `${each.id} (${each.status})`])];
  return () => html`
    <section aria-labelledby="explain" class="unprinted"><h2 id="explain">Explain a request</h2>
      <p>What a request would be answered now, and why. Nobody is asked and nothing is sent.</p>
      <form class="inline" @submit=${submit}>
        ${field("query", "Query", { example: "type=minor&page=2", hint: "What stands behind the ? of the address." })}
        ${choice("format", "Format", FORMATS, { value: "json" })}
        ${choice("token", "Token", tokens(), { value: "" })}
        <p><button ?disabled=${state.busy}>${state.busy ? "Looking …" : "Explain"}</button></p>
      </form>
      ${problem(state.failed)}
      <div role="status">${state.told ? answer(state.told) : nothing}</div>
    </section>`;
}

function answer({ refusal, query, page, listing, cache, rows, fields }) {
  return html`
    ${refusal ? html`<div class="notice bad"><p><strong>It would be refused: ${refusal.title}</strong> (${refusal.status})</p>
      <p>${refusal.detail}</p><p class="small">Who can mend it: ${refusal.owner}. Try again: ${refusal.retry}.</p></div>` : nothing}
    ${facts([
      ["As it is understood", query === null ? null : html`<code>${query || "(no parameters)"}</code>`],
      ["Page", page],
      ["Asked upstream", listing && html`<code>${listing.query || "(no parameters)"}</code>`],
      ["Its key", listing && html`<code>${listing.key}</code>`],
      ["In the cache", cache && html`${cache.found}: ${cache.why}`],
      ["Read", cache?.read_at ? time(cache.read_at) : null],
      ["Pages in all", cache?.total_pages ?? null],
      ["Rows", rows && `${number(rows.shown)} shown of ${number(rows.on_page)} on the page`],
    ])}
    ${rows?.removed.length ? table("Rows left out", [
      ["Left out because", (row) => row.words, "main"],
      ["Rows", (row) => number(row.rows), "number"],
    ], rows.removed, "") : nothing}
    ${fields.length ? html`<details><summary>Fields</summary>${fieldsList(fields)}</details>` : nothing}`;
}
