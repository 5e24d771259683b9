"""What a page says, as a multiset of facts, read out of XML and of JSON by ways of their own.

A fact is a path with the numbers of the list items on it, and a value. XML is read by the standard tree parser, JSON by
walking it beside the table: neither uses the product's reader or writers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element as Tree

import orjson
from defusedxml.ElementTree import fromstring
from hallpass.domain.schema import FIELDS, Kind
from hallpass.domain.values import PARSERS
from hallpass.domain.view import FieldView

Facts = Counter[tuple[str, object]]


def _typed(path: str, text: str, whole_days: bool) -> object:
    kind = FIELDS[path].kind
    parse = PARSERS.get(Kind.DATE if whole_days and kind is Kind.DATETIME else kind)
    return text if parse is None else parse(text)


def _xml(tree: Tree, path: str, place: str, whole_days: bool) -> Iterator[tuple[str, object]]:
    field = FIELDS[path]
    for name, value in tree.attrib.items():
        if f"{path}/@{name}" in FIELDS:
            yield f"{place}/@{name}", _typed(f"{path}/@{name}", value, whole_days)
    if field.holds_value:
        yield place, _typed(path, tree.text or "", whole_days)
        return
    yield place, "is there"
    for number, child in enumerate(tree):
        below = f"{path}/{child.tag}"
        if below in FIELDS:
            inner = f"{place}/{child.tag}" + (f"#{number}" if field.kind is Kind.LIST else "")
            yield from _xml(child, below, inner, whole_days)


def of_xml(body: bytes, view: FieldView | None = None) -> Facts:
    """Every documented fact of a page; the counts of the lists and of the page are not facts of their own.

    `view`: under which it was written, if times may have become days.
    """
    members, whole_days = fromstring(body).findall("incident"), view is not None and view.whole_days
    return Counter(
        fact for number, tree in enumerate(members) for fact in _xml(tree, "incident", f"#{number}", whole_days)
    )


def _json(node: object, path: str, place: str) -> Iterator[tuple[str, object]]:
    field = FIELDS[path]
    if isinstance(node, list):
        (item,) = (below for below in FIELDS.values() if below.parent == path)
        yield place, "is there"
        for number, below in enumerate(node):
            yield from _json(below, item.path, f"{place}/{item.name}#{number}")
    elif isinstance(node, dict):
        if not field.holds_value:
            yield place, "is there"
        names = {below.json: below for below in FIELDS.values() if below.parent == path}
        for key, below in node.items():
            if field.text_json and key == field.text_json:
                yield place, below
            elif not (key == "code" and field.kind is Kind.CODED and below is None):
                segment = names[key].path.rpartition("/")[2]
                yield from _json(below, names[key].path, f"{place}/{segment}")
    else:
        yield place, node


def of_json(body: bytes) -> Facts:
    members = orjson.loads(body)["incidents"]
    return Counter(fact for number, node in enumerate(members) for fact in _json(node, "incident", f"#{number}"))


def without_empty_lists(facts: Facts) -> Facts:
    """JSON says that a granted list is empty where XML says nothing: that, and nothing else, may differ."""
    lists = {place for place, value in facts if value == "is there" and _kind(place) is Kind.LIST}
    filled = {place.rpartition("/")[0] for place, _ in facts}
    return Counter({fact: count for fact, count in facts.items() if fact[0] not in lists or fact[0] in filled})


def _kind(place: str) -> Kind:
    segments = [segment.partition("#")[0] for segment in place.split("/")[1:]]
    return FIELDS["/".join(["incident", *segments])].kind


def path_of(place: str) -> str:
    """The documented path of a fact's place."""
    return "/".join(["incident", *(segment.partition("#")[0] for segment in place.split("/")[1:])])
