"""Files the ledger's disclosures by person, day and recipient, a little behind the ledger and never with a gap.

Rule: what cannot be filed holds the mark of completeness where it is; filing may be repeated at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from hallpass.domain.audit import Disclosure, time_text
from hallpass.domain.errors import UnavailableError
from hallpass.domain.ledger import LATE, Row, day_of, days
from hallpass.domain.metrics import Unit
from hallpass.ledger_ports import DisclosureIndex, LedgerReader
from hallpass.ports import Clock, Telemetry

RESERVE_SECONDS = 10.0
"""What a run keeps of its time to note how far it came."""


@dataclass(frozen=True, slots=True)
class FiledAgain:
    """How many disclosures. `go_on`: the day in which time ran out; None: that was all."""

    disclosures: int
    go_on: date | None = None


@dataclass(frozen=True, slots=True)
class IndexDisclosures:
    """One run files what was added since the last, of the district furthest behind first."""

    ledger: LedgerReader
    index: DisclosureIndex
    clock: Clock
    telemetry: Telemetry

    def run(self, seconds_left: Callable[[], float]) -> int:
        """How many disclosures were filed. Raises UnavailableError when a district's are not: Lambda says so."""
        reached = {district: self._reached(district) for district in self.ledger.accounts()}
        filed, failed = 0, None
        for district, until in sorted(reached.items(), key=lambda each: (each[1], each[0])):
            try:
                filed += self._district(district, until, seconds_left)
            except UnavailableError as unfiled:
                failed = unfiled
        now = self.clock.now()
        lag = max((now - self._reached(district) for district in reached), default=LATE)
        self.telemetry.gauge("LedgerIndexLagSeconds", Unit.SECONDS, int(lag.total_seconds()))
        if failed is not None:
            raise failed
        return filed

    def again(self, since: date, seconds_left: Callable[[], float]) -> FiledAgain:
        """Files all rows from that day (UTC) on once more: what a clock that was wrong hid, or a whole index anew.

        Raises UnavailableError.
        """
        filed, districts = 0, self.ledger.accounts()
        for day in days(since, day_of(self.clock.now() + LATE)):
            for district in districts:
                for row in self._of_day(district, day):
                    if seconds_left() < RESERVE_SECONDS:
                        return FiledAgain(filed, day)
                    filed += self._file(district, row)
        return FiledAgain(filed)

    def _reached(self, district_id: str) -> datetime:
        until = self.index.indexed_until(district_id)
        if until is not None:
            return until
        account = self.ledger.account(district_id)
        assert account is not None, "it is listed"
        # Earlier by what clocks differ: a row may bear a time just before that of the account.
        return account.opened_at - LATE

    def _district(self, district_id: str, until: datetime, seconds_left: Callable[[], float]) -> int:
        """Raises UnavailableError; all before the row that could not be filed is noted then."""
        # Later rows may still be joined by earlier ones.
        settled, filed = self.clock.now() - LATE, 0
        for row in self._since(district_id, until, settled + LATE):
            if seconds_left() < RESERVE_SECONDS:
                self.index.advance(district_id, min(row.time, settled))
                return filed
            try:
                filed += self._file(district_id, row)
            except UnavailableError:
                self.index.advance(district_id, min(row.time, settled))
                raise
        self.index.advance(district_id, settled)
        return filed

    def _since(self, district_id: str, until: datetime, now: datetime) -> Iterator[Row]:
        """Every row that bears that time or a later one, in order."""
        first = day_of(until)
        # A clock ahead of ours may have filed a row under tomorrow.
        for day in days(first, day_of(now + LATE)):
            yield from self._of_day(district_id, day, time_text(until) if day == first else "")

    def _of_day(self, district_id: str, day: date, after: str = "") -> Iterator[Row]:
        more = True
        while more:
            found = self.ledger.rows(district_id, day, after=after)
            yield from found.rows
            more = found.more and bool(found.rows)
            after = found.rows[-1].key if found.rows else after

    def _file(self, district_id: str, row: Row) -> bool:
        """Whether it is a disclosure. What was only prepared (HEAD, 304, nothing in scope) was seen all the same."""
        disclosed = row.text("disclosure") == Disclosure.RECORDS
        name = row.text("people")
        if not disclosed and name is None:
            return False
        people = self.ledger.people(district_id, name) if name else None
        if people is None:
            self.telemetry.count("LedgerBroken")
            raise UnavailableError
        if disclosed:
            self.index.add(district_id, row, people)
        else:
            self.index.see(district_id, people)
        return disclosed
