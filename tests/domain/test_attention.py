"""What is counted as wanting attention, to the second and to the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hallpass.domain.access import Agreement, Integration, Status, Token, TokenStatus
from hallpass.domain.attention import NEW_FOR, Attention, attention, news

from tests.records import INTEGRATION_ID, a_token, an_integration

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def at(*tokens: Token, integration: Integration | None = None, used: datetime | None = None) -> Attention:
    """Of one integration. `used`: the first token's last use."""
    one = integration or an_integration()
    last_used = {(one.id, tokens[0].id): used} if used else {}
    return attention([one], {one.id: tokens}, last_used, NOW, CHICAGO)


def fresh(**changes: Any) -> Token:
    return replace(a_token(issued_at=NOW - DAY, expires_at=NOW + 300 * DAY), **changes)


@pytest.mark.parametrize(
    ("token", "alive"),
    [
        pytest.param(fresh(), True, id="one that holds"),
        pytest.param(fresh(status=TokenStatus.PAUSED), True, id="a paused one, which may be resumed"),
        pytest.param(fresh(status=TokenStatus.REVOKED), False, id="a revoked one"),
        pytest.param(fresh(expires_at=NOW), False, id="one whose time is over"),
        pytest.param(fresh(expires_at=NOW + SECOND), True, id="one in its last second"),
        pytest.param(fresh(void=True), False, id="one of another registry"),
        pytest.param(fresh(generation=0), False, id="one that was stopped with all others"),
    ],
)
def test_a_token_that_holds_is_alive(token: Token, alive: bool) -> None:
    assert at(token).alive == ((token,) if alive else ())


@pytest.mark.parametrize(
    ("left", "expiring"),
    [(30 * DAY, True), (30 * DAY + SECOND, False), (SECOND, True), (timedelta(0), False)],
)
def test_a_token_expires_within_thirty_days(left: timedelta, expiring: bool) -> None:
    token = fresh(expires_at=NOW + left)
    assert at(token).expiring == ((token,) if expiring else ())


@pytest.mark.parametrize(
    ("issued", "used", "dormant"),
    [
        pytest.param(90 * DAY, None, True, id="never used for 90 days"),
        pytest.param(90 * DAY - SECOND, None, False, id="never used for a second less"),
        pytest.param(200 * DAY, 90 * DAY, True, id="not used for 90 days"),
        pytest.param(200 * DAY, 90 * DAY - SECOND, False, id="used a second later"),
    ],
)
def test_a_token_that_is_not_used_is_dormant(issued: timedelta, used: timedelta | None, dormant: bool) -> None:
    token = fresh(issued_at=NOW - issued)
    found = at(token, used=NOW - used if used else None)
    assert found.dormant == ((token,) if dormant else ())


@pytest.mark.parametrize(
    ("token", "status"),
    [
        pytest.param(TokenStatus.PAUSED, Status.ACTIVE, id="the token is paused"),
        pytest.param(TokenStatus.ACTIVE, Status.PAUSED, id="the integration is paused"),
    ],
)
def test_who_cannot_use_a_token_does_not_let_it_lie(token: TokenStatus, status: Status) -> None:
    old = fresh(issued_at=NOW - 200 * DAY, status=token)
    found = at(old, integration=replace(an_integration(), status=status))
    assert (found.alive, found.dormant) == ((old,), ())


@pytest.mark.parametrize(
    ("ends_on", "ending", "over"),
    [
        pytest.param(date(2026, 5, 1), True, False, id="in 60 days"),
        pytest.param(date(2026, 5, 2), False, False, id="in 61 days"),
        pytest.param(date(2026, 3, 2), True, False, id="today"),
        pytest.param(date(2026, 3, 1), False, True, id="yesterday"),
    ],
)
def test_an_agreement_ends_within_sixty_days_or_is_over(ends_on: date, ending: bool, over: bool) -> None:
    one = replace(an_integration(), agreement=Agreement("DPA-1", ends_on))
    found = at(integration=one)
    assert (found.ending, found.over) == ((one,) if ending else (), (one,) if over else ())


