"""A page under a grant in a format: from the store when it was computed before, else rendered from the model.

Rule: computed once per model, view and format, but for polls, whose watermark is another each time; what is broken
in the store is computed again, and when the model is broken too the page is lost and must be fetched.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from hallpass.domain import codec
from hallpass.domain.arrival import artefact
from hallpass.domain.csv_writer import render_csv
from hallpass.domain.grant import Grant
from hallpass.domain.json_writer import render_json, render_ndjson
from hallpass.domain.model import Incident, PageModel, UnknownModelError, load_model
from hallpass.domain.pages import ArtefactKind, Representation
from hallpass.domain.people import Marks, People, people_of
from hallpass.domain.pseudonyms import Pseudonyms
from hallpass.domain.query import Format
from hallpass.domain.rendered import Rendered, count_persons
from hallpass.domain.row_filter import UNREQUESTED, RowFilter
from hallpass.domain.row_order import arranged
from hallpass.domain.verbatim_people import Verbatim, verbatim_people
from hallpass.domain.view import FieldView
from hallpass.domain.xml_writer import render_xml
from hallpass.ledger_ports import LedgerKeys, PeopleLedger
from hallpass.page_ports import PageStore
from hallpass.ports import PseudonymKeys, Telemetry
from hallpass.services.held_page import HeldPage


class PageLostError(Exception):
    """A page's artefacts cannot be read back whole: it has to be fetched again."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """A representation and a way to its packed (gzip) bytes; `packed` raises PageLostError.

    `removed`: rows withheld, by reason, and `unparsed`: values sent as null; None when not computed just now.
    """

    representation: Representation
    packed: Callable[[], bytes]
    removed: str | None = None
    unparsed: int | None = None


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Where it is kept whom a representation is about, and the keys that they are marked with."""

    ledger: PeopleLedger
    keys: LedgerKeys


@dataclass(frozen=True, slots=True)
class _Whole:
    """The upstream's own bytes, and whom they are about."""

    raw: bytes
    people: Verbatim


@dataclass(frozen=True, slots=True)
class Renderer:
    """Makes renderings over one store."""

    store: PageStore
    telemetry: Telemetry
    keys: PseudonymKeys
    witnesses: Witnesses

    def render(self, held: HeldPage, grant: Grant, form: Format, *, anew: bool = False) -> Rendering:
        """`anew`: whatever is stored. Raises PageLostError, and UnavailableError without the key of a pseudonym."""
        name = representation_name(held, grant, form)
        look_up = held.kept and grant.recurring and not anew
        known = self.store.find_representation(held.page.model.district_id, name) if look_up else None
        if known is None:
            return self._compute(held, grant, form, name)
        return Rendering(known, lambda: self._packed(known, held, grant, form))

    def _packed(self, known: Representation, held: HeldPage, grant: Grant, form: Format) -> bytes:
        packed = self.store.read(known.stored)
        if packed is not None:
            return packed
        # The bytes are a function of the name: computed again, they are the ones the validator promised.
        return self._compute(held, grant, form, known.stored.name).packed()

    def _compute(self, held: HeldPage, grant: Grant, form: Format, name: str) -> Rendering:
        model = self._model(held)
        rows, removed = cut(model, grant.rows)
        whole = self._whole(held) if grant.verbatim and form is Format.XML else None
        rendered = self._write(model, rows, grant, form, whole)
        packed = codec.pack(rendered.body, codec.SERVED_LEVEL)
        marks = self.witnesses.keys.marks(held.page.model.district_id)
        representation = Representation(
            stored=artefact(held.page.model.district_id, ArtefactKind.REPRESENTATION, name, packed),
            source=_source(held, grant, form),
            etag=marks.validator(rendered.body),
            size=len(rendered.body),
            incidents=rendered.incidents,
            persons=rendered.persons,
            people=self._kept(held, _people(model, rows, grant, marks, whole)),
        )
        if held.kept and grant.recurring:
            self.store.save_representation(representation, packed)
        if removed[UNREQUESTED]:
            self.telemetry.count("UnrequestedRows", removed[UNREQUESTED])
        reasons = " ".join(f"{reason}={count}" for reason, count in sorted(removed.items()) if whole is None) or None
        return Rendering(representation, lambda: packed, reasons, rendered.unparsed)

    def _kept(self, held: HeldPage, people: People) -> str:
        """The ledger has them before anything is kept or sent that is about them. Raises UnavailableError."""
        return self.witnesses.ledger.keep(held.page.model.district_id, people)

    def _write(
        self, model: PageModel, rows: tuple[Incident, ...], grant: Grant, form: Format, whole: _Whole | None
    ) -> Rendered:
        view = self._bound(grant)
        if whole is not None:
            # The bytes hold every row of the page, so every row is counted.
            return Rendered(whole.raw, whole.people.incidents, count_persons(model.incidents, view))
        shown = arranged(rows, view)
        match form:
            case Format.XML:
                return render_xml(model, shown, view)
            case Format.JSON:
                return render_json(model, shown, view, grant.dataset)
            case Format.NDJSON:
                return render_ndjson(shown, view)
            case Format.CSV:
                return render_csv(shown, view)
            case _:
                assert_never(form)

    def _bound(self, grant: Grant) -> FieldView:
        """The view, with its key where it shows pseudonyms. Raises UnavailableError."""
        if grant.key is None:
            return grant.view
        return grant.view.bound(Pseudonyms(self.keys.open(grant.key), grant.key.epoch))

    def _model(self, held: HeldPage) -> PageModel:
        if held.arrival is not None:
            return held.arrival.model
        packed = self.store.read(held.page.model)
        content = codec.unpack(packed) if packed is not None else None
        if content is None:
            raise PageLostError
        try:
            return load_model(content)
        except UnknownModelError as unknown:
            raise PageLostError from unknown

    def _whole(self, held: HeldPage) -> _Whole:
        raw = self._raw(held)
        return _Whole(raw, verbatim_people(raw, held.page.raw.name))

    def _raw(self, held: HeldPage) -> bytes:
        if held.arrival is not None:
            return held.arrival.raw
        packed = self.store.read(held.page.raw)
        content = codec.unpack(packed) if packed is not None else None
        if content is None:
            raise PageLostError
        return content


def _people(model: PageModel, rows: tuple[Incident, ...], grant: Grant, marks: Marks, whole: _Whole | None) -> People:
    if whole is None:
        return people_of(rows, model.incidents, grant.view, marks)
    return people_of((), (), grant.view, marks, whole.people.numbers, whole.people.nameless)


def representation_name(held: HeldPage, grant: Grant, form: Format) -> str:
    """SHA-256 (hex) of what the bytes are a function of. Verbatim XML is one of the raw page, not of the model."""
    return hashlib.sha256(f"{_source(held, grant, form)}|{grant.view_key()}|{form}".encode()).hexdigest()


def _source(held: HeldPage, grant: Grant, form: Format) -> str:
    return (held.page.raw if grant.verbatim and form is Format.XML else held.page.model).name


def cut(model: PageModel, rows: RowFilter) -> tuple[tuple[Incident, ...], Counter[str]]:
    """The rows that are left, and how many were withheld for which reason."""
    removed: Counter[str] = Counter()
    kept = []
    for row in model.incidents:
        reason = rows.withholds(row)
        if reason is None:
            kept.append(row)
        else:
            removed[reason] += 1
    return tuple(kept), removed
