// How old an answer may be, what is cached, and taking it away or reading it anew.

import { html, nothing } from "/console/vendor/lit-html.js";
import { get, ofDistrict, post, put } from "/console/api.js";
import { confirm } from "/console/dialog.js";
import { choice, facts, field, notice, tick, values } from "/console/parts.js";
import { mayChange } from "/console/session.js";
import { bytes, duration, number, plural, time } from "/console/words.js";

const MOST_CALLS = 200;
const TIMES = [
  ["fresh_for", "Fresh for", "So long an answer is given without asking upstream."],
  ["stale_while_revalidate", "Then given while it is read anew", "The vendor gets the old answer, and the next one is new."],
  ["stale_if_error", "Given when the upstream fails", "How old an answer may be then."],
  ["closed_after", "A period is closed after", "How long ago its last day must be."],
  ["closed_fresh_for", "A closed period is fresh for", "It seldom changes."],
];
const CONTROLS = [["override", "what stands here"], ["honour", "what the upstream's own headers say"]];
const CHECKS = [
  ["guarded", "guarded: the first page is read again after the last"],
  ["verified", "verified: every page is read twice"],
  ["off", "off: nothing vouches for a list of several pages"],
];

export async function openCache(context) {
  const path = ofDistrict(context.ids[0]);
  const page = { context, path, done: null };
  page.reload = async () => {
    const [policy, statistics] = await Promise.all([get(`${path}/cache`), get(`${path}/cache/statistics`)]);
    Object.assign(page, { policy: policy.cache, version: policy.version, statistics });
    context.draw();
  };
  await page.reload();
  return { title: "Cache", view: () => view(page) };
}

function view(page) {
  const { statistics, policy } = page;
  const may = mayChange();
  return html`
    <h1 tabindex="-1">Cache</h1>
    <p role="status">${page.done ?? ""}</p>
    <section aria-labelledby="kept"><h2 id="kept">What is kept</h2>
      ${facts([
        ["Listings", number(statistics.listings)],
        ["Snapshots", number(statistics.snapshots)],
        ["Pages", number(statistics.pages)],
        ["Prepared answers", number(statistics.representations)],
        ["Being read now", plural(statistics.reading, "listing")],
        ["Size", bytes(statistics.bytes)],
        ["Oldest", time(statistics.oldest, "nothing is kept")],
        ["Newest", time(statistics.newest, "nothing is kept")],
      ])}
      ${statistics.finished ? nothing : notice("warn", "There is more than could be counted in this time.")}
      ${may ? html`<p class="actions">
        <button type="button" class="main" @click=${() => refresh(page)}>Refresh now</button>
        <button type="button" @click=${() => warm(page)}>Warm now</button>
        <button type="button" class="danger" @click=${() => purge(page)}>Purge now</button></p>` : nothing}
    </section>
    <section aria-labelledby="policy">
      <div class="heading"><h2 id="policy">How old an answer may be</h2>
        ${may ? html`<button type="button" @click=${() => edit(page)}>Change the policy</button>` : nothing}</div>
      ${facts([
        ...TIMES.map(([name, label]) => [label, duration(policy[name])]),
        ["What decides", CONTROLS.find(([name]) => name === policy.control)[1]],
        ["A list of several pages is", CHECKS.find(([name]) => name === policy.check)[1]],
      ])}
    </section>`;
}

function refresh(page) {
  return confirm({
    title: "Refresh now",
    text: html`<p>Everything that is kept becomes stale: the next request of each listing reads it anew. Vendors get answers
      all the while.</p>`,
    action: "Refresh",
    run: async () => {
      const told = await repeated(page, "soft");
      page.done = told.finished ? `Done: ${plural(told.stale, "listing")} will be read anew.` : "Not finished: press it again.";
      await page.reload();
    },
  });
}

function warm(page) {
  return confirm({
    title: "Warm now",
    text: html`<p>The lists that vendors ask for, and the one without parameters, are read in the background, so that the next
      requests need not wait. What is fresh is left as it is.</p>`,
    action: "Warm",
    run: async () => {
      const told = await post(`${page.path}/warm`, {});
      const left = told.left_out ? ` ${plural(told.left_out, "listing")} of longest ago are left out.` : "";
      page.done = `Asked for: ${plural(told.listings, "listing")}, within ${plural(told.most_calls, "upstream call")}.${left}
        What is kept shows here when this page is opened again.`;
      await page.reload();
    },
  });
}

function purge(page) {
  return confirm({
    title: "Purge now",
    text: html`<p>Everything that is kept is deleted, looked for again, and proven gone. The next requests wait for the
      upstream.</p>`,
    action: "Purge", danger: true, typed: "purge",
    run: async () => {
      const told = await repeated(page, "hard");
      const sums = Object.entries(told.erased).map(([name, count]) => `${number(count)} ${name.replaceAll("_", " ")}`);
      page.done = told.finished
        ? html`Done, and proven: ${sums.join(", ") || "there was nothing"}.
          ${told.again_after ? html`What was being read meanwhile may come back: purge again after ${time(told.again_after)} to be sure.` : nothing}`
        : "Not finished: press it again.";
      await page.reload();
    },
  });
}

/** One call does what it can in its time and says whether it is through. */
async function repeated(page, mode) {
  const erased = {};
  let stale = 0;
  for (let call = 0; call < MOST_CALLS; call += 1) {
    const told = await post(`${page.path}/purge`, { mode });
    stale += told.stale?.listings ?? 0;
    for (const [name, count] of Object.entries(told.erased ?? {})) erased[name] = (erased[name] ?? 0) + count;
    page.done = `Working: call ${call + 1} …`;
    page.context.draw();
    if (told.finished) return { stale, erased, finished: true, again_after: told.again_after };
  }
  return { stale, erased, finished: false };
}

function edit(page) {
  const { policy, version } = page;
  return confirm({
    title: "Change the policy",
    text: html`<p>In seconds. It holds from the next request on.</p>`,
    fields: (failed) => html`
      ${TIMES.map(([name, label, hint]) => field(name, label, { type: "number", value: policy[name], min: 0, required: true, failed, hint }))}
      ${choice("control", "What decides", CONTROLS, { value: policy.control })}
      ${choice("check", "A list of several pages is", CHECKS, { value: policy.check })}
      ${tick("sure", "If the check is off: I know that pages may then be missing or double, and nobody would see it")}`,
    action: "Save", again: page.reload,
    run: async (form) => {
      const { control, check, sure, ...times } = values(form);
      const body = { ...Object.fromEntries(Object.entries(times).map(([name, text]) => [name, Number(text)])), control, check };
      await put(`${page.path}/cache`, check === "off" && sure ? { ...body, confirm: "unchecked" } : body, version);
      page.done = "The policy is saved.";
      await page.reload();
    },
  });
}
