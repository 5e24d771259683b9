// The console's frame: where one is, who one is, and the page in the middle.

import { html, nothing, render } from "/console/vendor/lit-html.js";
import { all, call, get, onEnded, ofDistrict, Problem } from "/console/api.js";
import { current, forget, left, mayChange, role } from "/console/session.js";
import { problem } from "/console/parts.js";
import { useZone } from "/console/words.js";
import { closeAll } from "/console/dialog.js";
import { find, NAVIGATION } from "/console/routes.js";
import { signInAgain, signInPage } from "/console/pages/sign_in.js";

const root = document.getElementById("app");
const SOON = 120_000;

const shell = { districts: [], district: null, page: null, failed: null, busy: false, menu: false, asked: 0 };

function draw() {
  render(current() ? frame() : signInPage(start), root);
}

/** After signing in, and when the address changes. */
async function start() {
  if (!current()) return draw();
  try {
    if (!shell.districts.length) shell.districts = await all("/districts", "districts");
  } catch (error) {
    shell.failed = asProblem(error);
    return draw();
  }
  const route = find(location.hash);
  if (!route) return go(shell.districts.length ? `/d/${shell.districts[0].id}` : "/new-district", true);
  await show(route);
}

async function show(route) {
  const asked = (shell.asked += 1);
  shell.page?.leave?.();
  Object.assign(shell, { busy: true, failed: null, page: null, menu: false });
  shell.district = shell.districts.find((each) => each.id === route.ids[0]) ?? null;
  useZone(shell.district?.time_zone);
  draw();
  try {
    if (route.ids.length && !shell.district) await get(ofDistrict(route.ids[0]));
    const page = await route.open({ ids: route.ids, district: shell.district, draw, go, again: () => show(route), known });
    if (asked !== shell.asked) return page.leave?.();
    shell.page = page;
  } catch (error) {
    if (asked !== shell.asked) return;
    shell.failed = asProblem(error);
  }
  shell.busy = false;
  draw();
  document.title = `${shell.page?.title ?? "Not shown"} – Hallpass console`;
  document.querySelector("main h1")?.focus();
}

function asProblem(error) {
  if (error instanceof Problem) return error;
  console.error(error);
  return new Problem({ title: "The console made a mistake", detail: "Reload the page. What was saved is saved." }, 0);
}

function go(path, instead = false) {
  const address = `#${path}`;
  if (location.hash === address) return show(find(address));
  if (instead) location.replace(address);
  else location.hash = address;
}

/** A district that was just made, or is told anew. */
function known(district) {
  shell.districts = [...shell.districts.filter((each) => each.id !== district.id), district];
}

function frame() {
  const { person } = current();
  return html`
    <a class="skip" href="#content" @click=${skip}>To the content</a>
    <header class="top">
      <p class="brand"><a href="#/">Hallpass</a></p>
      ${shell.districts.length > 1 ? districtChoice() : html`<p class="where">${shell.districts[0]?.name ?? ""}</p>`}
      <p class="who">${person.name} <span class="badge plain">${person.role}</span></p>
      <button type="button" @click=${signOut}>Sign out</button>
    </header>
    <p id="ending" role="status" class=${shell.ending ? "notice warn" : "unseen"}>${shell.ending ?? ""}</p>
    <div class="body">
      ${shell.district ? navigation() : nothing}
      <main id="content" aria-busy=${shell.busy ? "true" : "false"}>${middle()}</main>
    </div>
    ${shell.district ? html`<footer class="small">Times are in ${shell.district.time_zone}; days of use and of the audit are of UTC.</footer>` : nothing}`;
}

function middle() {
  if (shell.busy) return html`<p role="status">Loading …</p>`;
  if (!shell.failed) return shell.page?.view() ?? nothing;
  return html`<h1 tabindex="-1">This could not be shown</h1>${problem(shell.failed)}
    <p><button type="button" @click=${() => start()}>Try again</button></p>`;
}

function districtChoice() {
  const moved = (event) => go(`/d/${event.target.value}`);
  return html`
    <label class="where"><span class="unseen">District</span>
      <select @change=${moved}>
        ${shell.district ? nothing : html`<option value="" selected>Choose a district</option>`}
        ${shell.districts.map((each) => html`
          <option value=${each.id} ?selected=${each.id === shell.district?.id}>${each.name}</option>`)}
      </select>
    </label>`;
}

function navigation() {
  const here = location.hash.slice(1);
  const base = `/d/${shell.district.id}`;
  const shown = NAVIGATION.filter((each) => !each.changes || mayChange()).filter((each) => !each.only || each.only === role());
  const link = ({ path, label }) => {
    const target = path.startsWith("/") ? path : `${base}${path ? `/${path}` : ""}`;
    const open = path ? here.startsWith(target) : here === target;
    return html`<li><a href="#${target}" aria-current=${open ? "page" : nothing}>${label}</a></li>`;
  };
  const toggle = () => {
    shell.menu = !shell.menu;
    draw();
  };
  return html`
    <nav aria-label="District" class=${shell.menu ? "open" : ""}>
      <button type="button" class="menu" aria-expanded=${shell.menu ? "true" : "false"} aria-controls="pages" @click=${toggle}>
        Menu</button>
      <ul id="pages">${shown.map(link)}</ul>
    </nav>`;
}

function skip(event) {
  event.preventDefault();
  document.querySelector("main h1")?.focus();
}

async function signOut() {
  try {
    await call("DELETE", "/session", { token: current().token });
  } catch {
    // Ended on the other side already, or ending by itself within the half hour.
  }
  leave();
}

function leave() {
  shell.page?.leave?.();
  forget();
  Object.assign(shell, { districts: [], district: null, page: null, failed: null, ending: null });
  draw();
}

function watch() {
  if (!current()) return;
  const rest = left();
  const ending = rest < SOON ? "Your session ends within two minutes. Save what you have; you can sign in again." : null;
  // What is on the screen may be about children: it does not stay there for whoever comes by.
  if (rest <= 0) return again();
  if (ending === shell.ending) return;
  shell.ending = ending;
  draw();
}

let asking = null;

/** One dialog, however many requests were refused. Resolves to whether there is a session again. */
function again() {
  asking ??= signInAgain(current()?.person).then((signedIn) => {
    asking = null;
    shell.ending = null;
    if (signedIn) draw();
    else leave();
    return signedIn;
  });
  return asking;
}

onEnded(again);
addEventListener("beforeunload", (event) => {
  if (shell.page?.unsaved?.()) event.preventDefault();
});
addEventListener("unhandledrejection", ({ reason }) => {
  // Of a page that reloads itself after something was done.
  shell.failed = asProblem(reason);
  draw();
});
// What the file itself shows until now.
root.replaceChildren();
addEventListener("hashchange", () => {
  closeAll();
  start();
});
setInterval(watch, 5_000);
start();
