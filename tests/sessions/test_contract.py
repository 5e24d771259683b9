"""What every store of sessions, invitations and outcomes does: the fake and the real one alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hallpass.domain.access import Role
from hallpass.domain.errors import ConflictError, NotFoundError, UnavailableError
from hallpass.domain.outcomes import Claim, Outcome
from hallpass.domain.sessions import Invitation, Session

from tests.records import DISTRICT_ID, NOW, PERSON_ID
from tests.sessions.conftest import Stores

HELD = Session("Ses1", PERSON_ID, "Ptk1", b"s" * 32, NOW, NOW + timedelta(minutes=30))
INVITED = Invitation(
    person_id="Person09",
    code_id="Cod1",
    digest=b"i" * 32,
    name="Cy Inventado",
    role=Role.AUDITOR,
    district_id=None,
    access_ends=NOW + timedelta(days=30),
    invited_at=NOW,
    invited_by=PERSON_ID,
    invited_with="Ptk1",
    expires_at=NOW + timedelta(hours=72),
)
CLAIM = Claim(PERSON_ID, "a" * 64, b"f" * 32, NOW)


def test_a_session_is_found_as_it_was_added_and_stays_ended(stores: Stores) -> None:
    stores.sessions.add_session(HELD)
    assert stores.sessions.session(PERSON_ID, "Ses1") == HELD
    for _ in range(2):
        stores.sessions.end_session(PERSON_ID, "Ses1")
    assert stores.sessions.session(PERSON_ID, "Ses1") == replace(HELD, ended=True)
    with pytest.raises(ConflictError):
        stores.sessions.add_session(HELD)


def test_a_session_of_another_person_is_another(stores: Stores) -> None:
    stores.sessions.add_session(HELD)
    assert stores.sessions.session("Person02", "Ses1") is None
    with pytest.raises(NotFoundError):
        stores.sessions.end_session("Person02", "Ses1")
    assert stores.sessions.session("Person02", "Ses1") is None


@pytest.mark.parametrize("district_id", [None, DISTRICT_ID])
def test_an_invitation_is_found_as_it_was_added_and_stays_withdrawn(stores: Stores, district_id: str | None) -> None:
    one = replace(INVITED, district_id=district_id)
    stores.invitations.add_invitation(one)
    assert stores.invitations.invitation("Person09") == one
    for _ in range(2):
        stores.invitations.withdraw("Person09")
    assert stores.invitations.invitation("Person09") == replace(one, withdrawn=True)
    with pytest.raises(ConflictError):
        stores.invitations.add_invitation(one)


def test_invitations_are_listed_oldest_first(stores: Stores) -> None:
    assert stores.invitations.invitations() == []
    later = replace(INVITED, person_id="Person01", invited_at=NOW + timedelta(seconds=1))
    for one in (later, INVITED):
        stores.invitations.add_invitation(one)
    assert stores.invitations.invitations() == [INVITED, later]
    assert stores.invitations.invitation("Person05") is None
    with pytest.raises(NotFoundError):
        stores.invitations.withdraw("Person05")


def test_a_key_is_taken_once_and_tells_what_became_of_it(stores: Stores) -> None:
    assert stores.outcomes.claim(CLAIM, NOW) is None
    late = replace(CLAIM, fingerprint=b"o" * 32, at=NOW + timedelta(seconds=1))
    assert stores.outcomes.claim(late, late.at) == Outcome(CLAIM.fingerprint, NOW)
    stores.outcomes.finish(CLAIM, 201, '{"id":"Tok1"}')
    assert stores.outcomes.claim(late, late.at) == Outcome(CLAIM.fingerprint, NOW, 201, '{"id":"Tok1"}')


def test_a_key_is_free_again_when_it_is_given_back_or_past_its_time(stores: Stores) -> None:
    stores.outcomes.claim(CLAIM, NOW)
    stores.outcomes.release(CLAIM)
    assert stores.outcomes.claim(CLAIM, NOW) is None
    before, after = CLAIM.until - timedelta(seconds=1), CLAIM.until
    assert stores.outcomes.claim(CLAIM, before) is not None
    assert stores.outcomes.claim(replace(CLAIM, at=after), after) is None


def test_the_same_key_of_another_person_is_another(stores: Stores) -> None:
    stores.outcomes.claim(CLAIM, NOW)
    assert stores.outcomes.claim(replace(CLAIM, person_id="Person02"), NOW) is None


@pytest.mark.parametrize("known", [False, True], ids=["that nobody has", "of another request"])
def test_the_outcome_of_a_key_is_not_kept(stores: Stores, known: bool) -> None:
    if known:
        stores.outcomes.claim(CLAIM, NOW)
    with pytest.raises(UnavailableError):
        stores.outcomes.finish(replace(CLAIM, fingerprint=b"o" * 32), 201, "{}")
    assert stores.outcomes.claim(CLAIM, NOW) == (Outcome(CLAIM.fingerprint, NOW) if known else None)
