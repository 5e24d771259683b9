"""The vendors' site in a real browser: nothing that axe finds, nothing that scrolls sideways, usable by keyboard.

The rule: the pages are the running product's, under its own policy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from press.site import PAGES, Page
from sandbox.running import Running
from tests.browser import NARROW, WIDE, Scheme, chromium

pytestmark = pytest.mark.xdist_group("sandbox")
# Not `wait_for_function`: it evaluates text within the page, which the page's policy forbids.
SCROLLED = """new Promise(done => {
  const box = document.activeElement, look = () => box.scrollLeft > 0 && done(true);
  box.addEventListener("scroll", look);
  look();
})"""
EACH = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def opened(browser: Browser, url: str, width: int, scheme: Scheme = "light") -> tuple[Tab, list[str]]:
    """A tab, and what it complained of or asked of anybody else."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    tab, complaints = context.new_page(), list[str]()
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda asked: complaints.extend([] if asked.url.startswith(url[:17]) else [asked.url]))
    tab.goto(url)
    return tab, complaints


# Each width and each scheme once: what a colour is told apart by is another question than what fits.
@pytest.mark.parametrize(("width", "scheme"), [(NARROW, "light"), (WIDE, "dark")])
@EACH
def test_a_page_has_nothing_that_shuts_anybody_out(
    sandbox: Running, browser: Browser, page: Page, width: int, scheme: Scheme
) -> None:
    tab, complaints = opened(browser, sandbox.url + page.address, width, scheme)
    assert tab.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert complaints == []
    found: dict[str, Any] = Axe().run(tab).response
    assert [(each["id"], each["nodes"][0]["target"]) for each in found["violations"]] == []
    tab.context.close()


def test_the_keyboard_comes_first_to_the_text_and_then_to_every_box_that_scrolls(
    sandbox: Running, browser: Browser
) -> None:
    tab, _ = opened(browser, f"{sandbox.url}/docs/scopes", NARROW)
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to the text"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "content"
    box = tab.locator(".wide").nth(1)
    box.focus()
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate(SCROLLED)
    tab.context.close()


def test_a_print_has_the_text_and_no_menu(sandbox: Running, browser: Browser) -> None:
    tab, _ = opened(browser, f"{sandbox.url}/docs", WIDE)
    tab.emulate_media(media="print")
    assert not tab.locator("header nav").is_visible()
    assert not tab.locator(".contents").is_visible()
    assert tab.locator("h1").is_visible()
    # What scrolls on a screen is broken into lines on paper.
    assert tab.evaluate("getComputedStyle(document.querySelector('pre')).whiteSpace") == "pre-wrap"
    tab.context.close()


def test_the_menu_leads_from_page_to_page(sandbox: Running, browser: Browser) -> None:
    tab, _ = opened(browser, f"{sandbox.url}/docs", NARROW)
    for page in PAGES:
        tab.get_by_role("navigation", name="Pages").get_by_role("link", name=page.menu, exact=True).click()
        assert tab.url == sandbox.url + page.address
    tab.context.close()
