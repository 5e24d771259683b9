// Times, numbers and states in plain words. Rule: a time is shown in the district's time zone, and says so.

import { html } from "/console/vendor/lit-html.js";

let zone = "UTC";

export function useZone(name) {
  zone = name || "UTC";
}

export const zoneName = () => zone;

const NEVER = "never";
const numbers = new Intl.NumberFormat("en-US");

export const number = (value) => numbers.format(value);

export function percent(part, whole) {
  return whole ? `${Math.round((100 * part) / whole)} %` : "–";
}

export function bytes(value) {
  const [unit, size] = value >= 1e9 ? ["GB", 1e9] : value >= 1e6 ? ["MB", 1e6] : ["kB", 1e3];
  return `${numbers.format(Math.round((10 * value) / size) / 10)} ${unit}`;
}

export function timeText(iso, none = NEVER) {
  if (!iso) return none;
  const style = { dateStyle: "medium", timeStyle: "short", timeZone: zone };
  return new Intl.DateTimeFormat("en-US", style).format(new Date(iso));
}

/** A moment, in the district's time zone. */
export function time(iso, none = NEVER) {
  return iso ? html`<time datetime=${iso} title=${`${iso} (UTC)`}>${timeText(iso)}</time>` : none;
}

/** A calendar day, YYYY-MM-DD, as written. */
export function day(text, none = "–") {
  if (!text) return none;
  const style = { dateStyle: "medium", timeZone: "UTC" };
  return html`<time datetime=${text}>${new Intl.DateTimeFormat("en-US", style).format(new Date(`${text}T00:00Z`))}</time>`;
}

/** The midnight that ends a day in the district's time zone, as RFC 3339 in UTC. */
export function endOfDay(text) {
  const midnight = Date.parse(`${text}T00:00:00Z`) + 86_400_000;
  let moment = midnight;
  // Twice: the first guess may lie on the other side of a change of the clocks.
  for (let round = 0; round < 2; round += 1) moment = midnight - offsetAt(moment);
  return new Date(moment).toISOString().replace(".000Z", "Z");
}

/** Milliseconds by which the district's clocks are ahead of UTC. */
function offsetAt(moment) {
  const style = { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-US", style).formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) - moment;
}

export function dayAfter(days, from = new Date()) {
  return new Date(from.getTime() + days * 86_400_000).toISOString().slice(0, 10);
}

/** Whole days from today until a moment; negative: over. */
export function daysUntil(iso, now = Date.now()) {
  return Math.floor((Date.parse(iso) - now) / 86_400_000);
}

export function duration(seconds) {
  for (const [unit, size] of [["day", 86_400], ["hour", 3_600], ["minute", 60]]) {
    if (seconds >= size && seconds % size === 0) return plural(seconds / size, unit);
  }
  return plural(seconds, "second");
}

export function plural(count, noun, many = `${noun}s`) {
  return `${number(count)} ${count === 1 ? noun : many}`;
}

const TONES = {
  active: "good", alive: "good", open: "good", draft: "plain", paused: "warn", claimed: "plain",
  revoked: "over", ended: "over", expired: "over", void: "over", lapsed: "over", withdrawn: "over",
};

/** A state as a word in a coloured frame: never by colour alone. */
export function badge(state) {
  return html`<span class="badge ${TONES[state] ?? "plain"}">${state}</span>`;
}

export const ROLES = {
  operator: "Operator: everything, in every district",
  "district-admin": "District admin: everything in this district",
  auditor: "Auditor: reads, changes nothing",
};
