// What vendors asked for, day by day: read from the API, made into charts. Days are of UTC, as the ledger's are.

import { get } from "/console/api.js";
import { bars } from "/console/chart.js";
import { dayAfter, number, percent } from "/console/words.js";

export const SHOWN_DAYS = 14;
const MOST_ANSWERS = 40;
const COUNTS = ["requests", "answers", "unchanged", "cached", "incidents", "bytes"];

/** `{days: [...], tally(day), last_used, tokens, complete}` of the last days. `path`: up to `/usage`. */
export async function readUse(path) {
  const from = dayAfter(1 - SHOWN_DAYS);
  const to = dayAfter(0);
  const found = new Map();
  let document = { next: null };
  for (let answers = 0; answers < MOST_ANSWERS; answers += 1) {
    const next = document.next ? `&next=${encodeURIComponent(document.next)}` : "";
    document = await get(`${path}/usage?from=${from}&to=${to}${next}`);
    for (const each of document.days) found.set(each.day, added(found.get(each.day), each));
    if (!document.next) break;
  }
  const days = Array.from({ length: SHOWN_DAYS }, (_, at) => dayAfter(at - SHOWN_DAYS + 1));
  const { last_used, tokens, next } = document;
  return { days, tally: (day) => found.get(day) ?? added(undefined, {}), last_used, tokens, complete: !next };
}

function added(before, more) {
  const sum = { denials: joined(before?.denials, more.denials), failures: joined(before?.failures, more.failures) };
  for (const name of COUNTS) sum[name] = (before?.[name] ?? 0) + (more[name] ?? 0);
  return sum;
}

function joined(before, more) {
  const sum = { ...before };
  for (const [slug, count] of Object.entries(more ?? {})) sum[slug] = (sum[slug] ?? 0) + count;
  return sum;
}

export function total(use) {
  return use.days.reduce((sum, day) => added(sum, use.tally(day)), undefined);
}

const counted = (slugs) => Object.values(slugs).reduce((sum, count) => sum + count, 0);
export const refused = (tally) => counted(tally.denials);
export const failed = (tally) => counted(tally.failures);
const without = (tally) => tally.requests - tally.answers - refused(tally) - failed(tally);

export function callsChart(use) {
  const of = (count) => use.days.map((day) => count(use.tally(day)));
  const sum = total(use);
  const told = sum.requests
    ? `${number(sum.requests)} in ${SHOWN_DAYS} days; ${number(refused(sum))} refused, ${number(failed(sum))} failed.`
    : `None in ${SHOWN_DAYS} days.`;
  return bars("Calls by vendors", told, use.days, [
    { name: "with incidents", kind: "one", values: of((tally) => tally.answers) },
    { name: "without: nothing new, or nothing there", kind: "two", values: of(without) },
    { name: "refused", kind: "three", values: of(refused) },
    { name: "failed", kind: "four", values: of(failed) },
  ]);
}

export function hitChart(use) {
  const of = (tally) => (tally.answers ? Math.round((100 * tally.cached) / tally.answers) : 0);
  const sum = total(use);
  const told = sum.answers ? `${percent(sum.cached, sum.answers)} of the answers with incidents.` : "No answer with incidents.";
  const values = use.days.map((day) => of(use.tally(day)));
  return bars("Answered from the cache", told, use.days, [{ name: "share", kind: "one", values }],
    { unit: (value) => `${value} %`, full: 100 });
}
