"""The console in a real browser against the running product: what a data officer does, and what goes wrong."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, Route, expect

from sandbox.running import Running
from sandbox.upstream import SIMULATED_TOKEN
from tests.browser import NARROW, WIDE, Scheme, chromium, tab
from tests.e2e.console_desk import Desk, desk

pytestmark = pytest.mark.xdist_group("sandbox")
RUNS_OUT = """seconds => {
  const session = JSON.parse(sessionStorage.getItem("hallpass.session"));
  session.expires_at = new Date(Date.now() + 1000 * seconds).toISOString();
  sessionStorage.setItem("hallpass.session", JSON.stringify(session));
}"""
MARKUP = "<img src=x onerror=alert(1)> & <b>Example</b>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def operator(browser: Browser, sandbox: Running) -> Iterator[Desk]:
    with desk(browser, sandbox, sandbox.demo["operator"]["token"]) as seated:
        yield seated
        assert seated.tab.complaints == []


def admin(sandbox: Running, http: requests.Session, method: str, path: str, body: Any = None) -> requests.Response:
    headers = {"Authorization": f"Bearer {sandbox.demo['operator']['token']}"}
    return http.request(method, f"{sandbox.url}/admin/v1{path}", json=body, headers=headers, timeout=35)


def fetched(sandbox: Running, http: requests.Session, token: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return http.get(f"{sandbox.url}/v1/incidents.json", headers=headers, timeout=35)


def grant(seated: Desk, vendor: str) -> None:
    """Fills in a new integration and saves it; the integration's page is open then."""
    seated.go("integrations/new")
    page = seated.page
    for label, text in (
        ("Vendor", vendor),
        ("Contact", "x@vendor.example"),
        ("Purpose", "to try"),
        ("Agreement's number", "E2E-1"),
    ):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("Without a bound").check()
    page.get_by_label("Referrals").check()
    page.get_by_label("identified@1").check()
    seated.arrived()
    expect(page.locator(".preview")).to_contain_text("Up to date with the form.")
    seated.press("Grant it")
    seated.answer("Grant")
    expect(page.get_by_role("heading", level=1)).to_contain_text(vendor)
    seated.arrived()


def issue(seated: Desk) -> str:
    seated.press("Issue a token")
    seated.press("Issue", seated.dialog)
    text = seated.secret()
    seated.answer("Done: it is kept")
    return text


def test_a_vendor_is_granted_narrowed_and_cut_off(operator: Desk, sandbox: Running, http: requests.Session) -> None:
    grant(operator, "Example Reading Club")
    token = issue(operator)
    before = fetched(sandbox, http, token).json()["incidents"]
    assert {one["type"] for one in before} == {"minor", "referral"}
    assert any(one["offenders"][0]["student"].get("name") for one in before if one["offenders"])
    operator.page.get_by_role("link", name="Change what it sees").click()
    operator.arrived()
    operator.page.get_by_label("Referrals").uncheck()
    operator.page.get_by_label("no-people@1").check()
    operator.arrived()
    expect(operator.page.locator(".changes")).to_contain_text("Removes student name for ")
    expect(operator.page.locator(".sides .gone").first).to_be_visible()
    operator.press("Save")
    expect(operator.page.get_by_role("heading", name="What it sees", exact=True)).to_be_visible()
    after = fetched(sandbox, http, token).json()["incidents"]
    assert 0 < len(after) < len(before)
    assert {one["type"] for one in after} == {"minor"}
    assert not any("offenders" in one for one in after)
    operator.press(f"Revoke token {token[16:20]}")
    operator.answer("Revoke")
    expect(operator.page.get_by_text("No token is in use.")).to_be_visible()
    refused = fetched(sandbox, http, token)
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:hallpass:problem:token-revoked")


