"""The laws of a view, over generated pages: a view only removes, and XML and JSON of it say the same."""

from __future__ import annotations

from xml.etree.ElementTree import Element as Tree

import orjson
from defusedxml.ElementTree import fromstring
from hallpass.domain.json_schema import json_schema
from hallpass.domain.json_writer import render_json
from hallpass.domain.model import PageModel, dump_model, load_model
from hallpass.domain.reading import read_page
from hallpass.domain.schema import FIELDS, Kind
from hallpass.domain.unreadable import UnreadablePageError
from hallpass.domain.view import FieldView
from hallpass.domain.xml_writer import render_xml
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.domain.xml.cut import cut_to
from tests.domain.xml.facts import of_json, of_xml, path_of, without_empty_lists
from tests.domain.xml.material import CHARACTERS, EVERYTHING, NAMES, VIEWS, Node, incident, roots, written

CANARY = "CANARY"


def xml(model: PageModel, view: FieldView) -> bytes:
    return render_xml(model, model.incidents, view).body


def json(model: PageModel, view: FieldView) -> bytes:
    return render_json(model, model.incidents, view, "d").body


@given(roots())
def test_documented_pages_are_read_whole(root: Node) -> None:
    """XML -> JSON keeps every text and attribute of documented paths."""
    source = written(root)
    model = read_page(source)
    assert model.quarantine == {}
    assert of_xml(source) == of_xml(xml(model, EVERYTHING))
    assert without_empty_lists(of_xml(source)) == without_empty_lists(of_json(json(model, EVERYTHING)))


@given(roots())
def test_xml_to_model_to_xml_is_a_fixed_point(root: Node) -> None:
    model = read_page(written(root))
    once = xml(model, EVERYTHING)
    again = read_page(once)
    assert again.incidents == model.incidents
    assert [list(row) for row in again.incidents] == [list(row) for row in model.incidents]
    assert xml(again, EVERYTHING) == once


@given(roots(), VIEWS)
def test_xml_and_json_of_one_view_carry_the_same_facts(root: Node, view: FieldView) -> None:
    model = read_page(written(root))
    in_xml, in_json = of_xml(xml(model, view)), of_json(json(model, view))
    shown = EVERYTHING.paths - view.paths
    # An element that is there for its attributes alone has no text of its own to speak of.
    said = {fact: count for fact, count in in_xml.items() if path_of(fact[0]) not in shown or fact[1] == "is there"}
    assert without_empty_lists(in_json) == without_empty_lists(type(in_xml)(said))


@given(roots(), VIEWS)
def test_a_view_only_removes(root: Node, view: FieldView) -> None:
    model = read_page(written(root))
    everything = of_json(json(model, EVERYTHING))
    some = of_json(json(model, view))
    assert some <= everything
    values = {path_of(place) for place, value in some if value != "is there"}
    assert values <= view.paths
    hidden = {fact for fact in everything - some if fact[1] != "is there"}
    assert not {path_of(place) for place, _ in hidden} & view.paths, "and removes nothing that was granted"


@given(roots(), VIEWS)
def test_a_view_of_a_view_is_the_view(root: Node, view: FieldView) -> None:
    model = read_page(written(root))
    cut = tuple(cut_to(view, row) for row in model.incidents)
    assert tuple(cut_to(view, row) for row in cut) == cut
    assert render_xml(model, cut, view).body == xml(model, view)
    assert render_xml(model, cut, EVERYTHING).body == xml(model, view)
    assert render_json(model, cut, view, "d").body == json(model, view)
    assert read_page(xml(model, view)).quarantine == {}


@given(roots(), VIEWS, VIEWS)
def test_a_wider_view_shows_no_less(root: Node, some: FieldView, more: FieldView) -> None:
    model = read_page(written(root))
    wider = FieldView("wider@test", some.paths | more.paths)
    assert of_json(json(model, some)) <= of_json(json(model, wider))
    assert of_xml(xml(model, FieldView("s@1", some.paths))).keys() - of_xml(xml(model, wider)).keys() <= {
        (place, value) for place, value in of_xml(xml(model, some)) if path_of(place) not in some.paths
    }


