"""Requests without a good token, by address: counted for a minute, in memory, and never at a good one's cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hallpass.domain.bad_tokens import (
    MOST_A_MINUTE,
    has_row,
    minute_of,
    neighbourhood,
    seconds_of_minute_left,
)
from hallpass.domain.limit_errors import TooManyFailuresError
from hallpass.domain.tokens import PresentedToken, TokenKind
from hallpass.services import failures as module
from hallpass.services.failures import Failures

from tests.fakes import MemoryRegistry, SetClock
from tests.quota_fakes import MemoryRoster
from tests.records import INTEGRATION_ID, a_district, a_token, an_integration

HERE, ELSEWHERE = "192.0.2.7", "192.0.2.8"
GOOD = PresentedToken(TokenKind.LIVE, INTEGRATION_ID, "Tok1", b"\x01" * 32)
BAD = PresentedToken(TokenKind.LIVE, INTEGRATION_ID, "Tok1", b"\x02" * 32)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def roster() -> MemoryRoster:
    registry = MemoryRegistry()
    registry.add_district(a_district())
    registry.add_integration(an_integration())
    registry.add_token(a_token(), an_integration())
    return MemoryRoster(registry)


@pytest.fixture
def failures(roster: MemoryRoster, clock: SetClock) -> Failures:
    return Failures(roster, clock)


def refused(failures: Failures, presented: PresentedToken, source: str = HERE) -> bool:
    try:
        failures.check(source, presented)
    except TooManyFailuresError:
        return True
    return False


def test_up_to_the_bound_everything_is_looked_up(failures: Failures, roster: MemoryRoster) -> None:
    for number in range(1, MOST_A_MINUTE + 1):
        assert not refused(failures, BAD)
        assert failures.note(HERE) == number
    assert roster.asked == 0
    assert refused(failures, BAD)
    assert roster.asked == 1


def test_a_good_token_is_never_refused_for_others_behind_its_address(failures: Failures) -> None:
    for _ in range(1000):
        failures.note(HERE)
        assert not refused(failures, GOOD)
    assert refused(failures, BAD)
    assert not refused(failures, BAD, ELSEWHERE)


def test_a_minute_later_it_begins_anew(failures: Failures, clock: SetClock) -> None:
    for _ in range(MOST_A_MINUTE):
        failures.note(HERE)
    clock.move(timedelta(seconds=20))
    with pytest.raises(TooManyFailuresError) as told:
        failures.check(HERE, BAD)
    assert told.value.headers == (("Retry-After", "40"),)
    clock.move(timedelta(seconds=40))
    assert not refused(failures, BAD)
    assert failures.note(HERE) == 1


def test_what_is_remembered_is_bounded(failures: Failures, monkeypatch: pytest.MonkeyPatch) -> None:
    """Full, it begins anew: bad tokens are looked up again, and no good one is refused."""
    monkeypatch.setattr(module, "MOST_ADDRESSES", 3)
    for number in range(4):
        failures.note(f"192.0.2.{number}")
    assert failures.note(HERE) == 1
    assert len(failures._counts) == 1


def test_a_look_keeps_no_address(failures: Failures) -> None:
    assert not refused(failures, BAD)
    assert failures._counts == {}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.8", False),
        ("2001:db8:1:2::7", "2001:db8:1:2:ffff::8", True),
        ("2001:db8:1:2::7", "2001:db8:1:3::7", False),
        ("unknown", "unknown", True),
        ("unknown", "", False),
    ],
)
def test_what_counts_as_one_address(one: str, other: str, same: bool) -> None:
    assert (neighbourhood(one) == neighbourhood(other)) is same


def test_beyond_the_bound_each_doubling_has_a_row() -> None:
    assert [count for count in range(1, 700) if has_row(count)] == [*range(1, 21), 40, 80, 160, 320, 640]


@pytest.mark.parametrize(
    ("at", "left"),
    [(datetime(2026, 3, 2, 15, 0, tzinfo=UTC), 60), (datetime(2026, 3, 2, 15, 0, 59, 999_999, tzinfo=UTC), 1)],
    ids=str,
)
def test_how_long_the_minute_still_is(at: datetime, left: int) -> None:
    assert seconds_of_minute_left(at) == left
    assert minute_of(at + timedelta(seconds=left)) == minute_of(at) + 1
