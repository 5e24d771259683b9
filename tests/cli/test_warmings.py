"""Warming at the command line: what is asked for, and how it is followed until it is done, or not."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hallpass.domain.leases import Granted, Slot
from hallpass.domain.listing import Listing
from hallpass.domain.refresh_order import Asked
from hallpass_cli import warmings

from tests.admin.test_purges import fill, plane
from tests.cache_counter_fake import MemoryCounter
from tests.cli.conftest import Terminal
from tests.vendor_fakes import ListedWarmer


@pytest.fixture
def warmer(terminal: Terminal) -> ListedWarmer:
    assert isinstance(terminal.office.desk.warmer, ListedWarmer)
    return terminal.office.desk.warmer


@pytest.fixture(autouse=True)
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """What happens in the pauses, by turns; nobody waits."""
    happens: list[Callable[[], object]] = []
    monkeypatch.setattr(time, "sleep", lambda _: happens.pop(0)() if happens else None)
    return happens


def take(terminal: Terminal, listing: Listing) -> None:
    walks = plane(terminal.office).walks
    pointer = walks.pointer(listing)
    assert pointer is not None
    assert isinstance(walks.take(listing, Slot.WALK, pointer, "background"), Granted)


def newest_at(monkeypatch: pytest.MonkeyPatch, at: Callable[[], datetime]) -> None:
    """What is filled in was received at a time of its own: as if it was read now."""
    count = MemoryCounter.count

    def counted(counter: MemoryCounter, *given: object) -> object:
        stored = count(counter, *given)  # type: ignore[arg-type]  # as it was called
        return replace(stored, newest=at() if stored.pages else None)

    monkeypatch.setattr(MemoryCounter, "count", counted)


def test_it_is_asked_for_and_told_where_to_look(terminal: Terminal, warmer: ListedWarmer) -> None:
    district = terminal.district()
    done = terminal.run("cache", "warm", district)
    assert done.stdout == (
        f"Asked for 1 lists, within 60 upstream calls.\nHow far it is: hallpass district cache statistics {district}\n"
    )
    assert len(warmer.taken) == 1
    assert terminal.run("district", "cache", "statistics", district).exit_code == 0


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ([], ""),
        (["--type=minor", "--from=2026-01-01", "--to=2026-01-31"], "type=minor&from=2026-01-01&to=2026-01-31"),
        (["--deleted"], "deleted=1"),
    ],
)
def test_one_list_is_named_by_its_parameters(
    terminal: Terminal, warmer: ListedWarmer, options: list[str], named: str
) -> None:
    assert terminal.json("cache", "warm", terminal.district(), *options)["listings"] == 1
    assert [query.canonical() for query in warmer.taken[0].queries] == [named]


def test_it_is_followed_until_it_is_there_and_nobody_reads_any_more(
    terminal: Terminal, warmer: ListedWarmer, monkeypatch: pytest.MonkeyPatch, meanwhile: list[Callable[[], object]]
) -> None:
    district, walks, clock = terminal.district(), plane(terminal.office).walks, terminal.office.clock
    newest_at(monkeypatch, clock.now)
    read: list[Listing] = []

    def begin(_: Asked) -> None:
        read.append(fill(terminal.office, district))
        take(terminal, read[0])

    warmer.meanwhile = begin
    meanwhile += [lambda: None, lambda: walks.release(read[0], Slot.WALK, "background"), lambda: read.append(read[0])]
    done = terminal.run("cache", "warm", district, "--wait")
    assert (done.exit_code, done.stdout) == (0, "Done: 1 lists and 1 pages are there.\n")
    assert len(read) == 1, "it looked no longer than it had to"
    warmer.meanwhile = lambda _: None
    told = terminal.json("cache", "warm", district, "--wait")["cache"]
    assert (told["pages"], told["reading"]) == (1, 0)


def test_where_nothing_has_to_be_read_it_says_so(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, meanwhile: list[Callable[[], object]]
) -> None:
    district, before = terminal.district(), terminal.office.clock.now() - timedelta(minutes=1)
    newest_at(monkeypatch, lambda: before)
    fill(terminal.office, district)
    looks: list[int] = []
    meanwhile += [lambda: looks.append(1)] * 100
    done = terminal.run("cache", "warm", district, "--wait")
    assert (done.exit_code, "Nothing was read" in done.stdout) == (0, True)
    assert len(looks) == warmings.QUIET_LOOKS


def test_what_takes_longer_goes_on_alone(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    district = terminal.district()
    take(terminal, fill(terminal.office, district))
    monkeypatch.setattr(warmings, "MOST_LOOKS", 20)
    done = terminal.run("cache", "warm", district, "--wait")
    assert (done.exit_code, "still being read" in done.stderr, done.stdout) == (1, True, "")


def test_what_is_left_out_is_said(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hallpass.services.warm_district.MOST_LISTINGS", 0)
    done = terminal.run("cache", "warm", terminal.district())
    assert done.stdout.splitlines()[-1] == "1 lists that were asked for longest ago are left out."


def test_what_is_not_taken_over_is_a_failure(terminal: Terminal, warmer: ListedWarmer) -> None:
    warmer.unreachable = True
    done = terminal.run("cache", "warm", terminal.district(), "--wait")
    assert (done.exit_code, "503" in done.stderr, done.stdout) == (1, True, "")
