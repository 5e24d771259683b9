"""How tokens and keys came to their end, as a district's end finds them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hallpass.domain.access import Integration, Status, Token, TokenStatus
from hallpass.domain.offboarding import KeyEnd, TokenEnd, ended_when, key_end, leaving, token_end

from tests.records import NOW, a_token, an_integration

ENDED = replace(an_integration(), status=Status.ENDED, token_generation=3)
HELD = a_token(generation=2, expires_at=NOW + timedelta(days=30))


@pytest.mark.parametrize(
    ("token", "integration", "end"),
    [
        pytest.param(HELD, ENDED, TokenEnd.FELL, id="it held until the end"),
        pytest.param(replace(HELD, status=TokenStatus.PAUSED), ENDED, TokenEnd.FELL, id="it was paused"),
        pytest.param(replace(HELD, status=TokenStatus.REVOKED), ENDED, TokenEnd.REVOKED, id="it was revoked"),
        pytest.param(replace(HELD, expires_at=NOW), ENDED, TokenEnd.EXPIRED, id="its time was over"),
        pytest.param(replace(HELD, generation=1), ENDED, TokenEnd.STOPPED, id="all were stopped before"),
        pytest.param(replace(HELD, void=True), ENDED, TokenEnd.VOID, id="it is of another registry"),
        pytest.param(replace(HELD, generation=3), ENDED, TokenEnd.HOLDS, id="it is of the newest generation"),
        pytest.param(
            HELD, replace(ENDED, status=Status.ACTIVE), TokenEnd.STOPPED, id="all were stopped, and it goes on"
        ),
    ],
)
def test_how_a_token_ended(token: Token, integration: Integration, end: TokenEnd) -> None:
    assert token_end(token, integration, NOW) is end


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (TokenEnd.FELL, (NOW - timedelta(days=5), "Person01")),
        (TokenEnd.REVOKED, (NOW - timedelta(days=9), "holder")),
        (TokenEnd.EXPIRED, (HELD.expires_at, None)),
        (TokenEnd.STOPPED, (None, None)),
        (TokenEnd.VOID, (None, None)),
        (TokenEnd.HOLDS, (None, None)),
    ],
)
def test_when_and_by_whom_a_token_ended(end: TokenEnd, told: tuple[datetime | None, str | None]) -> None:
    token = replace(HELD, revoked_at=NOW - timedelta(days=9), revoked_by="holder")
    ended = replace(ENDED, ended_at=NOW - timedelta(days=5), ended_by="Person01")
    assert ended_when(token, end, ended) == told


def test_a_token_falls_with_its_integration_also_if_its_time_was_over_before_the_district_ended() -> None:
    early = replace(ENDED, ended_at=NOW - timedelta(days=5))
    token = replace(HELD, expires_at=NOW - timedelta(days=1))
    assert leaving(early, [token], NOW).tokens == ((token, TokenEnd.FELL),)
    assert leaving(ENDED, [token], NOW).tokens == ((token, TokenEnd.EXPIRED),)


@pytest.mark.parametrize(
    ("fields", "epoch", "sealed", "end"),
    [
        pytest.param("identified@1", 1, None, KeyEnd.NEVER, id="its scope needed none"),
        pytest.param("pseudonymised@1", 1, None, KeyEnd.DESTROYED, id="its scope needed one"),
        pytest.param("identified@1", 2, None, KeyEnd.DESTROYED, id="an earlier scope needed one"),
        pytest.param("pseudonymised@1", 1, b"sealed", KeyEnd.THERE, id="it is there"),
    ],
)
def test_what_became_of_the_key(fields: str, epoch: int, sealed: bytes | None, end: KeyEnd) -> None:
    scope = replace(ENDED.scope, fields=fields)
    assert key_end(replace(ENDED, scope=scope, pseudonym_epoch=epoch, sealed_key=sealed)) is end


@pytest.mark.parametrize(
    ("integration", "tokens", "over"),
    [
        pytest.param(ENDED, [HELD], True, id="nothing is left"),
        pytest.param(ENDED, [], True, id="there was nothing"),
        pytest.param(replace(ENDED, status=Status.ACTIVE), [], False, id="it goes on"),
        pytest.param(replace(ENDED, sealed_key=b"sealed"), [], False, id="its key is there"),
        pytest.param(ENDED, [HELD, replace(HELD, generation=3)], False, id="a token holds"),
    ],
)
def test_whether_all_of_it_is_over(integration: Integration, tokens: list[Token], over: bool) -> None:
    assert leaving(integration, tokens, NOW).over is over