def test_days_are_the_districts() -> None:
    # 15:00 UTC on the 2nd is the 3rd already on Kiritimati.
    one = replace(an_integration(), agreement=Agreement("DPA-1", date(2026, 3, 2)))
    assert attention([one], {}, {}, NOW, ZoneInfo("Pacific/Kiritimati")).over == (one,)
    assert attention([one], {}, {}, NOW, CHICAGO).ending == (one,)


def test_an_ended_integration_needs_nobody() -> None:
    ended = replace(an_integration(), status=Status.ENDED, agreement=Agreement("DPA-1", date(2026, 3, 2)))
    assert at(fresh(), integration=ended) == Attention((), (), (), (), ())


def test_a_use_is_of_its_own_integrations_token() -> None:
    old = fresh(issued_at=NOW - 200 * DAY)
    one = an_integration()
    found = attention([one], {one.id: [old]}, {("D1stVnd2", old.id): NOW}, NOW, CHICAGO)
    assert (found.dormant, old.holder_id) == ((old,), INTEGRATION_ID)


def new_at(*tokens: Token, integration: Integration | None = None, used: datetime | None = None) -> Attention:
    """What is new of one integration. `used`: the first token's last use."""
    one = integration or an_integration()
    last_used = {(one.id, tokens[0].id): used} if used else {}
    return news(attention([one], {one.id: tokens}, last_used, NOW, CHICAGO), last_used, NOW, CHICAGO)


@pytest.mark.parametrize(
    ("token", "new"),
    [
        pytest.param(fresh(expires_at=NOW + 30 * DAY), True, id="its last thirty days begin"),
        pytest.param(fresh(expires_at=NOW + 30 * DAY - NEW_FOR + SECOND), True, id="they began less than that ago"),
        pytest.param(fresh(expires_at=NOW + 30 * DAY - NEW_FOR), False, id="they began so long ago"),
        pytest.param(fresh(expires_at=NOW + 5 * DAY, issued_at=NOW - SECOND), True, id="it was issued for less"),
        pytest.param(fresh(expires_at=NOW + 31 * DAY), False, id="they have not begun"),
    ],
)
def test_a_token_that_expires_is_new_once(token: Token, new: bool) -> None:
    assert new_at(token).expiring == ((token,) if new else ())


@pytest.mark.parametrize(
    ("used", "new"), [(90 * DAY, True), (90 * DAY + NEW_FOR - SECOND, True), (90 * DAY + NEW_FOR, False), (DAY, False)]
)
def test_a_token_that_lies_idle_is_new_once(used: timedelta, new: bool) -> None:
    token = fresh(issued_at=NOW - 200 * DAY)
    assert new_at(token, used=NOW - used).dormant == ((token,) if new else ())


@pytest.mark.parametrize(
    ("ends_on", "hour", "ending", "over"),
    [
        # Midnight in Chicago is 6 o'clock UTC.
        pytest.param(date(2026, 5, 1), 6, True, False, id="its last sixty days begin"),
        pytest.param(date(2026, 5, 1), 8, True, False, id="they began two hours ago"),
        pytest.param(date(2026, 5, 1), 9, False, False, id="they began three hours ago"),
        pytest.param(date(2026, 3, 1), 6, False, True, id="its last day is over"),
        pytest.param(date(2026, 3, 1), 9, False, False, id="it has been for three hours"),
        pytest.param(date(2026, 4, 1), 6, False, False, id="neither of late"),
    ],
)
def test_an_agreement_that_ends_or_is_over_is_new_once(ends_on: date, hour: int, ending: bool, over: bool) -> None:
    one = replace(an_integration(), agreement=Agreement("DPA-1", ends_on), created_at=NOW - 100 * DAY)
    now = NOW.replace(hour=hour)
    found = news(attention([one], {}, {}, now, CHICAGO), {}, now, CHICAGO)
    assert (found.ending, found.over) == ((one,) if ending else (), (one,) if over else ())


def test_an_integration_that_is_made_shortly_before_its_agreement_ends_is_new() -> None:
    one = replace(an_integration(), agreement=Agreement("DPA-1", date(2026, 3, 9)), created_at=NOW - SECOND)
    assert new_at(integration=one).ending == (one,)