def test_a_vendor_is_paused_resumed_and_stopped(operator: Desk, sandbox: Running, http: requests.Session) -> None:
    grant(operator, "Example Chess Club")
    token = issue(operator)
    operator.press("Pause")
    operator.answer("Pause")
    expect(operator.page.get_by_text("Paused: every request")).to_be_visible()
    assert fetched(sandbox, http, token).status_code == 403
    operator.press("Resume")
    operator.answer("Resume")
    assert fetched(sandbox, http, token).status_code == 200
    operator.press(f"Rotate token {token[16:20]}")
    operator.press("Rotate", operator.dialog)
    successor = operator.secret()
    operator.answer("Done: it is kept")
    operator.press("Stop this vendor")
    operator.answer("Stop this vendor")
    expect(operator.page.get_by_text("No token is in use.")).to_be_visible()
    assert [fetched(sandbox, http, each).status_code for each in (token, successor)] == [401, 401]


def test_a_claim_link_shows_the_token_to_the_vendor_once(
    operator: Desk, browser: Browser, sandbox: Running, http: requests.Session
) -> None:
    grant(operator, "Example Music Club")
    operator.press("Make a claim link")
    operator.press("Make the link", operator.dialog)
    link = operator.secret()
    operator.answer("Done")
    expect(operator.page.get_by_text("not yet")).to_be_visible()
    with tab(browser, link, NARROW) as vendor:
        assert vendor.violations() == []
        vendor.page.get_by_role("button", name="Show the token").click()
        shown = vendor.page.get_by_label("Token", exact=True)
        expect(shown).to_be_visible()
        token = shown.input_value()
        assert (vendor.violations(), vendor.overflow(), vendor.complaints) == ([], 0, [])
        assert "hp_claim_" not in vendor.page.url
    assert fetched(sandbox, http, token).status_code == 200
    with tab(browser, link) as late:
        late.page.get_by_role("button", name="Show the token").click()
        expect(late.page.get_by_role("heading", name="was shown before")).to_be_visible()
        expect(late.page.get_by_label("Token", exact=True)).not_to_be_visible()
    operator.go("integrations")
    operator.page.get_by_role("link", name="Example Music Club").click()
    operator.arrived()
    expect(operator.page.get_by_role("row").filter(has_text="claimed")).to_contain_text("127.0.0.1")


@pytest.mark.parametrize("token", ["nonsense", "hp_admin_\u200b" + "0" * 61])
def test_a_wrong_token_is_told_and_nothing_is_kept(browser: Browser, sandbox: Running, token: str) -> None:
    with tab(browser, f"{sandbox.url}/console") as opened:
        opened.page.get_by_label("Your admin token").fill(token)
        opened.page.get_by_role("button", name="Sign in", exact=True).click()
        expect(opened.page.get_by_role("alert")).to_contain_text("token")
        assert opened.page.evaluate("[sessionStorage.length, localStorage.length, document.cookie]") == [0, 0, ""]
        assert opened.violations() == []


def test_a_session_that_ended_hides_the_page_and_goes_on_after_signing_in(
    operator: Desk, sandbox: Running, http: requests.Session
) -> None:
    grant(operator, "Example Garden Club")
    session = json.loads(operator.page.evaluate("sessionStorage.getItem('hallpass.session')"))
    headers = {"Authorization": f"Bearer {session['token']}"}
    assert http.delete(f"{sandbox.url}/admin/v1/session", headers=headers, timeout=35).status_code == 200
    operator.press("Issue a token")
    operator.press("Issue", operator.dialog)
    ended = operator.page.get_by_role("dialog", name="Your session ended")
    expect(ended).to_be_visible()
    expect(operator.page.locator("#app")).not_to_be_visible()
    # It may show a token.
    expect(operator.page.locator("dialog").first).not_to_be_visible()
    ended.get_by_label("Your admin token").fill(sandbox.demo["operator"]["token"])
    operator.press("Sign in", ended)
    assert fetched(sandbox, http, operator.secret()).status_code == 200
    operator.answer("Done: it is kept")
    expect(operator.page.locator("#app")).to_be_visible()