@given(roots(), VIEWS, st.data())
def test_every_count_is_of_what_is_left(root: Node, view: FieldView, data: st.DataObject) -> None:
    model = read_page(written(root))
    rows = tuple(row for row in model.incidents if data.draw(st.booleans()))
    tree = fromstring(render_xml(model, rows, view).body)
    assert tree.get("count") == str(len(rows)) == str(len(tree))
    shown = orjson.loads(render_json(model, rows, view, "d").body)
    assert shown["count"] == len(rows) == len(shown["incidents"])
    for name, element in _with_names(tree):
        if FIELDS[name].kind is Kind.LIST:
            assert element.get("count") == str(len(element))


def _with_names(tree: Tree) -> list[tuple[str, Tree]]:
    def below(element: Tree, path: str) -> list[tuple[str, Tree]]:
        return [(path, element), *(pair for child in element for pair in below(child, f"{path}/{child.tag}"))]

    return [pair for child in tree for pair in below(child, "incident")]


@given(roots(), VIEWS)
def test_what_is_sent_is_valid_under_the_views_schema(root: Node, view: FieldView) -> None:
    model = read_page(written(root))
    Draft202012Validator(json_schema(view)).validate(orjson.loads(json(model, view)))


@given(roots())
def test_the_stored_model_is_the_model(root: Node) -> None:
    model = read_page(written(root))
    assert load_model(dump_model(model)) == model
    assert dump_model(load_model(dump_model(model))) == dump_model(model)
    assert [list(row) for row in load_model(dump_model(model)).incidents] == [list(row) for row in model.incidents]


@st.composite
def polluted(draw: st.DrawFn) -> Node:
    """A page with unknown nodes planted anywhere: elements, attributes, trees, text."""
    root = draw(roots(most=1))
    places = [node for node in root.all() if node.name == "incidents" or not _is_leaf(node)]
    for place in draw(st.lists(st.sampled_from(places), min_size=1, max_size=4, unique_by=id)):
        name = draw(NAMES.filter(lambda name: name.startswith(("z", "_"))))
        how = draw(st.sampled_from(["element", "attribute", "tree", "text", "namespace"]))
        if how == "attribute":
            place.attributes[f"q-{name}"] = CANARY
        elif how == "text":
            place.content.insert(draw(st.integers(0, len(place.content))), CANARY)
        else:
            place.content.insert(draw(st.integers(0, len(place.content))), _planted(draw(NAMES), name, how))
    return root


def _is_leaf(node: Node) -> bool:
    return any(isinstance(part, str) for part in node.content)


def _planted(known: str, name: str, how: str) -> Node:
    inside = Node(known, {"code": CANARY, "district-id": CANARY}, [CANARY, Node("name", {}, [CANARY])])
    if how == "namespace":
        return Node(f"x:{known}", {"xmlns:x": "urn:x", "code": CANARY}, [CANARY])
    return Node(name, {"type": CANARY}, [inside, CANARY] if how == "tree" else [CANARY])


@given(polluted(), VIEWS)
def test_no_canary_of_an_unknown_node_comes_out(root: Node, view: FieldView) -> None:
    model = read_page(written(root))
    assert sum(model.quarantine.values()) > 0
    outputs = [dump_model(model), repr(model).encode()]
    outputs += [write(model, each) for write in (xml, json) for each in (view, EVERYTHING)]
    assert all(CANARY.encode() not in output for output in outputs)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A page with pieces cut out, doubled, moved or overwritten."""
    data = bytearray(written(draw(roots(most=1))))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 12)))
        piece = bytes(data[start:end])
        at = draw(st.integers(0, len(data)))
        match draw(st.sampled_from(["cut", "double", "noise", "move", "text"])):
            case "cut":
                del data[start:end]
            case "double":
                data[at:at] = piece
            case "move":
                del data[start:end]
                data[at:at] = piece
            case "noise":
                data[start:end] = draw(st.binary(max_size=6))
            case _:
                data[at:at] = draw(st.text(CHARACTERS, max_size=4)).encode()
    return bytes(data)


@given(st.one_of(mutated(), st.binary(max_size=60)))
@example(incident("<date>2025-09-01</date>"))
def test_x42_whatever_the_bytes_a_page_or_the_one_refusal(data: bytes) -> None:
    """And what is accepted, defusedxml accepts too, and the writers write."""
    try:
        model = read_page(data)
    except UnreadablePageError:
        return
    assert fromstring(data, forbid_dtd=True).tag == "incidents"
    assert read_page(xml(model, EVERYTHING)).incidents == model.incidents
    assert orjson.loads(json(model, EVERYTHING))["count"] == len(model.incidents)
