"""What two scopes let through of the incidents that are cached, counted in one pass over the pages.

Rule: each scope is counted over what a vendor with it would ask for; a page is read once, for both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from hallpass.domain.census import Census
from hallpass.domain.grant import resolve, rows_of
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.model import Incident
from hallpass.domain.query import IncidentQuery
from hallpass.domain.reach import reaches_other_years, whole_query, wider
from hallpass.domain.row_filter import RowFilter
from hallpass.domain.scope import IncidentType, Scope
from hallpass.domain.showing import Showing
from hallpass.domain.view import view_of
from hallpass.page_ports import KeptPages
from hallpass.services.kept_readings import MOST_PAGES, Reading, models, newest

MOST_WIDE = 3
"""Lists that are looked for beside those that a scope's vendor asks for."""


@dataclass(frozen=True, slots=True)
class Source:
    """A reading, and the query whose answer it stands for: rows are judged by that one."""

    reading: Reading
    asked: UpstreamQuery


@dataclass(slots=True)
class Plan:
    """A scope on a day, and what it is counted over: nothing when nothing of it is cached."""

    scope: Scope
    today: date
    sources: Sequence[Source]
    census: Census = field(default_factory=Census)

    @property
    def query(self) -> UpstreamQuery:
        return whole_query(self.scope, self.today)

    def rows(self, asked: UpstreamQuery) -> RowFilter:
        return rows_of(self.scope, IncidentQuery(asked), resolve(self.scope.rows.window, self.today))

    def judge(self, reading: Reading) -> Callable[[Incident], bool]:
        """Counts an incident of the reading, and tells whether it is shown."""
        for source in self.sources:
            if source.reading is reading:
                rows = self.rows(source.asked)
                return lambda incident: self.census.add(incident, rows)
        return _nothing


@dataclass(slots=True)
class Counted:
    """`example`: the first incident that the proposed scope shows."""

    proposed: Plan
    current: Plan | None
    showing: Showing
    example: Incident | None = None


def wide_lists(kept: KeptPages, account: Account, scopes: Sequence[Scope], today: date) -> Sequence[UpstreamQuery]:
    """Lists of older years too that vendors asked for lately, the widest first; none where no scope reaches so far."""
    if not any(reaches_other_years(scope, today) for scope in scopes):
        return []
    asked = [busy.listing.query for busy in kept.busy(account) or ()]
    wide = [query for query in asked if any(wider(scope, today, query) for scope in scopes)]
    return sorted(wide, key=lambda query: (query.first or today, not query.deleted))[:MOST_WIDE]


def plan(
    kept: KeptPages, account: Account, scope: Scope, today: date, now: datetime, wide: Sequence[UpstreamQuery] = ()
) -> Plan:
    """Over the first way that is cached whole, else over the first of which there is a part."""
    partly: Sequence[Source] = ()
    for way in [*_wide_ways(scope, today, wide), *_ways(scope, today)]:
        tried = [(newest(kept, Listing(account, listed), now), asked) for listed, asked in way]
        found = [Source(reading, asked) for reading, asked in tried if reading is not None]
        if len(found) == len(way) and all(source.reading.whole for source in found):
            return Plan(scope, today, found)
        partly = partly or found
    return Plan(scope, today, partly)


_Way = Sequence[tuple[UpstreamQuery, UpstreamQuery]]


def _wide_ways(scope: Scope, today: date, wide: Sequence[UpstreamQuery]) -> Iterator[_Way]:
    for listed in wide:
        asked = wider(scope, today, listed)
        if asked is not None:
            yield [(listed, asked)]


def _ways(scope: Scope, today: date) -> Iterator[_Way]:
    """Lists that hold what the scope shows, each with the query that it stands for: the best way first."""
    query = whole_query(scope, today)
    yield [(query, query)]
    if query.deleted:
        without = replace(query, deleted=False)
        yield [(without, without)]
    else:
        # It holds the same and more.
        yield [(replace(query, deleted=True), query)]
    each = [replace(query, type=kind) for kind in IncidentType if kind in scope.rows.types]
    yield [(one, one) for one in each]


def count(kept: KeptPages, proposed: Plan, current: Plan | None, seconds_left: Callable[[], float]) -> Counted:
    showing = Showing(view_of(current.scope.fields) if current else None, view_of(proposed.scope.fields))
    counted = Counted(proposed, current, showing)
    left = MOST_PAGES
    for reading in _shared(proposed, current):
        new_of, old_of = proposed.judge(reading), current.judge(reading) if current else _nothing
        for model in models(kept, reading, seconds_left, left):
            left -= 1
            for incident in model.incidents:
                old, new = old_of(incident), new_of(incident)
                showing.add(incident, current=old, proposed=new)
                if new and counted.example is None:
                    counted.example = incident
    return counted


def _nothing(_incident: Incident) -> bool:
    return False


def _shared(proposed: Plan, current: Plan | None) -> Sequence[Reading]:
    """Every reading once: one that both are counted over becomes the same object in both."""
    readings = [source.reading for source in proposed.sources]
    if current is not None:
        known = {(one.listing.key, one.snapshot): one for one in readings}
        sources = [
            Source(known.get((one.reading.listing.key, one.reading.snapshot), one.reading), one.asked)
            for one in current.sources
        ]
        current.sources = sources
        readings += [one.reading for one in sources if one.reading not in readings]
    return readings
