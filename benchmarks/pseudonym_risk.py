"""What pseudonyms do not hide: how many rows two integrations could still match, on the simulator's invented data.

Rule: both get the same pages under keys of their own; a row counts as matched when what both show of it, pseudonyms
left out, is unique for both, and as right only when it is the same incident of the source. Same seed, same table.
Run: `python benchmarks/pseudonym_risk.py [incidents]` from the root of the checkout.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "layers/hallpass"))

import orjson
from hallpass.domain.json_writer import render_json
from hallpass.domain.model import PageModel, incident_uuid
from hallpass.domain.pseudonyms import KEY_BYTES, Pseudonyms
from hallpass.domain.reading import read_page
from hallpass.domain.row_order import arranged
from hallpass.domain.schema import FIELDS
from hallpass.domain.view import FieldView, view_of
from page_material import simulator_pages

from sandbox.simulator import Settings

VIEWS: Final = ("pseudonymised@1", "no-people@1")
SEED: Final = 1
_IDENTIFIERS: Final = frozenset(field.json for field in FIELDS.values() if field.identity)

# A row of a typed page, as a holder reads it.
_Shown: TypeAlias = "Mapping[str, Any]"


@dataclass(frozen=True, slots=True)
class Row:
    """`source`: which incident it is, which a holder does not know; `place`: its page and where it stands on it."""

    source: str | None
    place: tuple[int, int]
    shown: _Shown

    @property
    def students(self) -> list[str]:
        """The numbers of its offenders, as shown."""
        numbers = (offender.get("student", {}).get("district_id") for offender in self.shown.get("offenders", ()))
        return [number for number in numbers if number]


_Columns: TypeAlias = Callable[[Row], object]


def _code(shown: _Shown, name: str) -> object:
    return shown.get(name, {}).get("code")


def _date_and_school(row: Row) -> object:
    return row.shown.get("date"), _code(row.shown, "school")


def _date_school_offense(row: Row) -> object:
    return _date_and_school(row), _code(row.shown, "offense")


def _without_identifiers(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_identifiers(below) for key, below in node.items() if key not in _IDENTIFIERS}
    return list(map(_without_identifiers, node)) if isinstance(node, list) else node


def _all_shown(row: Row) -> object:
    return orjson.dumps(_without_identifiers(row.shown))


def _all_and_page(row: Row) -> object:
    return row.place[0], _all_shown(row)


COLUMNS: Final[Mapping[str, _Columns]] = {
    "date + school": _date_and_school,
    "date + school + offense": _date_school_offense,
    "all shown columns": _all_shown,
    "all shown columns + number of the page": _all_and_page,
    "place on the page alone": lambda row: row.place,
}


def shown_to(holder: int, name: str, models: Sequence[PageModel]) -> list[Row]:
    view = view_of(name)
    if view.pseudonymised:
        view = view.bound(Pseudonyms(bytes([holder]) * KEY_BYTES, 1))
    return [row for number, model in enumerate(models) for row in _rows(number, model, view)]


def _rows(number: int, model: PageModel, view: FieldView) -> Iterator[Row]:
    shown_rows = arranged(model.incidents, view)
    page = orjson.loads(render_json(model, shown_rows, view, "d").body)
    for place, (incident, shown) in enumerate(zip(shown_rows, page["incidents"], strict=True)):
        yield Row(incident_uuid(incident), (number, place), shown)


@dataclass(frozen=True, slots=True)
class Match:
    """Shares of the rows, and of the students on them: matched one to one, and rightly so."""

    rows: float
    right: float
    students: float


def match(ours: Sequence[Row], theirs: Sequence[Row], columns: _Columns) -> Match:
    """Students are matched by their place in a matched row: a view keeps the source's order of offenders."""
    there = _unique(theirs, columns)
    pairs = [(row, there[key]) for key, row in _unique(ours, columns).items() if key in there]
    right = [row for row, other in pairs if row.source == other.source]
    known = {student for row in right for student in row.students}
    everybody = {student for row in ours for student in row.students}
    return Match(len(pairs) / len(ours), len(right) / len(ours), len(known) / max(1, len(everybody)))


def _unique(rows: Sequence[Row], columns: _Columns) -> dict[object, Row]:
    alike = defaultdict(list)
    for row in rows:
        alike[columns(row)].append(row)
    return {key: same[0] for key, same in alike.items() if len(same) == 1}


def _identifiers(ours: Sequence[Row], theirs: Sequence[Row]) -> Iterator[str]:
    found = {
        "incidents": [{row.shown["uuid"] for row in rows if row.shown.get("uuid")} for rows in (ours, theirs)],
        "students": [{student for row in rows for student in row.students} for rows in (ours, theirs)],
    }
    for kind, (first, second) in found.items():
        yield f"    {kind:9} {len(first):6,} shown to the first, {len(second):6,} to the second, shared: " + str(
            len(first & second)
        )


def report(name: str, models: Sequence[PageModel]) -> Iterator[str]:
    ours, theirs = shown_to(1, name, models), shown_to(2, name, models)
    yield f"\n{name}\n  identifiers"
    yield from _identifiers(ours, theirs)
    yield f"  {'could be matched one to one by':40} {'incidents':>10} {'rightly':>10} {'students':>10}"
    somebody = any(row.students for row in ours)
    for words, columns in COLUMNS.items():
        found = match(ours, theirs, columns)
        students = f"{found.students:10.1%}" if somebody else f"{'none shown':>10}"
        yield f"    {words:38} {found.rows:10.1%} {found.right:10.1%} {students}"


def main(incidents: int) -> None:
    models = [read_page(page) for page in simulator_pages(Settings(incidents=incidents, seed=SEED))]
    listed = [row for model in models for row in model.incidents]
    cells = {_date_and_school(Row(None, (0, 0), row)) for row in listed}
    lines = [
        f"{len(listed):,} of {incidents:,} invented incidents (seed {SEED}; the deleted are not listed), {len(models)} "
        f"pages, {len(cells):,} pairs of date and school; two integrations, a key each"
    ]
    lines += [line for name in VIEWS for line in report(name, models)]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
