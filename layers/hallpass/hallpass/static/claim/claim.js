// Shows a token once. The link's secret stands in the fragment, which no browser sends to anybody: it leaves this page
// in the body of one POST, when a person presses the button. Programs that open links in mail press none.
"use strict";

const WHOLE = /^#(hp_claim_[0-9A-Za-z]{61})$/;

const WORDS = {
  incomplete: [
    "This link is not whole",
    "Open it again as it was sent, all of it. If it still does not work, ask the district for another.",
  ],
  "not-found": ["There is no such link", "Check that it is whole, as it was sent. Otherwise ask the district for another."],
  "claim-used": [
    "The token of this link was shown before",
    "It is shown once. If it was not you who saw it, tell the district at once: it can revoke the token.",
  ],
  "claim-over": ["This link has ended", "Nobody has seen a token through it. Ask the district for another link."],
  "integration-paused": [
    "No token is shown now",
    "The district has paused this, or has not begun with it yet. Ask the district; the link may hold then.",
  ],
  conflict: ["The district has to change something first", "Ask the district: two tokens are in use already, or it was just changed."],
  "too-many-failures": ["Too many tries", "Wait a minute, then open the link as it was sent."],
  unanswered: [
    "No answer came",
    "A token may have been made and not have reached you. Try again; if you are told that it was shown before, ask the district to " +
      "revoke that token and to send another link.",
  ],
  other: ["It did not work", "Wait a moment and try again; if it stays so, ask the district."],
};
const AGAIN = new Set(["conflict", "integration-paused", "other", "too-many-failures", "unanswered"]);

const at = (id) => document.getElementById(id);
let claim = "";

function show(id) {
  for (const each of ["ready", "shown", "problem"]) {
    at(each).hidden = each !== id;
  }
}

function tell(kind) {
  const known = kind in WORDS ? kind : "other";
  [at("problem-title").textContent, at("problem-text").textContent] = WORDS[known];
  at("again").hidden = !AGAIN.has(known);
  show("problem");
  at("problem-title").focus();
}

async function reveal() {
  at("show").disabled = true;
  try {
    const answer = await fetch("/admin/v1/claims", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ claim }),
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
    });
    const told = await answer.json();
    if (answer.status === 201) {
      present(told);
    } else {
      tell(String(told.type).replace("urn:hallpass:problem:", ""));
    }
  } catch {
    tell("unanswered");
  } finally {
    at("show").disabled = false;
  }
}

function present(told) {
  claim = "";
  at("token").value = told.token;
  at("until").dateTime = told.expires_at;
  at("until").textContent = new Date(told.expires_at).toLocaleString(undefined, { dateStyle: "long", timeStyle: "short" });
  show("shown");
  at("shown-title").focus();
}

async function copy() {
  at("token").select();
  try {
    await navigator.clipboard.writeText(at("token").value);
    at("copied").textContent = "Copied.";
  } catch {
    at("copied").textContent = "Selected: copy it with the keyboard.";
  }
}

function begin() {
  const found = WHOLE.exec(location.hash);
  // Out of the address bar, the history and every screenshot.
  history.replaceState(null, "", location.pathname);
  at("token").value = "";
  if (found) {
    claim = found[1];
    show("ready");
  } else {
    tell("incomplete");
  }
}

at("show").addEventListener("click", reveal);
at("again").addEventListener("click", () => show("ready"));
at("copy").addEventListener("click", copy);
window.addEventListener("hashchange", begin);
begin();
