"""What a preview tells as the admin API's JSON: numbers, sentences, and one example."""

from __future__ import annotations

from collections.abc import Mapping

from hallpass.adapters.admin_documents import Document, timestamp
from hallpass.domain.census import Census, Period, School
from hallpass.domain.facets import FACETS, Bearer
from hallpass.domain.field_table import GroupLine
from hallpass.domain.field_words import field_words, row_words
from hallpass.domain.row_filter import REASONS
from hallpass.domain.scope import Scope
from hallpass.domain.scope_format import scope_to_json
from hallpass.domain.showing import Change
from hallpass.domain.value_words import value_words
from hallpass.domain.view import view_of
from hallpass.services.count_preview import Plan, Source
from hallpass.services.preview_scope import Example, Preview

MOST_SCHOOLS = 200
_DOCUMENTED = len({facet.path for facet in FACETS})


def preview_document(told: Preview) -> Document:
    counted, showing = told.counted, told.counted.showing
    return {
        "proposed": _side(counted.proposed, showing.of_proposed()),
        "current": None if counted.current is None else _current(told, counted.current),
        "reach": {
            "earliest": told.reach.first and told.reach.first.isoformat(),
            "latest": told.reach.last and told.reach.last.isoformat(),
            "words": told.reach.words,
        },
        "fields": [group_document(line) for line in told.fields],
        "changes": [_change(change, words) for change, words in told.changes],
        "sentences": list(told.sentences),
        "not_counted": list(told.gaps),
        "how_to_cache": told.how,
        "example": None if told.example is None else _example(told.example),
    }


def _current(told: Preview, plan: Plan) -> Document:
    assert told.compared is not None  # whose scope it is
    return {"integration": told.compared.id, **_side(plan, told.counted.showing.of_current())}


def _side(plan: Plan, there: Mapping[Bearer, int]) -> Document:
    """`counts`: null when nothing is cached that could be counted."""
    shown = len(view_of(plan.scope.fields).paths & {facet.path for facet in FACETS})
    return {
        "scope": scope_to_json(plan.scope),
        "words": _words(plan.scope),
        "fields": {"shown": shown, "documented": _DOCUMENTED},
        "counts": _counts(plan.census, there) if plan.sources else None,
        "counted_over": [_source(source) for source in plan.sources],
    }


def _words(scope: Scope) -> Document:
    return {"incidents": list(row_words(scope.rows)), "elements": list(field_words(scope.fields))}


def _source(source: Source) -> Document:
    reading = source.reading
    return {
        "query": reading.listing.query.canonical(),
        "snapshot": reading.snapshot,
        "read_at": timestamp(reading.read_at),
        "pages_counted": reading.counted,
        "pages_cached": reading.kept_pages,
        "pages": reading.total_pages,
    }


def _counts(census: Census, there: Mapping[Bearer, int]) -> Document:
    named = {code: school for code, school in census.schools.items() if code is not None}
    shown = sum(1 for school in named.values() if school.shown)
    listed = sorted(named.items(), key=lambda each: (-each[1].shown, -each[1].incidents, each[0]))
    nameless = census.schools.get(None, School())
    return {
        "incidents": {
            "all": census.incidents,
            "in": census.shown,
            "out": census.incidents - census.shown,
            "out_by_reason": [
                {"reason": reason, "words": REASONS[reason], "incidents": count}
                for reason, count in sorted(census.removed.items())
            ],
        },
        "schools": {
            "all": len(named),
            "in": shown,
            "out": len(named) - shown,
            "list": [_school(code, school) for code, school in listed[:MOST_SCHOOLS]],
            "more": len(listed[MOST_SCHOOLS:]),
            "incidents_without_a_school": nameless.incidents,
        },
        "students": {"numbered": there[Bearer.STUDENT], "entries_without_a_number": there[Bearer.UNNUMBERED]},
        "period": _period(census.period),
        "period_in": _period(census.shown_period),
    }


def _school(code: str, school: School) -> Document:
    return {"code": code, "name": school.name, "incidents": school.incidents, "in": school.shown}


def _period(period: Period) -> Document:
    return {
        "first": period.first and period.first.isoformat(),
        "last": period.last and period.last.isoformat(),
        "undated": period.undated,
    }


def group_document(line: GroupLine) -> Document:
    return {
        "group": line.group,
        "label": line.label,
        "warning": line.warning,
        "shown": list(line.shown),
        "withheld": list(line.withheld),
    }


def _change(change: Change, words: str) -> Document:
    return {
        "change": "adds" if change.adds else "removes",
        "group": change.group,
        "fields": [value_words(facet) for facet in change.facets],
        "for": {bearer.value.replace("-", "_"): change.counts[bearer] for bearer in Bearer if change.counts[bearer]},
        "sentence": words,
    }


def _example(example: Example) -> Document:
    return {
        "kind": "real" if example.real else "synthetic",
        "upstream": example.upstream,
        "current": example.current,
        "proposed": example.proposed,
    }
