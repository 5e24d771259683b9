"""Sessions: they stand on a token, end with it, and open no more than it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hallpass.domain.access import PersonRecord, Role, TokenStatus
from hallpass.domain.errors import TokenInvalidError, TokenRevokedError, UnavailableError
from hallpass.domain.sessions import Session, open_session, proven_session
from hallpass.domain.tokens import TokenKind, mint, parse_token

from tests.admin.conftest import ListedVault, Office, open_office
from tests.admin.test_people import draft, slug
from tests.desk_fakes import MemorySessions
from tests.fakes import MemoryRegistry
from tests.records import NOW, PERSON_ID, a_person, a_token
from tests.vendor_fakes import ListedUsage

SESSION = "/admin/v1/session"
PEOPLE = "/admin/v1/people"


def test_a_token_is_exchanged_for_half_an_hour(either: Office) -> None:
    started = either.call("POST", SESSION)
    told = started.json
    assert (started.status, told["expires_at"]) == (201, "2026-03-02T15:30:00Z")
    assert told["token"].startswith(f"hp_session_{told['person']['id']}{told['id']}")
    assert "Set-Cookie" not in started.headers
    assert either.call("GET", PEOPLE, token=told["token"]).status == 200
    shown = either.call("GET", SESSION, token=told["token"]).json
    assert shown == {"id": told["id"], "person": told["person"], "access_ends": told["access_ends"]}
    assert either.call("GET", SESSION).json["id"] is None
    either.clock.move(timedelta(minutes=30))
    assert slug(either.call("GET", PEOPLE, token=told["token"])) == "token-expired"


def test_an_ended_session_is_refused_on_the_next_request(either: Office) -> None:
    session = either.call("POST", SESSION).json["token"]
    other = either.call("POST", SESSION).json["token"]
    assert either.call("DELETE", SESSION, token=session).json["status"] == "ended"
    assert slug(either.call("GET", PEOPLE, token=session)) == "token-revoked"
    assert slug(either.call("DELETE", SESSION, token=session)) == "token-revoked"
    assert either.call("GET", PEOPLE, token=other).status == 200
    assert either.call("GET", PEOPLE).status == 200


def test_a_session_ends_with_the_token_that_it_stands_on(either: Office) -> None:
    made = either.call("POST", PEOPLE, draft(either, "operator")).json
    session = either.call("POST", SESSION, token=made["token"]).json["token"]
    assert either.call("GET", PEOPLE, token=session).status == 200
    either.call("POST", f"{PEOPLE}/{made['id']}/revoke")
    assert slug(either.call("GET", PEOPLE, token=session)) == "token-revoked"


def test_a_session_does_not_outlive_its_token(office: Office) -> None:
    made = office.call("POST", PEOPLE, draft(office, "operator", days=0.01)).json
    started = office.call("POST", SESSION, token=made["token"]).json
    assert started["expires_at"] == started["access_ends"] == office.ahead(0.01)


def test_a_session_neither_prolongs_itself_nor_is_a_token_ended_as_one(office: Office) -> None:
    session = office.call("POST", SESSION).json["token"]
    assert slug(office.call("POST", SESSION, token=session)) == "wrong-token-kind"
    assert slug(office.call("DELETE", SESSION)) == "wrong-token-kind"


def test_a_session_has_its_persons_role(office: Office) -> None:
    admin = office.person(Role.DISTRICT_ADMIN, office.district())
    session = office.call("POST", SESSION, token=admin).json["token"]
    body = {"name": "Invented", "time_zone": "America/Chicago", "upstream_token": "made-up"}
    assert slug(office.call("POST", "/admin/v1/districts", body, token=session)) == "role-insufficient"


def test_a_wrong_secret_and_an_unknown_session_are_refused_alike(office: Office) -> None:
    told = office.call("POST", SESSION).json
    person = told["person"]["id"]
    for session_id in (told["id"], "None"):
        forged = mint(TokenKind.SESSION, person, session_id, bytes(32)).text.reveal()
        reply = office.call("GET", PEOPLE, token=forged)
        assert (reply.status, slug(reply)) == (401, "token-invalid")


SECRET = mint(TokenKind.SESSION, PERSON_ID, "Ses1", bytes(range(32)))
PRESENTED = parse_token(SECRET.text.reveal())
HELD = Session("Ses1", PERSON_ID, "Ptk1", SECRET.digest, NOW, NOW + timedelta(minutes=30))
RECORD = PersonRecord(a_token("Ptk1", PERSON_ID, generation=0), a_person())


@pytest.mark.parametrize(
    ("record", "raised"),
    [
        pytest.param(None, TokenRevokedError, id="the token is not there"),
        pytest.param(replace(RECORD, token=replace(RECORD.token, void=True)), TokenInvalidError, id="it is void"),
        pytest.param(
            replace(RECORD, token=replace(RECORD.token, status=TokenStatus.REVOKED)), TokenRevokedError, id="revoked"
        ),
        pytest.param(
            replace(RECORD, person=replace(a_person(), revoked_at=NOW)), TokenRevokedError, id="the person is"
        ),
    ],
)
def test_a_session_holds_as_its_token_does(record: PersonRecord | None, raised: type[Exception]) -> None:
    assert open_session(proven_session(PRESENTED, HELD), RECORD, NOW).session_id == "Ses1"
    with pytest.raises(raised):
        open_session(HELD, record, NOW)


@dataclass(slots=True)
class Lost(MemorySessions):
    """A store that cannot be reached."""

    def session(self, person_id: str, session_id: str) -> Session | None:
        raise UnavailableError


def test_a_session_in_doubt_opens_nothing() -> None:
    office = open_office(MemoryRegistry(), ListedVault(), ListedUsage(), sessions=Lost())
    session = office.call("POST", SESSION).json["token"]
    reply = office.call("GET", PEOPLE, token=session)
    assert (reply.status, slug(reply)) == (503, "unavailable")


def test_no_cookie_opens_anything(office: Office) -> None:
    """CSRF cannot apply: what a browser sends by itself is not looked at."""
    session = office.call("POST", SESSION).json["token"]
    cookies = {"authorization": "", "cookie": f"token={session}; Authorization=Bearer {session}"}
    reply = office.call("POST", f"{PEOPLE}/Person01/revoke", headers=cookies)
    assert (reply.status, slug(reply)) == (401, "token-missing")
