"""Chromium, driven by Playwright: what a person's browser does with the pages that the product sends.

Rule: a tab keeps every complaint of its page and every request that went elsewhere; a test looks at them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NARROW, WIDE = 360, 1280
Scheme = Literal["light", "dark"]
# A machine that runs other tests beside it is slow; what is awaited comes, or never.
expect.set_options(timeout=30_000)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The one on the path, or Playwright's own: `make test` sees to it that there is one."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        # Without its own sandbox it also starts where root runs the tests; it loads loopback alone.
        started = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield started
        started.close()


@dataclass
class Tab:
    """A page in a browser of its own: nothing is shared with another tab."""

    page: Page
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def violations(self) -> list[tuple[str, str]]:
        """What axe finds: the rule and where."""
        found: dict[str, Any] = Axe().run(self.page).response
        return [(each["id"], str(each["nodes"][0]["target"])) for each in found["violations"]]

    def overflow(self) -> int:
        """How many pixels there are to scroll sideways."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@contextmanager
def tab(browser: Browser, url: str, width: int = WIDE, scheme: Scheme = "light") -> Iterator[Tab]:
    """Opened at `url`. Times and numbers are as in the United States."""
    size = {"width": width, "height": 900}
    context = browser.new_context(viewport=size, color_scheme=scheme, locale="en-US", accept_downloads=True)  # type: ignore[arg-type]  # a mapping of these two
    opened = Tab(context.new_page(), context)
    host = urlsplit(url).netloc

    def complain(text: str) -> None:
        # What a refused request looks like in the console is no complaint of the page's.
        if not text.startswith("Failed to load resource"):
            opened.complaints.append(text)

    opened.page.on("console", lambda message: complain(message.text) if message.type in {"error", "warning"} else None)
    opened.page.on("pageerror", lambda error: complain(str(error)))
    opened.page.on("request", lambda asked: note(asked.url))

    def note(asked: str) -> None:
        if urlsplit(asked).netloc not in {host, ""}:
            opened.elsewhere.append(asked)

    opened.page.goto(url)
    try:
        yield opened
    finally:
        context.close()