def test_a_session_that_runs_out_by_itself_warns_and_then_hides_the_page(operator: Desk) -> None:
    operator.page.evaluate(RUNS_OUT, 60)
    expect(operator.page.get_by_text("Your session ends within two minutes")).to_be_visible()
    operator.page.evaluate(RUNS_OUT, -1)
    ended = operator.page.get_by_role("dialog", name="Your session ended")
    expect(ended).to_be_visible()
    expect(operator.page.locator("#app")).not_to_be_visible()
    for _ in range(4):
        operator.page.keyboard.press("Escape")
    expect(ended).to_be_visible()
    operator.press("Leave it and sign out", ended)
    expect(operator.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_what_is_shown_once_is_not_closed_by_the_escape_key(operator: Desk) -> None:
    grant(operator, "Example Running Club")
    operator.press("Issue a token")
    operator.press("Issue", operator.dialog)
    token = operator.secret()
    for _ in range(4):
        operator.page.keyboard.press("Escape")
    assert operator.secret() == token
    operator.page.evaluate("history.back()")
    assert operator.secret() == token
    operator.answer("Done: it is kept")


def test_a_claim_whose_answer_was_lost_says_what_may_have_happened(operator: Desk, browser: Browser) -> None:
    grant(operator, "Example Baking Club")
    operator.press("Make a claim link")
    operator.press("Make the link", operator.dialog)
    with tab(browser, operator.secret()) as vendor:

        def lose(route: Route) -> None:
            route.fetch()
            route.abort()

        vendor.page.route("**/admin/v1/claims", lose, times=1)
        vendor.page.get_by_role("button", name="Show the token").click()
        expect(vendor.page.get_by_text("A token may have been made")).to_be_visible()
    operator.answer("Done")


def test_the_admin_token_is_kept_nowhere(operator: Desk, sandbox: Running) -> None:
    kept = operator.page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])")
    assert sandbox.demo["operator"]["token"] not in kept
    assert operator.tab.context.cookies() == []
    operator.press("Sign out")
    expect(operator.page.get_by_label("Your admin token")).to_be_visible()
    assert operator.page.evaluate("sessionStorage.length") == 0


def test_two_people_do_not_overwrite_each_other(operator: Desk, sandbox: Running, http: requests.Session) -> None:
    grant(operator, "Example Film Club")
    address = operator.page.url.rsplit("/", 1)[-1]
    operator.page.get_by_role("link", name="Change what it sees").click()
    operator.arrived()
    path = f"/districts/{operator.district}/integrations/{address}"
    assert admin(sandbox, http, "POST", f"{path}/pause").status_code == 200
    operator.page.get_by_label("no-people@1").check()
    operator.arrived()
    operator.press("Save")
    expect(operator.page.get_by_role("alert")).to_contain_text("Somebody changed this integration")
    assert admin(sandbox, http, "GET", path).json()["integration"]["scope"]["fields"] == "identified@1"
    operator.press("Show what is there now")
    operator.arrived()
    expect(operator.page.get_by_label("identified@1")).to_be_checked()


def test_an_answer_that_was_lost_makes_nothing_twice(operator: Desk, sandbox: Running, http: requests.Session) -> None:
    grant(operator, "Example Sailing Club")
    address = operator.page.url.rsplit("/", 1)[-1]
    path = f"/districts/{operator.district}/integrations/{address}/tokens"

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    operator.page.route(f"**{path}", lose, times=1)
    operator.press("Issue a token")
    operator.press("Issue", operator.dialog)
    expect(operator.dialog.get_by_role("alert")).to_contain_text("The gateway did not answer")
    operator.press("Issue", operator.dialog)
    expect(operator.dialog).to_contain_text("Nobody can read it any more")
    operator.answer("Close")
    assert len(admin(sandbox, http, "GET", path).json()["tokens"]) == 1


def test_what_is_refused_is_told_at_its_field_and_what_was_typed_stays(operator: Desk) -> None:
    operator.go("integrations/new")
    page = operator.page
    for label, text in (
        ("Vendor", "Example"),
        ("Contact", "x"),
        ("Purpose", "y"),
        ("Agreement's number", "no blanks, please"),
    ):
        page.get_by_label(label, exact=True).fill(text)
    operator.press("Grant it")
    operator.press("Grant", operator.dialog)
    expect(operator.dialog.get_by_role("alert")).to_contain_text("agreement.id")
    operator.answer("Cancel")
    number = page.get_by_label("Agreement's number", exact=True)
    expect(number).to_have_attribute("aria-invalid", "true")
    expect(number).to_have_value("no blanks, please")
    assert operator.tab.violations() == []


