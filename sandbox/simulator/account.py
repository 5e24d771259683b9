"""One account's data: its rows, the lists asked of it, and the changes made while it runs.

The rule: a list is filtered and sorted once and kept until something changes; `version` moves with
every change, so whoever keeps what it rendered knows when to forget it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from sandbox.simulator.people import People
from sandbox.simulator.rows import TYPES, Row, closing, invent_rows, new_row, school_year_start, seeded
from sandbox.simulator.settings import Account, Settings

KEPT_LISTS = 64


@dataclass(frozen=True, slots=True)
class Query:
    """What a request asks for, after reading: dates are both given or both None."""

    page: int = 1
    type: str | None = None
    deleted: bool = False
    start: date | None = None
    end: date | None = None


class UnknownIncidentError(LookupError):
    """No incident has that uuid."""


class AccountData:
    """The incidents of one account, newest first, changed only through the methods here."""

    def __init__(self, account: Account, settings: Settings) -> None:
        """Invent the rows: about a second for 100,000."""
        size = settings.incidents if account.incidents is None else account.incidents
        self.account = account
        self.people = People(settings.seed, size)
        self.version = 0
        self._today = settings.today
        self._rng = seeded("rows", settings.seed, account.name)
        rows = invent_rows(self._rng, size, settings.today)
        self._rows: dict[str, Row] = {row.uuid: row for row in rows}
        self._lists: dict[tuple[object, ...], list[Row]] = {}
        self._latest = closing(settings.today)

    @property
    def rows(self) -> Iterable[Row]:
        """Every row, deleted ones too."""
        return self._rows.values()

    def has(self, uuid: str) -> bool:
        """Whether the incident is here, deleted or not."""
        return uuid in self._rows

    def listing(self, query: Query, settings: Settings, turn: int) -> list[Row]:
        """The rows a query selects, in the order the settings ask for; `turn` numbers the request."""
        # An unstable order is another list on every request, so it must not be remembered.
        if settings.order == "unstable":
            rows = [row for row in self._rows.values() if _selects(query, settings, self._today)(row)]
            Random(turn).shuffle(rows)
            return rows
        key = (query.type, query.deleted, query.start, query.end, settings)
        if key not in self._lists:
            if len(self._lists) >= KEPT_LISTS:
                self._lists.clear()
            selects = _selects(query, settings, self._today)
            self._lists[key] = _ordered([row for row in self._rows.values() if selects(row)], settings.order)
        return self._lists[key]

    def forget_lists(self) -> None:
        """Something changed: lists and what was rendered from them are void."""
        self._lists.clear()
        self.version += 1

    def insert(
        self, kind: str = "referral", day: date | None = None, changes: Mapping[str, str | None] | None = None
    ) -> str:
        """Add an incident and return its uuid. It happened on `day` (today if None)."""
        row = new_row(self._rng, day or self._today, _known_type(kind))
        row.deleted = False
        row.modified = self._tick()
        self._rows[row.uuid] = row
        if changes:
            _change(row, changes)
        self.forget_lists()
        return row.uuid

    def edit(self, uuid: str, changes: Mapping[str, str | None]) -> None:
        """Change text or attributes by path, as `shape.edit`; `date`, `@type`, `school@code` move the row."""
        row = self._row(uuid)
        _change(row, changes)
        row.modified = self._tick()
        self.forget_lists()

    def delete(self, uuid: str, gone: bool = False) -> None:
        """Mark an incident deleted; with `gone` take it out altogether."""
        row = self._row(uuid)
        row.deleted = True
        row.modified = self._tick()
        if gone:
            del self._rows[uuid]
        self.forget_lists()

    def retype(self, uuid: str, kind: str) -> None:
        """Give an incident another type, as a pending one gets when it is processed."""
        self.edit(uuid, {"@type": _known_type(kind)})

    def _row(self, uuid: str) -> Row:
        if uuid not in self._rows:
            raise UnknownIncidentError(uuid)
        return self._rows[uuid]

    def _tick(self) -> datetime:
        """The next moment of the simulated day: every change is a second later than all before."""
        self._latest += timedelta(seconds=1)
        return self._latest


def _known_type(kind: str) -> str:
    if kind not in TYPES:
        raise ValueError(f"type must be one of {', '.join(TYPES)}")
    return kind


def _change(row: Row, changes: Mapping[str, str | None]) -> None:
    """Keep the edits, and let those that lists look at move the row."""
    if kind := changes.get("@type"):
        row.type = kind
    if day := changes.get("date"):
        row.day = date.fromisoformat(day)
    if school := changes.get("school@code"):
        row.school = school
    row.changes = {**(row.changes or {}), **changes}


def _selects(query: Query, settings: Settings, today: date) -> Callable[[Row], bool]:
    """The filter a query means. Without dates it is the current school year."""
    start = query.start or school_year_start(today)
    end = query.end or date(start.year + 1, 6, 30)
    by_modified = settings.date_filter == "modified" and query.start is not None
    types = {query.type} if query.type else {*TYPES}
    if not query.type and not settings.pending_by_default:
        types.discard("pending")

    def selects(row: Row) -> bool:
        day = row.modified.date() if by_modified else row.day
        return start <= day <= end and row.type in types and (query.deleted or not row.deleted)

    return selects


def _ordered(rows: list[Row], order: str) -> list[Row]:
    if order == "modified":
        return sorted(rows, key=lambda row: (row.modified, row.uuid), reverse=True)
    return sorted(rows, key=lambda row: row.order, reverse=order == "newest")
