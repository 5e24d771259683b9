"""The pages of the site: which there are, out of which source, in which frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from press.markup import Body, body_of
from press.problems import errors_page

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "docs"
SITE = ROOT / "layers" / "hallpass" / "hallpass" / "static" / "docs"
PLAIN = ("docs.css", "icon.svg")
MOST_CONTENTS = 20


@dataclass(frozen=True, slots=True)
class Page:
    """`name`: of the file and, but for `index`, of the address; `menu`: what links to it say."""

    name: str
    source: str
    menu: str
    written: Callable[[str], str] = str

    @property
    def address(self) -> str:
        return "/docs" if self.name == "index" else f"/docs/{self.name}"


PAGES = (
    Page("index", "quickstart.md", "Quickstart"),
    Page("guide", "vendors.md", "Guide"),
    Page("test-tokens", "test-tokens.md", "Test tokens"),
    Page("errors", "errors.md", "Errors", errors_page),
    Page("json", "json-format.md", "JSON"),
    Page("csv", "csv-format.md", "CSV"),
    Page("scopes", "scopes.md", "Scopes"),
    Page("caching", "caching.md", "Snapshots and cache"),
)
ADDRESSES: Mapping[str, str] = {page.source: page.address for page in PAGES}


def files() -> Mapping[str, str]:
    """Every file of the site, by its name."""
    made = {f"{page.name}.html": _html(page) for page in PAGES}
    return made | {name: (Path(__file__).resolve().parent / name).read_text(encoding="utf-8") for name in PLAIN}


def _html(page: Page) -> str:
    text = page.written((SOURCES / page.source).read_text(encoding="utf-8"))
    body = body_of(text, ADDRESSES)
    title = escape(body.headings[0].words)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} - Hallpass for vendors</title>
<link rel="stylesheet" href="/docs/docs.css">
<link rel="icon" href="/docs/icon.svg">
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<header>
<p class="name"><a href="/docs">Hallpass for vendors</a></p>
<nav aria-label="Pages"><ul>
{"".join(_menu(page))}</ul></nav>
</header>
<main id="content" tabindex="-1">
{_with_contents(body)}</main>
<footer><p>For programs: <a href="/v1/openapi.json">OpenAPI</a>, <a href="/v1/incidents.schema.json">JSON Schema</a>.
EducatorsHandbook.com is a trademark of its owner.</p></footer>
</body>
</html>
"""


def _menu(current: Page) -> Iterator[str]:
    for page in PAGES:
        here = ' aria-current="page"' if page is current else ""
        yield f'<li><a href="{page.address}"{here}>{escape(page.menu)}</a></li>\n'


def _with_contents(body: Body) -> str:
    """Behind the title; a page of very many sections has a table of them instead."""
    sections = [heading for heading in body.headings if heading.level == 2]
    if len(sections) > MOST_CONTENTS:
        return body.html
    items = "".join(f'<li><a href="#{each.anchor}">{escape(each.words)}</a></li>\n' for each in sections)
    contents = f'<nav class="contents" aria-label="On this page"><ul>\n{items}</ul></nav>\n'
    title, end, rest = body.html.partition("</h1>\n")
    return f"{title}{end}{contents}{rest}"
