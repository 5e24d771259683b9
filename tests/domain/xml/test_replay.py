"""F-02: pages of a later revision of the upstream through a view made for an earlier one: nothing more comes out."""

from __future__ import annotations

import pytest
from hallpass.domain.csv_writer import render_csv
from hallpass.domain.custom_fields import CustomFields
from hallpass.domain.field_groups import Numbers, Victims
from hallpass.domain.json_writer import render_json, render_ndjson
from hallpass.domain.presets import PRESETS
from hallpass.domain.pseudonyms import Pseudonyms
from hallpass.domain.reading import read_page
from hallpass.domain.schema import FIELDS, REVISIONS, TABLE, VALUE_PATHS, Group
from hallpass.domain.tree import DOCUMENTED, Element, Shape
from hallpass.domain.view import FieldView, view_of
from hallpass.domain.xml_writer import render_xml

from tests.domain.xml.material import EVERYTHING, Node, written


def whole(element: Element, revision: str) -> Node:
    """An element with everything that was documented by then: what came later is not in it."""
    node = Node(element.field.name)
    known = [field for field in element.attributes.values() if field.since <= revision]
    node.attributes = {field.name: "minor" if field.path == "incident/@type" else f"@{field.name}" for field in known}
    children = [child for child in element.children.values() if child.field.since <= revision]
    node.content = [whole(child, revision) for child in children for _ in range(1 + (element.shape is Shape.LIST))]
    if element.field.holds_value:
        node.content = [f"text of {element.field.name}"]
    return node


def page_of(revision: str) -> bytes:
    attributes = {"count": "1", "page": "1", "total-pages": "1"}
    return written(Node("incidents", attributes, [whole(DOCUMENTED, revision)]))


def revision_view(revision: str, base: frozenset[str] = VALUE_PATHS) -> FieldView:
    """The documented paths of a revision: a preset that was fixed then."""
    return FieldView(f"{revision}@test", frozenset(path for path in base if FIELDS[path].since <= revision))


def outputs(page: bytes, view: FieldView, *, unknown: bool = False) -> tuple[bytes, ...]:
    """In every format."""
    model = read_page(page)
    assert bool(model.quarantine) is unknown
    xml = render_xml(model, model.incidents, view).body
    json = render_json(model, model.incidents, view, "d").body
    return xml, json, render_ndjson(model.incidents, view).body, render_csv(model.incidents, view).body


LATER = [(made, sent) for made in REVISIONS for sent in REVISIONS if made <= sent]


@pytest.mark.parametrize(("made", "sent"), LATER, ids=[f"made for {made}, sent in {sent}" for made, sent in LATER])
@pytest.mark.parametrize("base", [VALUE_PATHS, view_of("all-documented@1").paths], ids=["all", "all-documented"])
def test_output_is_unchanged_byte_for_byte(made: str, sent: str, base: frozenset[str]) -> None:
    view = revision_view(made, base)
    assert outputs(page_of(sent), view) == outputs(page_of(made), view)


PINNED = [
    pytest.param(name, id=name.partition(":")[0])
    for name in (
        *(preset for preset in PRESETS if preset != "upstream@1"),
        *(CustomFields(frozenset(Group), Victims.AS_OFFENDERS, Numbers.KEPT, revision).name for revision in REVISIONS),
    )
]


@pytest.mark.parametrize("name", PINNED)
@pytest.mark.parametrize(("made", "sent"), LATER, ids=[f"{made} then {sent}" for made, sent in LATER])
def test_every_preset_and_pinned_list_shows_no_more_of_a_later_revision(name: str, made: str, sent: str) -> None:
    """What `name` granted when only `made` was documented comes out the same when the upstream sends `sent`."""
    granted = view_of(name)
    then = frozenset(path for path in granted.paths if FIELDS[path].since <= made)
    view = FieldView(name, then, granted.whole_days, granted.pseudonymised)
    view = view.bound(Pseudonyms(bytes(32), 1)) if view.pseudonymised else view
    assert outputs(page_of(sent), view) == outputs(page_of(made), view)


def test_a_revision_of_the_future_changes_nothing_that_any_preset_or_list_shows() -> None:
    """New elements and attributes at every depth, and known names at other paths: every view as it is today."""
    future = Node("incidents", {"count": "1", "page": "1", "total-pages": "1"}, [whole(DOCUMENTED, "2025-12")])
    for number, node in enumerate(list(future.all())):
        node.attributes[f"new-{number}"] = "FUTURE"
        if node is future or any(isinstance(part, Node) for part in node.content):
            moved = Node("description" if node.name != "incident" else "name", {"code": "FUTURE"}, ["FUTURE"])
            node.content += [Node(f"new-{number}", {"code": "FUTURE"}, ["FUTURE"]), moved]
    today, coming = page_of("2025-12"), written(future)
    assert sum(read_page(coming).quarantine.values()) > 100
    for name in (*PRESETS, *(parameter.values[0] for parameter in PINNED)):
        view = view_of(str(name))
        view = view.bound(Pseudonyms(bytes(32), 1)) if view.pseudonymised else view
        assert outputs(coming, view, unknown=True) == outputs(today, view), name


def test_a_list_of_groups_of_an_earlier_revision_withholds_what_came_later() -> None:
    """F-04: every group there is, granted in 2020, shows nothing of 2025-12."""
    early = CustomFields(frozenset(Group), Victims.AS_OFFENDERS, Numbers.KEPT, "2020-04")
    xml, json, *_ = outputs(page_of("2025-12"), view_of(early.name))
    for word in (b"homeless", b"foster", b"frpl", b"employee", b"attributes"):
        assert word not in xml + json
    assert (xml, json) == outputs(page_of("2020-04"), view_of(early.name))[:2]


def test_the_revisions_do_differ() -> None:
    pages = [page_of(revision) for revision in REVISIONS]
    assert len({len(page) for page in pages}) == 3
    assert b"frpl" not in pages[1]
    assert b"frpl" in pages[2]
    assert all(field.since in REVISIONS for field in TABLE)


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_page_of_a_revision_is_read_whole(revision: str) -> None:
    model = read_page(page_of(revision))
    shown = render_xml(model, model.incidents, EVERYTHING).body
    assert read_page(shown).incidents == model.incidents
    for path in revision_view(revision).paths:
        field = FIELDS[path]
        expected = f'{field.name}="@' if field.is_attribute else f">text of {field.name}<"
        assert path == "incident/@type" or expected.encode() in shown


def test_where_injury_stands_makes_no_difference_in_json() -> None:
    """Before 2025-12 it stood after `weapons`: element order is not a contract."""
    now = page_of("2025-12")
    injury = b'<injury code="@code">text of injury</injury>'
    weapons = now[now.index(b"<weapons") : now.index(b"</weapons>") + len(b"</weapons>")]
    moved = now.replace(injury, b"", 1).replace(weapons, weapons + injury, 1)
    assert moved != now
    model, other = read_page(now), read_page(moved)
    assert render_json(model, model.incidents, EVERYTHING, "d") == render_json(other, other.incidents, EVERYTHING, "d")
