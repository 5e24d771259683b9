"""Whether a token holds: the secret first, then what is told of the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hallpass.domain.access import Actor, PassRecord, PersonRecord, Status, Token, TokenStatus
from hallpass.domain.claims import claimed_person
from hallpass.domain.errors import (
    IntegrationPausedError,
    TokenExpiredError,
    TokenInvalidError,
    TokenNotYetValidError,
    TokenPausedError,
    TokenRevokedError,
)
from hallpass.domain.failure import HallpassError
from hallpass.domain.standing import open_actor, open_pass
from hallpass.domain.tokens import PresentedToken, TokenKind, mint, parse_token

from tests.records import INTEGRATION_ID, NOW, PERSON_ID, a_district, a_person, a_token, an_integration

MINTED = mint(TokenKind.LIVE, INTEGRATION_ID, "Tok1", bytes(range(32)))
PRESENTED = parse_token(MINTED.text.reveal())
WRONG = replace(PRESENTED, digest=bytes(32))
TOKEN = a_token(digest=MINTED.digest)
REVOKED = replace(TOKEN, status=TokenStatus.REVOKED, revoked_at=NOW)
PAUSED = replace(TOKEN, status=TokenStatus.PAUSED)
EXPIRED = replace(TOKEN, expires_at=NOW)
LATER = replace(TOKEN, starts_at=NOW + timedelta(seconds=1))
VOID = replace(TOKEN, void=True)


def a_record(
    token: Token = TOKEN, integration: Status = Status.ACTIVE, generation: int = 1, district: Status = Status.ACTIVE
) -> PassRecord:
    held = replace(an_integration(), status=integration, token_generation=generation)
    return PassRecord(token, held, replace(a_district(), status=district))


def test_a_token_that_holds_opens_its_integration_and_district() -> None:
    opened = open_pass(PRESENTED, a_record(), NOW)
    assert (opened.token, opened.integration, opened.district) == (TOKEN, an_integration(), a_district())


@pytest.mark.parametrize(
    ("record", "raised"),
    [
        pytest.param(None, TokenInvalidError, id="unknown"),
        pytest.param(a_record(VOID), TokenInvalidError, id="issued in another registry"),
        pytest.param(a_record(replace(REVOKED, void=True)), TokenInvalidError, id="revoked in another registry"),
        pytest.param(a_record(REVOKED), TokenRevokedError, id="revoked"),
        pytest.param(a_record(generation=2), TokenRevokedError, id="stopped with the others"),
        pytest.param(a_record(generation=0), TokenRevokedError, id="of a generation to come"),
        pytest.param(a_record(EXPIRED), TokenExpiredError, id="expired at this instant"),
        pytest.param(a_record(LATER), TokenNotYetValidError, id="valid from the next second"),
        pytest.param(a_record(district=Status.PAUSED), TokenInvalidError, id="of a paused district"),
        pytest.param(a_record(district=Status.ENDED), TokenInvalidError, id="of an ended district"),
        pytest.param(a_record(PAUSED), TokenPausedError, id="paused"),
        pytest.param(a_record(integration=Status.PAUSED), IntegrationPausedError, id="of a paused integration"),
        pytest.param(a_record(integration=Status.ENDED), IntegrationPausedError, id="of an ended integration"),
        pytest.param(a_record(replace(REVOKED, expires_at=NOW)), TokenRevokedError, id="revoked and expired"),
        pytest.param(a_record(replace(PAUSED, expires_at=NOW)), TokenExpiredError, id="paused and expired"),
    ],
)
def test_a_token_that_does_not_hold_is_refused_with_its_reason(
    record: PassRecord | None, raised: type[HallpassError]
) -> None:
    with pytest.raises(raised) as refused:
        open_pass(PRESENTED, record, NOW)
    assert type(refused.value) is raised


@pytest.mark.parametrize(
    "record",
    [
        None,
        a_record(),
        a_record(VOID),
        a_record(REVOKED),
        a_record(EXPIRED),
        a_record(PAUSED),
        a_record(district=Status.ENDED),
    ],
)
def test_a_wrong_secret_is_told_nothing(record: PassRecord | None) -> None:
    refusals = []
    for presented, seen in ((WRONG, record), (PRESENTED, None)):
        with pytest.raises(TokenInvalidError) as refused:
            open_pass(presented, seen, NOW)
        refusals.append((refused.value.detail, refused.value.headers, dict(refused.value.members)))
    assert refusals[0] == refusals[1]


def test_an_unknown_token_is_not_opened_by_a_digest_of_nothing() -> None:
    nothing = PresentedToken(TokenKind.LIVE, INTEGRATION_ID, "Tok1", bytes(32))
    with pytest.raises(TokenInvalidError):
        open_pass(nothing, None, NOW)
    with pytest.raises(TokenInvalidError):
        open_actor(nothing, None, NOW)


@pytest.mark.parametrize(("seconds", "holds"), [(-1, False), (0, True), (59, True), (60, False), (61, False)])
def test_a_token_holds_from_its_start_to_just_before_its_end(seconds: int, holds: bool) -> None:
    token = replace(TOKEN, starts_at=NOW, expires_at=NOW + timedelta(seconds=60))
    moment = NOW + timedelta(seconds=seconds)
    if holds:
        open_pass(PRESENTED, a_record(token), moment)
    else:
        with pytest.raises((TokenNotYetValidError, TokenExpiredError)):
            open_pass(PRESENTED, a_record(token), moment)


@pytest.mark.parametrize(
    ("token", "raised"),
    [
        pytest.param(None, TokenInvalidError, id="unknown"),
        pytest.param(VOID, TokenInvalidError, id="issued in another registry"),
        pytest.param(REVOKED, TokenRevokedError, id="revoked"),
        pytest.param(EXPIRED, TokenExpiredError, id="expired"),
        pytest.param(LATER, TokenNotYetValidError, id="not yet valid"),
        pytest.param(PAUSED, TokenPausedError, id="paused"),
    ],
)
def test_an_admins_token_is_judged_alike(token: Token | None, raised: type[HallpassError]) -> None:
    record = None if token is None else PersonRecord(token, a_person())
    with pytest.raises(raised):
        open_actor(PRESENTED, record, NOW)
    with pytest.raises(TokenInvalidError):
        open_actor(WRONG, record, NOW)


@pytest.mark.parametrize("token", [TOKEN, REVOKED, EXPIRED, LATER, PAUSED])
def test_a_request_is_the_persons_whose_secret_it_knows_even_if_it_is_refused(token: Token) -> None:
    record = PersonRecord(token, a_person())
    assert claimed_person(PRESENTED, record) == a_person()
    assert claimed_person(WRONG, record) is None


def test_a_request_is_nobodys_by_a_token_that_is_unknown_here() -> None:
    assert claimed_person(PRESENTED, None) is None
    assert claimed_person(PRESENTED, PersonRecord(VOID, a_person())) is None


def test_an_admins_token_that_holds_opens_a_person() -> None:
    assert open_actor(PRESENTED, PersonRecord(TOKEN, a_person()), NOW) == Actor(a_person(), "Tok1", TOKEN.expires_at)
    assert a_person().id == PERSON_ID


def test_a_token_is_alive_until_it_is_revoked_or_expired() -> None:
    assert [token.alive(NOW) for token in (TOKEN, PAUSED, LATER, REVOKED, EXPIRED)] == [True, True, True, False, False]


def test_a_dataset_changes_with_scope_and_pseudonyms() -> None:
    held = an_integration()
    changed = {held.dataset, replace(held, scope_version=2).dataset, replace(held, pseudonym_epoch=2).dataset}
    assert changed == {"1.1", "2.1", "1.2"}
