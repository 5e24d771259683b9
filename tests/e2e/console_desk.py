"""A person at the console: signs in, goes from page to page, fills in forms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, expect

from sandbox.running import Running
from tests.browser import WIDE, Scheme, Tab, tab


class Desk:
    """`district`: the id of the one that is looked at."""

    def __init__(self, opened: Tab, sandbox: Running) -> None:
        self.tab = opened
        self.page = opened.page
        self.district = str(sandbox.demo["district"]["id"])

    def sign_in(self, token: str) -> None:
        self.page.get_by_label("Your admin token").fill(token)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()
        self.arrived()

    def go(self, path: str) -> None:
        """`path`: within the district, as `integrations/new`; "" is the overview."""
        # Every page is opened anew, also the one that is open.
        self.page.evaluate("address => { location.hash = address; }", "#/nowhere")
        self.arrived()
        self.page.evaluate("address => { location.hash = address; }", f"#/d/{self.district}{path and f'/{path}'}")
        self.arrived()

    def arrived(self) -> None:
        """Nothing is being read any more."""
        expect(self.page.locator("main[aria-busy=false]")).to_be_visible()
        expect(self.page.locator(".preview[aria-busy=true]")).to_have_count(0)
        expect(self.page.get_by_text("Reading …")).to_have_count(0)

    def press(self, name: str, within: Locator | None = None) -> None:
        (within or self.page).get_by_role("button", name=name, exact=True).click()

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def answer(self, name: str) -> None:
        """Presses a button of the dialog, which closes once that is done."""
        self.press(name, self.dialog)
        expect(self.dialog).to_have_count(0)

    def secret(self) -> str:
        """What is shown once."""
        return self.page.locator("#secret").inner_text()


@contextmanager
def desk(browser: Browser, sandbox: Running, token: str, width: int = WIDE, scheme: Scheme = "light") -> Iterator[Desk]:
    """Signed in."""
    with tab(browser, f"{sandbox.url}/console", width, scheme) as opened:
        seated = Desk(opened, sandbox)
        seated.sign_in(token)
        yield seated
        assert opened.elsewhere == []
