// The admin API as functions. Rule: the console can do nothing that this API does not; every refusal is a Problem.

import { current } from "/console/session.js";

const ROOT = "/admin/v1";
const MOST_PAGES = 200;

/** A problem document (RFC 9457) as answered. `status` 0: there was no answer. */
export class Problem extends Error {
  constructor(document, status) {
    super(document.detail || document.title);
    this.document = document;
    this.status = status;
    this.errors = document.errors ?? [];
  }

  get slug() {
    return String(this.document.type ?? "").split(":").at(-1);
  }
}

const NO_ANSWER = {
  type: "no-answer",
  title: "The gateway did not answer",
  detail: "Nobody knows whether the request arrived. Try again: a second try of the same form makes nothing twice.",
};

let signInAgain = null;

/** `ask()` resolves to true once there is a session again. Said by the app, which has the dialog. */
export function onEnded(ask) {
  signInAgain = ask;
}

/**
 * Sends a request; resolves to the answer's document with `etag`. `token`: instead of the session's.
 * `version`: of what the caller saw (If-Match). `key`: Idempotency-Key. Rejects with Problem.
 */
export async function call(method, path, options = {}) {
  const own = options.token === undefined;
  const answer = await sent(method, path, options);
  if (answer.status !== 401 || !own || !signInAgain) return await read(answer);
  // Refused before it was looked at: nothing was done, and the same may be sent again.
  if (!(await signInAgain())) return await read(answer);
  return await read(await sent(method, path, options));
}

async function sent(method, path, { body, version, key, token, signal } = {}) {
  const headers = { Accept: "application/json" };
  const bearer = token === undefined ? current()?.token : token;
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (version !== undefined) headers["If-Match"] = `"${version}"`;
  if (key) headers["Idempotency-Key"] = key;
  const sentBody = body === undefined ? undefined : JSON.stringify(body);
  try {
    return await fetch(ROOT + path, {
      method, headers, body: sentBody, signal, cache: "no-store", credentials: "omit", redirect: "error",
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(NO_ANSWER, 0);
  }
}

async function read(answer) {
  let document;
  try {
    document = await answer.json();
  } catch {
    throw new Problem({ ...NO_ANSWER, detail: `${NO_ANSWER.detail} (HTTP ${answer.status})` }, answer.status);
  }
  if (!answer.ok) throw new Problem(document.title ? document : before(answer.status), answer.status);
  return document;
}

/** Refused by what stands before Hallpass, which writes no problem document. */
function before(status) {
  const detail = status === 429 ? "There are too many requests just now. Wait a moment and try again." : "Try again in a moment.";
  return { type: "gateway", title: `The gateway in front of Hallpass refused it (HTTP ${status})`, detail };
}

export const get = (path, options) => call("GET", path, options);
export const post = (path, body, options) => call("POST", path, { ...options, body });
export const put = (path, body, version) => call("PUT", path, { body, version });

/** Every item of a list, page by page. */
export async function all(path, name) {
  const found = [];
  let next = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const mark = path.includes("?") ? "&" : "?";
    const document = await get(`${path}${mark}limit=500${next ? `&next=${encodeURIComponent(next)}` : ""}`);
    found.push(...document[name]);
    next = document.next;
    if (!next) return found;
  }
  throw new Problem({ title: "The list is too long to show", detail: "The hallpass command lists all of it." }, 0);
}

/** One request's own key: sent again, it makes nothing twice. */
export const newKey = () => crypto.randomUUID();

export const ofDistrict = (id) => `/districts/${encodeURIComponent(id)}`;
export const ofIntegration = (district, id) => `${ofDistrict(district)}/integrations/${encodeURIComponent(id)}`;
