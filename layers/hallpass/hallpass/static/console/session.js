// Who is signed in, in this tab alone. Rule: the session's token is in sessionStorage and nowhere else; the admin
// token that it was exchanged for is kept nowhere.

const KEY = "hallpass.session";

/** `{token, expires_at, person, access_ends}`, or null. */
export function current() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

export function keep(session) {
  const { token, expires_at, person, access_ends } = session;
  sessionStorage.setItem(KEY, JSON.stringify({ token, expires_at, person, access_ends }));
}

export function forget() {
  sessionStorage.removeItem(KEY);
}

/** Milliseconds until it ends; negative: it has. */
export function left(now = Date.now()) {
  const session = current();
  return session ? Date.parse(session.expires_at) - now : -1;
}

export function role() {
  return current()?.person.role ?? "";
}

/** An auditor reads; the others change. */
export function mayChange() {
  return role() === "operator" || role() === "district-admin";
}