def test_stored_text_is_never_markup(operator: Desk, sandbox: Running, http: requests.Session) -> None:
    raised: list[str] = []
    operator.page.on("dialog", lambda alert: raised.append(alert.message))
    grant(operator, MARKUP)
    for path in ("", "integrations", "agreements", "audit"):
        operator.go(path)
        assert operator.page.locator("main img, main b").count() == 0
    operator.go("integrations")
    expect(operator.page.get_by_role("link", name=MARKUP)).to_be_visible()
    assert raised == []


PAGES = (
    "", "integrations", "integrations/new", "integrations/{all}", "integrations/{all}/scope", "disclosures",
    "agreements", "audit", "quarantine", "cache", "people", "start",
)  # fmt: skip


@pytest.mark.parametrize(("width", "scheme"), [(NARROW, "dark"), (WIDE, "light")])
def test_no_page_shuts_anybody_out(
    browser: Browser, sandbox: Running, http: requests.Session, width: int, scheme: Scheme
) -> None:
    assert fetched(sandbox, http, sandbox.demo["tokens"]["all"]["token"]).status_code == 200
    with desk(browser, sandbox, sandbox.demo["operator"]["token"], width, scheme) as seated:
        for path in PAGES:
            seated.go(path.format(all=sandbox.demo["integrations"]["all"]["id"]))
            assert (path, seated.tab.violations(), seated.tab.overflow()) == (path, [], 0)
        seated.page.evaluate("location.hash = '#/new-district'")
        expect(seated.page.get_by_role("heading", name="New district")).to_be_visible()
        assert (seated.tab.violations(), seated.tab.complaints) == ([], [])


def test_the_keyboard_is_enough(browser: Browser, sandbox: Running) -> None:
    with tab(browser, f"{sandbox.url}/console") as opened:
        seated, keys = Desk(opened, sandbox), opened.page.keyboard
        opened.page.get_by_label("Your admin token").wait_for()
        keys.press("Tab")
        keys.insert_text(sandbox.demo["operator"]["token"])
        keys.press("Enter")
        seated.arrived()
        expect(opened.page.get_by_role("heading", level=1)).to_be_focused()
        seated.go(f"integrations/{sandbox.demo['integrations']['all']['id']}")
        button = opened.page.get_by_role("button", name="Issue a token")
        button.focus()
        keys.press("Enter")
        expect(seated.dialog).to_be_visible()
        assert opened.violations() == []
        keys.press("Escape")
        expect(seated.dialog).to_have_count(0)
        expect(button).to_be_focused()


def test_the_audit_is_filtered_and_written_to_a_file(operator: Desk, tmp_path: Path) -> None:
    operator.go("audit")
    operator.page.get_by_label("Action", exact=True).fill("district.create")
    operator.press("Search")
    operator.arrived()
    rows = operator.page.get_by_role("row").filter(has_text="district.create")
    expect(rows).to_have_count(operator.page.get_by_role("row").count() - 1)
    with operator.page.expect_download() as download:
        operator.press("Download all that match (CSV)")
    place = tmp_path / "audit.csv"
    download.value.save_as(place)
    with place.open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.DictReader(file))
    assert {row["action"] for row in written} == {"district.create"}
    assert len(written) == rows.count()
    operator.page.get_by_label("From").fill("2020-01-01")
    operator.press("Search")
    expect(operator.page.get_by_role("alert")).to_contain_text("31")


def test_a_cell_that_a_spreadsheet_would_run_is_text(operator: Desk) -> None:
    written = operator.page.evaluate(
        "async () => (await import('/console/sheet.js')).csvText(['a'], [['=1+1'], ['@x'], ['a,\"b\"'], [null], [-2]])"
    )
    assert written == 'a\r\n\'=1+1\r\n\'@x\r\n"a,""b"""\r\n\r\n-2\r\n'


def test_what_is_kept_is_refreshed_and_purged(operator: Desk, sandbox: Running, http: requests.Session) -> None:
    assert fetched(sandbox, http, sandbox.demo["tokens"]["all"]["token"]).status_code == 200
    operator.go("cache")
    operator.press("Refresh now")
    operator.answer("Refresh")
    expect(operator.page.locator("main")).to_contain_text("will be read anew")
    operator.press("Purge now")
    operator.dialog.get_by_label("To confirm").fill("purge")
    operator.answer("Purge")
    expect(operator.page.locator("main")).to_contain_text("Done, and proven")
    expect(operator.page.locator("main")).to_contain_text("nothing is kept")


