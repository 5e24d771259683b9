"""The ways from a page, or from its stored model, to the bytes of an answer: what the benchmarks run.

Rule: the same calls in the same order as `hallpass.services.representations`, without its store, its rows and its
record; a view is bound to its key anew each time, as for every request, so that nothing is kept between two runs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

sys.path.insert(0, str(Path(__file__).parent.parent / "layers/hallpass"))

import xmltodict  # type: ignore[import-untyped]  # ships no types
from hallpass.domain import codec
from hallpass.domain.csv_writer import render_csv
from hallpass.domain.json_writer import render_json, render_ndjson
from hallpass.domain.model import Incident, PageModel, dump_model, load_model
from hallpass.domain.people import Marks, people_of
from hallpass.domain.presets import PRESETS, UPSTREAM_VIEW
from hallpass.domain.pseudonyms import Pseudonyms
from hallpass.domain.reading import read_page
from hallpass.domain.rendered import Rendered, count_persons
from hallpass.domain.row_order import arranged
from hallpass.domain.verbatim_people import verbatim_people
from hallpass.domain.view import FieldView, view_of
from hallpass.domain.xml_writer import render_xml

__all__ = [
    "FORMATS",
    "VIEWS",
    "PageModel",
    "by_xmltodict",
    "dump_model",
    "first",
    "further",
    "load_model",
    "read_page",
    "rendered",
    "served",
    "stored_model",
    "stored_raw",
    "told",
    "unpacked",
    "verbatim",
]

VIEWS: Final = tuple(PRESETS)
_KEY: Final = bytes(range(32))
_MARKS: Final = Marks(_KEY)
_Render: TypeAlias = Callable[[PageModel, Sequence[Incident], FieldView], Rendered]
FORMATS: Final[Mapping[str, _Render]] = {
    "xml": render_xml,
    "json": lambda model, rows, view: render_json(model, rows, view, "d"),
    "ndjson": lambda _model, rows, view: render_ndjson(rows, view),
    "csv": lambda _model, rows, view: render_csv(rows, view),
}


def bound(name: str) -> FieldView:
    view = view_of(name)
    return view.bound(Pseudonyms(_KEY, 1)) if view.pseudonymised else view


def stored_model(data: bytes) -> bytes:
    """The page's model as the store keeps it."""
    return codec.pack(dump_model(read_page(data)), codec.KEPT_LEVEL)


def stored_raw(data: bytes) -> bytes:
    """The page's own bytes as the store keeps them."""
    return codec.pack(data, codec.SERVED_LEVEL)


def unpacked(packed: bytes) -> bytes:
    content = codec.unpack(packed)
    assert content is not None  # packed by us just now
    return content


def rendered(model: PageModel, name: str, form: str) -> bytes:
    view = bound(name)
    told(model, view)
    return FORMATS[form](model, arranged(model.incidents, view), view).body


def told(model: PageModel, view: FieldView) -> str:
    """Whom the answer is about, for the ledger: every person's number as a mark, and the set's name."""
    return people_of(model.incidents, model.incidents, view, _MARKS).name


def first(data: bytes, name: str, form: str = "json") -> bytes:
    """From the upstream's bytes to those of the response."""
    return rendered(read_page(data), name, form)


def further(packed: bytes, name: str, form: str) -> bytes:
    """From the stored gzip model to the response's bytes."""
    return rendered(load_model(unpacked(packed)), name, form)


def verbatim(packed: bytes, packed_raw: bytes) -> bytes:
    """`upstream@1` as XML: the page's own bytes; the model is there to count whom they disclose."""
    count_persons(load_model(unpacked(packed)).incidents, view_of(UPSTREAM_VIEW))
    raw = unpacked(packed_raw)
    beside = verbatim_people(raw, "page")
    assert people_of((), (), view_of(UPSTREAM_VIEW), _MARKS, beside.numbers, beside.nameless).name
    return raw


def served(body: bytes) -> bytes:
    return codec.pack(body, codec.SERVED_LEVEL)


def by_xmltodict(data: bytes) -> str:
    """What one would write without a model: everything, untyped, and no view."""
    return json.dumps(xmltodict.parse(data))
