"""The site for vendors' developers is what docs/*.md and the code say: whole, linked, with nothing from elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hallpass.domain.presets import PRESETS
from hallpass.domain.schema import Group

from press import __main__ as printing
from press import tables
from press.markup import body_of
from press.problems import problems
from press.provocations import PROVOCATIONS
from press.site import MOST_CONTENTS, PAGES, SITE, SOURCES, Page, files
from tests.vendor.world import World

ADDRESSES = {page.address for page in PAGES}
SERVED_BESIDE = {"/v1/openapi.json", "/v1/incidents.schema.json"}
EACH = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@dataclass(slots=True)
class Seen(HTMLParser):
    """What of a page leads somewhere or names a place."""

    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        where = self.links if tag == "a" else self.loaded
        where += [str(told[name]) for name in ("href", "src") if name in told]
        self.ids += [str(told["id"])] if "id" in told else []
        self.inline += [tag] if tag in {"script", "style"} or "style" in told else []
        self.inline += [name for name in told if name.startswith("on")]


def seen(html: str) -> Seen:
    read = Seen()
    read.feed(html)
    return read


def test_what_is_served_is_what_the_docs_say_now() -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in SITE.iterdir()}
    assert kept == files(), "`make docs` prints it anew"


def test_printing_again_takes_away_what_is_no_page_any_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "SITE", tmp_path / "docs")
    printing.main()
    (tmp_path / "docs" / "old.html").write_text("gone")
    printing.main()
    assert {path.name for path in (tmp_path / "docs").iterdir()} == set(files())


@EACH
def test_a_page_is_served_to_everybody_and_leaves_a_line_and_no_row(page: Page) -> None:
    world = World()
    answer = world.send("GET", page.address)
    assert (answer.status, answer.body.decode()) == (200, files()[f"{page.name}.html"])
    assert "default-src 'none'" in (answer.header("Content-Security-Policy") or "")
    assert [line.action for line in world.audit.records] == ["docs"]
    assert world.ledger.records == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("HEAD", "/docs", 200),
        ("GET", "/docs/", 200),
        ("GET", "/docs/docs.css", 200),
        ("GET", "/docs/nothing", 404),
        ("GET", "/docs/../claim/claim.js", 404),
        ("POST", "/docs/errors", 405),
    ],
)
def test_what_else_is_asked_for_under_docs(method: str, path: str, status: int) -> None:
    world = World()
    assert world.send(method, path).status == status
    assert world.ledger.records == []


def test_docs_are_there_only_under_their_address() -> None:
    assert World().send("GET", "/docsother").status == 404


@EACH
def test_a_page_loads_its_own_style_and_nothing_else(page: Page) -> None:
    found = seen(files()[f"{page.name}.html"])
    assert found.loaded == ["/docs/docs.css", "/docs/icon.svg"]
    assert found.inline == []


@EACH
def test_every_link_leads_somewhere(page: Page) -> None:
    html = files()
    for link in seen(html[f"{page.name}.html"]).links:
        address, _, anchor = link.partition("#")
        if address in SERVED_BESIDE:
            continue
        target = page if not address else next(each for each in PAGES if each.address == address)
        if anchor:
            assert anchor in seen(html[f"{target.name}.html"]).ids, link


@EACH
def test_no_place_has_two_names_nor_a_name_two_places(page: Page) -> None:
    ids = seen(files()[f"{page.name}.html"]).ids
    assert len(ids) == len(set(ids)) > 1


@EACH
def test_every_page_is_on_the_menu_and_says_which_it_is(page: Page) -> None:
    html = files()[f"{page.name}.html"]
    assert set(seen(html).links) >= ADDRESSES
    assert f'<a href="{page.address}" aria-current="page">' in html
    assert html.count("<h1") == html.count("</h1>") == 1
    sections = html.count("<h2")
    assert ('class="contents"' in html) == (sections <= MOST_CONTENTS)


def test_the_page_of_errors_has_all_that_a_vendor_can_meet_and_no_other() -> None:
    text = (SOURCES / "errors.md").read_text(encoding="utf-8")
    assert {problem.slug for problem in problems(text)} == set(PROVOCATIONS)
    shown = seen(files()["errors.html"]).ids
    assert set(PROVOCATIONS) <= set(shown)
    assert "role-insufficient" not in files()["errors.html"]
    assert "The gateway itself answers" in files()["errors.html"]


@pytest.mark.parametrize(
    ("source", "table"),
    [("test-tokens.md", tables.tokens), ("test-tokens.md", tables.problems), ("vendors.md", tables.states)],
    ids=["the test tokens", "how problems are provoked", "the statuses"],
)
def test_the_tables_are_the_codes_own(source: str, table: object) -> None:
    assert callable(table)
    assert f"\n\n{table()}" in (SOURCES / source).read_text(encoding="utf-8")


def test_every_preset_and_group_stands_in_plain_words_on_the_page_of_scopes() -> None:
    html = files()["scopes.html"]
    for name in (*PRESETS, *Group):
        assert f"<code>{name}</code>" in html


def test_no_markup_of_a_source_gets_through() -> None:
    html = body_of("# One\n\n<script>alert(1)</script> and `<b>`\n\n```sh\n<i>\n```\n", {}).html
    assert "<script" not in html
    assert "<b>" not in html
    assert "<i>" not in html


def test_a_note_to_who_writes_is_not_shown() -> None:
    html = body_of("# One\n\n<!-- a note -->\n| a |\n| --- |\n| b |\n<!-- end -->\n\nText\n", {}).html
    assert "!--" not in html
    assert html.count("<tr>") == 2


@EACH
def test_no_link_is_called_by_a_files_name(page: Page) -> None:
    assert not re.search(r">[\w-]+\.md<", files()[f"{page.name}.html"])


def test_a_link_to_what_is_no_page_is_words() -> None:
    addresses = {"vendors.md": "/docs/guide"}
    html = body_of("# One\n\n[a](vendors.md#x), [b](districts.md), [c](#one)\n", addresses).html
    assert '<p><a href="/docs/guide#x">a</a>, b, <a href="#one">c</a></p>' in html


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_can_be_read(scheme: int) -> None:
    declared = re.findall(r":root \{([^}]*--ground[^}]*)\}", files()["docs.css"])[scheme]
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", declared))
    for ground in ("ground", "box"):
        for text in ("text", "quiet", "link"):
            assert contrast(colours[text], colours[ground]) >= 4.5