def test_what_vendors_ask_for_is_warmed(operator: Desk, sandbox: Running, http: requests.Session) -> None:
    path = f"/districts/{operator.district}"
    assert admin(sandbox, http, "POST", f"{path}/purge", {"mode": "hard"}).status_code == 200
    operator.go("cache")
    operator.press("Warm now")
    assert operator.tab.violations() == []
    operator.answer("Warm")
    expect(operator.page.locator("main")).to_contain_text("Asked for: 1 listing")
    looks = (admin(sandbox, http, "GET", f"{path}/cache/statistics").json() for _ in range(2000))
    assert next(held for held in looks if held["pages"] > 1 and not held["reading"])
    operator.go("cache")
    expect(operator.page.locator("main")).not_to_contain_text("nothing is kept")
    answer = fetched(sandbox, http, sandbox.demo["tokens"]["all"]["token"])
    assert answer.headers["Cache-Status"].startswith("hallpass; hit")


def test_an_undocumented_path_is_reviewed_in_the_quarantine_and_no_longer_counted(
    operator: Desk, sandbox: Running, http: requests.Session
) -> None:
    # The invented records have such places as they are.
    assert fetched(sandbox, http, sandbox.demo["tokens"]["all"]["token"]).status_code == 200
    operator.go("")
    tile = operator.page.get_by_role("listitem").filter(has=operator.page.get_by_role("link", name="Quarantined"))
    status = admin(sandbox, http, "GET", f"/districts/{operator.district}/status").json()
    before = status["quarantined_unreviewed"]
    assert before > 0
    expect(tile).to_contain_text(f"withheld; {before} not reviewed")
    operator.go("quarantine")
    row = operator.page.get_by_role("row").filter(has_text="not yet").first
    path = row.get_by_role("rowheader").inner_text()
    operator.press(f"Review {path}", row)
    expect(operator.dialog).to_contain_text(f"{path} stays withheld")
    assert operator.tab.violations() == []
    operator.dialog.get_by_label("What came of looking into it").select_option("known-harmless")
    operator.answer("Keep the review")
    expect(operator.page.locator("main")).to_contain_text("The review is kept.")
    said = operator.page.get_by_role("row").filter(has=operator.page.get_by_text(path, exact=True))
    expect(said).to_contain_text("nothing about a person")
    expect(said).to_contain_text("by Demo Operator")
    operator.go("")
    expect(tile).to_contain_text(f"withheld; {before - 1} not reviewed")


def test_who_saw_a_person_is_answered_and_the_number_stands_in_no_address(
    operator: Desk, sandbox: Running, http: requests.Session
) -> None:
    incidents = fetched(sandbox, http, sandbox.demo["tokens"]["all"]["token"]).json()["incidents"]
    number = next(
        one["student"]["district_id"]
        for each in incidents
        for one in each["offenders"]
        if one["student"].get("district_id")
    )
    asked: list[str] = []
    operator.page.on("request", lambda request: asked.append(request.url))
    operator.go("disclosures")
    operator.page.get_by_label("Number").fill(f" {number} ")
    with operator.page.expect_request("**/disclosures") as sent:
        operator.press("Look")
    assert json.loads(sent.value.post_data or "")["number"] == number
    expect(operator.page.locator("main")).to_contain_text("On record since")
    assert operator.tab.violations() == []
    assert not any(number in address for address in asked)


def invited(operator: Desk, token: str, name: str, role: str) -> str:
    operator.go("people")
    operator.press("Invite somebody")
    operator.dialog.get_by_label("Name").fill(name)
    operator.dialog.get_by_label("Role").select_option(role)
    operator.dialog.get_by_label("Your admin token").fill(token)
    operator.press("Invite", operator.dialog)
    code = operator.secret()
    operator.answer("Done")
    return code


