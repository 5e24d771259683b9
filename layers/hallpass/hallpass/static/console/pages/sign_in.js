// Signing in: an admin token is exchanged for a session of half an hour. Rule: the token is kept nowhere.

import { html, nothing } from "/console/vendor/lit-html.js";
import { post, Problem } from "/console/api.js";
import { open } from "/console/dialog.js";
import { field, problem, secret, toClipboard, values } from "/console/parts.js";
import { current, keep } from "/console/session.js";

const state = { busy: false, failed: null, joined: null, copied: "" };

/** `signedIn()` is called once there is a session. */
export function signInPage(signedIn) {
  const draw = signedIn;
  return html`
    <main class="alone">
      <h1 tabindex="-1">Hallpass console</h1>
      ${state.joined ? joined(draw) : forms(draw)}
    </main>`;
}

function forms(draw) {
  return html`
    <form @submit=${(event) => submit(event, draw, signIn)}>
      <h2>Sign in</h2>
      ${tokenField("token", "Your admin token", "It begins with hp_admin_ and is sent to this server alone.")}
      ${problem(state.failedAt === "code" ? null : state.failed)}
      <p><button class="main" ?disabled=${state.busy}>${state.busy ? "Signing in …" : "Sign in"}</button></p>
    </form>
    <details>
      <summary>You were invited and have a code</summary>
      <form @submit=${(event) => submit(event, draw, join)}>
        ${tokenField("code", "Your invitation", "It begins with hp_invite_ and works once.")}
        ${problem(state.failedAt === "code" ? state.failed : null)}
        <p><button class="main" ?disabled=${state.busy}>Get my admin token</button></p>
      </form>
    </details>`;
}

export function tokenField(name, label, hint) {
  return field(name, label, { type: "password", required: true, hint });
}

async function submit(event, draw, send) {
  event.preventDefault();
  const form = event.target;
  Object.assign(state, { busy: true, failed: null });
  draw();
  try {
    await send(values(form));
    form.reset();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    Object.assign(state, { failed: error, failedAt: form.elements[0].name });
  }
  state.busy = false;
  draw();
}

async function signIn({ token }) {
  keep(await post("/session", undefined, { token: whole("admin", token) }));
}

async function join({ code }) {
  state.joined = await post("/invitations/accept", undefined, { token: whole("invite", code) });
}

/** As it was given, without what mail programs put around it. Raises Problem before anything is sent. */
export function whole(kind, pasted) {
  const text = pasted.replace(/[\s\u200b-\u200f\u2060\ufeff]/g, "");
  if (new RegExp(`^hp_${kind}_[0-9A-Za-z]{61}$`).test(text)) return text;
  const detail = `It begins with hp_${kind}_ and 61 letters and digits follow. Copy it once more, all of it.`;
  throw new Problem({ type: "token-invalid", title: "That is not a whole token", detail }, 0);
}

function joined(draw) {
  const { person, token } = state.joined;
  const copy = async () => {
    state.copied = await toClipboard(token);
    draw();
  };
  const goOn = async () => {
    try {
      await signIn({ token });
      state.joined = null;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      state.failed = error;
    }
    draw();
  };
  return html`
    <h2>Welcome, ${person.name}</h2>
    <p>This is your admin token. It is shown now and never again: keep it in a password manager.</p>
    ${secret(token, state.copied, copy)}
    ${problem(state.failed)}
    <p><button type="button" @click=${goOn}>I have kept it: sign in</button></p>`;
}

/** The same over a page whose edits are kept. Resolves to whether there is a session again, of the same person. */
export async function signInAgain(person) {
  document.body.classList.add("ended");
  const again = { busy: false, failed: null };
  const signedIn = await open("Your session ended", ({ close, draw }) => {
    const send = async ({ token }) => {
      await signIn({ token });
      // Somebody else's: what is open was the other one's.
      if (person && current().person.id !== person.id) return location.reload();
      close(true);
    };
    const submitted = async (event) => {
      event.preventDefault();
      Object.assign(again, { busy: true, failed: null });
      draw();
      try {
        await send(values(event.target));
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        Object.assign(again, { busy: false, failed: error });
        draw();
      }
    };
    return html`
      <form @submit=${submitted}>
        <p>What you were doing is still there. Sign in${person ? html` as ${person.name}` : nothing} and it goes on.</p>
        ${tokenField("token", "Your admin token", "It begins with hp_admin_.")}
        ${problem(again.failed)}
        <p class="actions"><button class="main" ?disabled=${again.busy}>Sign in</button>
          <button type="button" @click=${() => close(false)}>Leave it and sign out</button></p>
      </form>`;
  }, { leave: false });
  document.body.classList.remove("ended");
  return Boolean(signedIn);
}
