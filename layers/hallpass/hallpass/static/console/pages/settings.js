// How much a vendor may ask for, what it may do with the cache, and the end of it all.

import { html, nothing } from "/console/vendor/lit-html.js";
import { post, put } from "/console/api.js";
import { confirm } from "/console/dialog.js";
import { facts, field, tick, values } from "/console/parts.js";
import { duration, number } from "/console/words.js";

export function settingsSection(page) {
  return (may) => {
    const { limits, cache } = page.integration;
    return html`
      <section aria-labelledby="limits">
        <div class="heading"><h2 id="limits">Limits</h2>
          ${may ? html`<p class="actions"><button type="button" @click=${() => setLimits(page)}>Change the limits</button>
            <button type="button" @click=${() => setAllowance(page)}>Change the cache's use</button></p>` : nothing}</div>
        ${facts([
          ["Requests a minute", number(limits.per_minute)],
          ["Requests at once", number(limits.burst)],
          ["Pages a day", number(limits.pages_a_day)],
          ["May ask for fresh data", cache.may_refresh ? "yes" : "no: it gets what the cache has"],
          ["Longest stale answer", cache.stale_cap === null ? "the district's" : duration(cache.stale_cap)],
        ])}
      </section>
      ${may ? endings(page) : nothing}`;
  };
}

function setLimits(page) {
  const { limits, version } = page.integration;
  const whole = (name, label, most, failed, hint) =>
    field(name, label, { type: "number", value: limits[name], min: 1, max: most, required: true, failed, hint });
  return confirm({
    title: "Change the limits",
    text: html`<p>They hold on the vendor's next request. What comes from the cache counts a tenth.</p>`,
    fields: (failed) => html`
      ${whole("per_minute", "Requests a minute", 6000, failed, "In the long run.")}
      ${whole("burst", "Requests at once", 6000, failed, "After a rest.")}
      ${whole("pages_a_day", "Pages a day", 1_000_000, failed, "A day of UTC.")}`,
    action: "Save", again: page.reload,
    run: async (form) => {
      const said = Object.entries(values(form)).map(([name, text]) => [name, Number(text)]);
      await put(`${page.path}/limits`, Object.fromEntries(said), version);
      await page.reload();
    },
  });
}

function setAllowance(page) {
  const { cache, version } = page.integration;
  return confirm({
    title: "Change the cache's use",
    text: nothing,
    fields: (failed) => html`
      ${tick("may_refresh", "May ask for fresh data", { checked: cache.may_refresh, hint: "Each such request asks EducatorsHandbook.com." })}
      ${field("stale_cap", "Longest stale answer, in seconds", { type: "number", value: cache.stale_cap ?? "", min: 0, failed, hint: "Empty: as the district's policy says." })}`,
    action: "Save", again: page.reload,
    run: async (form) => {
      const said = values(form);
      const body = { may_refresh: "may_refresh" in said, stale_cap: said.stale_cap === "" ? null : Number(said.stale_cap) };
      await put(`${page.path}/cache`, body, version);
      await page.reload();
    },
  });
}

function endings(page) {
  const { vendor } = page.integration;
  const run = (action) => async () => {
    await post(`${page.path}/${action}`);
    await page.reload();
  };
  const renew = () => confirm({
    title: "New pseudonyms",
    text: html`<p>Everybody gets a new pseudonym. The vendor can no longer join what it has with what it gets, and nothing
      brings the old ones back.</p>`,
    action: "Make new pseudonyms", danger: true, typed: vendor, run: run("renew-pseudonyms"),
  });
  const end = () => confirm({
    title: "End this integration",
    text: html`<p>Its tokens end, and the key of its pseudonyms is destroyed. It cannot be taken back. To only cut the
      vendor off, stop it.</p>`,
    action: "End it for good", danger: true, typed: vendor, run: run("end"),
  });
  return html`
    <section aria-labelledby="ending-it" class="unprinted"><h2 id="ending-it">For good</h2>
      <p class="actions"><button type="button" class="danger" @click=${renew}>New pseudonyms</button>
        <button type="button" class="danger" @click=${end}>End this integration</button></p>
    </section>`;
}