def joined(browser: Browser, sandbox: Running, code: str) -> str:
    """The admin token that nobody else has seen."""
    with tab(browser, f"{sandbox.url}/console") as opened:
        opened.page.get_by_text("You were invited").click()
        opened.page.get_by_label("Your invitation").fill(code)
        opened.page.get_by_role("button", name="Get my admin token").click()
        text = opened.page.locator("#secret")
        expect(text).to_be_visible()
        token = text.inner_text()
        opened.page.get_by_role("button", name="I have kept it: sign in").click()
        expect(opened.page.get_by_role("button", name="Sign out")).to_be_visible()
        return token


def test_an_auditor_is_invited_and_changes_nothing(operator: Desk, browser: Browser, sandbox: Running) -> None:
    token = joined(browser, sandbox, invited(operator, sandbox.demo["operator"]["token"], "Cy Fictional", "auditor"))
    with desk(browser, sandbox, token) as auditor:
        for path in ("", "integrations", "integrations/{all}", "agreements", "audit", "quarantine", "cache"):
            auditor.go(path.format(all=sandbox.demo["integrations"]["all"]["id"]))
            expect(auditor.page.get_by_role("heading", name="This could not be shown")).to_have_count(0)
            assert changing(auditor.page) == []
        assert auditor.tab.complaints == []


def changing(page: Page) -> list[str]:
    """The buttons of the page, but for those that only read."""
    reading = {
        "Sign out",
        "Menu",
        "Search",
        "Explain",
        "Older rows",
        "Download all that match (CSV)",
        "Download (CSV)",
        "Print",
    }
    return sorted(set(page.get_by_role("button").all_inner_texts()) - reading)


def test_a_district_admin_sees_a_real_incident_on_record(
    operator: Desk, browser: Browser, sandbox: Running, http: requests.Session
) -> None:
    assert fetched(sandbox, http, sandbox.demo["tokens"]["all"]["token"]).status_code == 200
    token = joined(
        browser, sandbox, invited(operator, sandbox.demo["operator"]["token"], "Bo Inventado", "district-admin")
    )
    with desk(browser, sandbox, token) as officer:
        officer.go(f"integrations/{sandbox.demo['integrations']['all']['id']}/scope")
        officer.press("Show it with a real incident")
        officer.answer("Show it, on record")
        expect(officer.page.locator(".preview")).to_contain_text("A real incident: that you saw it is on record")
        officer.go("people")
        officer.press("Rotate my token")
        officer.dialog.get_by_label("Your present admin token").fill(token)
        officer.press("Rotate", officer.dialog)
        assert officer.secret().startswith("hp_admin_")
        officer.answer("Done")
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    body = {"from": today, "to": today, "action": "scope.preview", "disclosure": "records"}
    rows = admin(sandbox, http, "POST", f"/districts/{officer.district}/audit/search", body).json()["rows"]
    assert any(row["role"] == "district-admin" for row in rows)


def test_a_new_district_is_tried_confirmed_and_led_through_its_first_steps(operator: Desk, sandbox: Running) -> None:
    operator.page.evaluate("location.hash = '#/new-district'")
    page = operator.page
    page.get_by_label("District's name").fill("Example Hills Schools")
    page.get_by_label("Time zone").fill("America/Denver")
    page.get_by_label("Upstream token").fill("wrong")
    operator.press("Test it")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Upstream token").fill(SIMULATED_TOKEN)
    operator.press("Test it")
    expect(page.get_by_role("table", name="Schools of the account")).to_contain_text("Invented Elementary")
    page.get_by_label("District's name").fill("Example Hills Unified")
    expect(page.get_by_role("button", name="These are our schools: add the district")).to_have_count(0)
    operator.press("Test it")
    operator.press("These are our schools: add the district")
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()
    operator.arrived()
    expect(page.locator(".steps li.open")).to_have_count(5)
    page.get_by_label("I have revoked it").check()
    expect(page.locator(".steps li.open")).to_have_count(4)


def test_a_print_has_the_page_and_none_of_its_buttons(operator: Desk) -> None:
    operator.go("agreements")
    operator.page.emulate_media(media="print")
    assert not operator.page.get_by_role("navigation").is_visible()
    assert not operator.page.get_by_role("button", name="Print").is_visible()
    assert operator.page.get_by_role("heading", level=1).is_visible()
