"""The index follows the ledger: what was written is filed, in doubt nothing counts as filed, and the lag tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from hallpass.domain.errors import UnavailableError
from hallpass.domain.ledger import LATE, Row
from hallpass.domain.people import People
from hallpass.services.index_disclosures import RESERVE_SECONDS, FiledAgain, IndexDisclosures
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import SetClock
from tests.ledger.material import AT, group, later, record, student
from tests.ledger_fake import MemoryIndex, MemoryLedger
from tests.records import DISTRICT_ID, INTEGRATION_ID
from tests.vendor_fakes import CountedTelemetry

OTHER = "D2nd"
PLENTY = 300.0


@dataclass(slots=True)
class FaultyIndex(MemoryIndex):
    """`refuses`: request ids of rows that it does not take."""

    refuses: set[str] = field(default_factory=set)

    def add(self, district_id: str, row: Row, people: People) -> None:
        if row.text("request_id") in self.refuses:
            raise UnavailableError
        MemoryIndex.add(self, district_id, row, people)


@dataclass(slots=True)
class Run:
    """A ledger, its index, and a clock at a minute after the first rows."""

    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    index: FaultyIndex = field(default_factory=FaultyIndex)
    clock: SetClock = field(default_factory=lambda: SetClock(later(hours=1)))
    telemetry: CountedTelemetry = field(default_factory=CountedTelemetry)

    def write(self, number: int, people: People, district: str = DISTRICT_ID, **facts: Any) -> None:
        self.ledger.keep(district, people)
        self.ledger.add(record(number, people=people, district=district, **facts))

    def go(self, seconds_left: Callable[[], float] = lambda: PLENTY) -> int:
        self.telemetry.counts.clear()
        return IndexDisclosures(self.ledger, self.index, self.clock, self.telemetry).run(seconds_left)

    @property
    def lag(self) -> int:
        return self.telemetry.counts["LedgerIndexLagSeconds"]

    def seen(self, number: str, district: str = DISTRICT_ID) -> bool:
        return self.index.known(district, student(number)).seen


@pytest.fixture
def run() -> Run:
    made = Run()
    made.ledger.open(DISTRICT_ID, AT)
    return made


def left(*seconds: float) -> Callable[[], float]:
    """What is left, asked for again and again."""
    told: Iterator[float] = iter(seconds)
    return lambda: next(told)


def test_what_was_sent_is_filed_and_the_rest_is_passed_over(run: Run) -> None:
    run.write(1, group("S1", "S2"))
    run.ledger.add(record(2, at=later(seconds=1)))
    run.ledger.add(record(3, at=later(seconds=2), status=403, problem="insufficient-scope"))
    assert run.go() == 1
    assert (run.seen("S1"), run.seen("S2"), run.seen("S3")) == (True, True, False)
    assert [filed.recipient for filed in run.index.known(DISTRICT_ID, student("S1")).appearances] == [INTEGRATION_ID]
    assert run.index.indexed_until(DISTRICT_ID) == run.clock.now() - LATE
    assert run.lag == LATE.total_seconds()


def test_who_stood_on_a_page_of_which_nothing_was_sent_is_seen_and_no_more(run: Run) -> None:
    """A HEAD, a 304, a page of which the scope lets nothing through."""
    people = group("S1", "S2", "u-1")
    run.ledger.keep(DISTRICT_ID, people)
    run.ledger.add(record(1, people=people, disclosure="no-records", incidents=0, status=304))
    assert run.go() == 0
    for number in ("S1", "S2"):
        known = run.index.known(DISTRICT_ID, student(number))
        assert (known.seen, list(known.appearances)) == (True, [])
    assert run.index.received(DISTRICT_ID) == []


def test_a_set_of_what_was_only_prepared_must_be_there_too(run: Run) -> None:
    run.ledger.add(record(1, people=group("S1"), disclosure="no-records", incidents=0))
    with pytest.raises(UnavailableError):
        run.go()
    assert run.telemetry.counts["LedgerBroken"] == 1


FIRST_DAY = AT.date()


def again(run: Run, since: date = FIRST_DAY, seconds_left: Callable[[], float] = lambda: PLENTY) -> FiledAgain:
    return IndexDisclosures(run.ledger, run.index, run.clock, run.telemetry).again(since, seconds_left)


def test_what_a_wrong_clock_hid_is_filed_again(run: Run) -> None:
    run.clock.move(timedelta(minutes=5))
    run.go()
    run.clock.move(timedelta(minutes=-4, seconds=-30))
    run.write(1, group("S1"), at=run.clock.now())
    run.clock.move(timedelta(minutes=30))
    run.go()
    assert not run.seen("S1"), "it is older than what the run with the wrong clock called complete"
    assert again(run) == FiledAgain(1)
    assert run.seen("S1")


def test_an_index_is_built_anew_from_the_ledger(run: Run) -> None:
    run.ledger.open(OTHER, AT)
    for number in range(3):
        run.write(number, group(f"S{number}"), at=later(days=number))
    run.write(9, group("S9"), district=OTHER)
    run.clock.move(timedelta(days=3))
    run.index = FaultyIndex()
    assert again(run) == FiledAgain(4)
    assert all(run.seen(f"S{number}") for number in range(3))
    assert run.seen("S9", OTHER)
    assert run.index.until == {}, "how far it is complete is the other runs' to say"
    assert again(run, AT.date() + timedelta(days=2)) == FiledAgain(1)


def test_where_time_runs_out_the_day_is_told_at_which_to_go_on(run: Run) -> None:
    """Day by day through all districts, so that nothing of an earlier day is left."""
    run.ledger.open(OTHER, AT)
    for number, district in enumerate([DISTRICT_ID, OTHER, DISTRICT_ID, OTHER]):
        run.write(number, group(f"S{number}"), district=district, at=later(days=number // 2))
    run.clock.move(timedelta(days=1))
    told = again(run, seconds_left=left(PLENTY, PLENTY, PLENTY, RESERVE_SECONDS - 1))
    assert told == FiledAgain(3, AT.date() + timedelta(days=1))
    assert again(run, AT.date() + timedelta(days=1)) == FiledAgain(2)
    assert run.seen("S3", OTHER)


def test_the_next_run_goes_on_where_this_one_ended_and_looks_again_at_what_may_have_come_late(run: Run) -> None:
    run.write(1, group("S1"))
    run.go()
    run.write(2, group("S2"), at=run.clock.now() - LATE)
    run.clock.move(timedelta(minutes=1))
    assert run.go() == 1
    assert run.seen("S2")
    run.clock.move(timedelta(minutes=10))
    assert run.go() == 0


def test_every_day_since_the_last_run_is_read(run: Run) -> None:
    for number in range(4):
        run.write(number, group(f"S{number}"), at=later(days=number))
    run.clock.move(timedelta(days=4))
    assert run.go() == 4
    assert all(run.seen(f"S{number}") for number in range(4))


def test_a_row_of_a_clock_ahead_of_ours_is_filed_under_tomorrow_and_found(run: Run) -> None:
    run.clock.move(later(hours=8, minutes=59, seconds=59) - run.clock.now())
    run.write(1, group("S1"), at=run.clock.now() + timedelta(seconds=2))
    assert run.clock.now().date() != (run.clock.now() + LATE).date()
    assert run.go() == 1


def test_a_row_that_bears_a_time_just_before_its_account_is_filed(run: Run) -> None:
    run.write(1, group("S1"), at=AT - timedelta(seconds=5))
    assert run.go() == 1


def test_a_long_day_is_read_in_parts(run: Run) -> None:
    for number in range(1_203):
        run.write(number, group("S1"), at=later(milliseconds=number))
    assert run.go() == 1_203
    assert run.ledger.calls["rows"] == 3


def test_when_time_runs_out_the_next_run_begins_there(run: Run) -> None:
    for number in range(3):
        run.write(number, group(f"S{number}"), at=later(seconds=number))
    assert run.go(left(PLENTY, PLENTY, RESERVE_SECONDS - 1)) == 2
    assert run.index.indexed_until(DISTRICT_ID) == later(seconds=2)
    assert not run.seen("S2")
    assert run.lag == (run.clock.now() - later(seconds=2)).total_seconds()
    # The row at which it stopped is the first of the next run.
    assert run.go() == 1
    assert run.seen("S2")


def test_a_run_without_time_says_no_more_than_the_one_before(run: Run) -> None:
    run.write(1, group("S1"), at=run.clock.now())
    assert run.go(left(0)) == 0
    assert run.index.indexed_until(DISTRICT_ID) == run.clock.now() - LATE
    assert run.go() == 1


def test_a_set_that_is_not_there_holds_everything_after_it_and_is_told(run: Run) -> None:
    run.write(1, group("S1"))
    run.ledger.add(record(2, at=later(seconds=1), people=group("S2")))
    run.write(3, group("S3"), at=later(seconds=2))
    with pytest.raises(UnavailableError):
        run.go()
    assert (run.seen("S1"), run.seen("S3")) == (True, False)
    assert run.index.indexed_until(DISTRICT_ID) == later(seconds=1)
    assert (run.telemetry.counts["LedgerBroken"], run.lag) == (1, 3599)
    run.ledger.keep(DISTRICT_ID, group("S2"))
    assert run.go() == 2
    assert run.seen("S3")


def test_a_disclosure_that_names_no_set_is_not_passed_over(run: Run) -> None:
    run.ledger.add(record(1, people=group("S1")))
    run.ledger.records[0] = record(1, disclosure="records", incidents=1)
    with pytest.raises(UnavailableError):
        run.go()
    assert run.telemetry.counts["LedgerBroken"] == 1


def test_an_index_that_takes_no_row_holds_the_mark_before_it(run: Run) -> None:
    run.write(1, group("S1"))
    run.write(2, group("S2"), at=later(seconds=1))
    run.index.refuses = {"req-2"}
    with pytest.raises(UnavailableError):
        run.go()
    assert run.index.indexed_until(DISTRICT_ID) == later(seconds=1)
    assert run.telemetry.counts["LedgerBroken"] == 0
    run.index.refuses = set()
    assert run.go() == 1


def test_a_row_that_is_not_taken_does_not_hide_one_that_comes_later_and_is_older(run: Run) -> None:
    run.write(1, group("S1"), at=run.clock.now())
    run.index.refuses = {"req-1"}
    with pytest.raises(UnavailableError):
        run.go()
    run.write(2, group("S2"), at=run.clock.now() - timedelta(seconds=20))
    run.index.refuses = set()
    assert run.go() == 2


def test_a_district_that_fails_keeps_no_other_from_being_filed_and_the_one_furthest_behind_is_first(run: Run) -> None:
    run.ledger.open(OTHER, AT - timedelta(days=1))
    run.ledger.add(record(1, people=group("S1"), district=OTHER))
    run.write(2, group("S2"))
    with pytest.raises(UnavailableError):
        run.go()
    assert run.seen("S2")
    # The lag is the longest of all.
    assert run.lag == timedelta(hours=1).total_seconds()
    run.ledger.keep(OTHER, group("S1"))
    run.index.until[DISTRICT_ID] = later(minutes=30)
    run.write(3, group("S3"), at=later(minutes=31))
    run.go(left(PLENTY, RESERVE_SECONDS - 1))
    assert (run.seen("S1", OTHER), run.seen("S3")) == (True, False)


def test_without_districts_there_is_nothing_behind() -> None:
    run = Run()
    assert (run.go(), run.lag) == (0, LATE.total_seconds())


def test_a_ledger_that_cannot_be_read_is_no_empty_one(run: Run) -> None:
    run.ledger.broken = True
    with pytest.raises(UnavailableError):
        run.go()
    assert run.index.until == {}


class TornLedger(MemoryLedger):
    """Gives what is there, and then no more."""

    def rows(self, district_id: str, day: date, **paging: Any) -> Any:
        if self.calls["rows"] >= 1:
            raise UnavailableError
        return MemoryLedger.rows(self, district_id, day, **{**paging, "limit": 1})


def test_what_was_filed_before_the_ledger_failed_is_filed_again_and_nothing_is_left_out(run: Run) -> None:
    run.ledger = TornLedger()
    run.ledger.open(DISTRICT_ID, AT)
    run.write(1, group("S1"))
    run.write(2, group("S2"), at=later(seconds=1))
    with pytest.raises(UnavailableError):
        run.go()
    assert run.index.indexed_until(DISTRICT_ID) is None
    whole = MemoryLedger(records=run.ledger.records, kept=run.ledger.kept, opened=run.ledger.opened)
    run.ledger = whole
    assert run.go() == 2


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.integers(0, 5), st.integers(-100, 20)),
        st.tuples(st.just("move"), st.integers(1, 100_000), st.just(0)),
        st.tuples(st.just("run"), st.integers(0, 4), st.just(0)),
        st.tuples(st.just("refuse"), st.integers(0, 12), st.just(0)),
    ),
    max_size=30,
)


@given(STEPS)
def test_whatever_happens_all_before_the_mark_is_filed(steps: list[tuple[str, int, int]]) -> None:
    """Rows come late by less than LATE, runs are cut short, the index refuses: never a gap below the mark."""
    run = Run()
    run.ledger.open(DISTRICT_ID, run.clock.now())
    for kind, value, skew in steps:
        match kind:
            case "send":
                number = len(run.ledger.records)
                run.write(number, group(f"S{number} S-{value}"), at=run.clock.now() + timedelta(seconds=skew))
            case "move":
                run.clock.move(timedelta(seconds=value))
            case "refuse":
                run.index.refuses = {f"req-{value}"}
            case _:
                answers = iter([PLENTY] * value)
                try:
                    run.go(lambda answers=answers: next(answers, 0.0))  # type: ignore[misc]  # bound at once
                except UnavailableError:
                    assert run.index.refuses
                run.index.refuses = set()
        until = run.index.indexed_until(DISTRICT_ID)
        late = [each for each in run.ledger.records if until is not None and each.time < until]
        filed = {row.text("request_id") for rows in run.index.rows.values() for row in rows.values()}
        assert {each.request_id for each in late} <= filed
    run.index.refuses = set()
    run.clock.move(LATE)
    run.go()
    assert all(run.seen(f"S{number}") for number in range(len(run.ledger.records)))
