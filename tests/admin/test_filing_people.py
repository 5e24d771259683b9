"""Under which district is filed what is done by session and invitation, and about who is invited."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hallpass.domain.access import PersonRecord
from hallpass.domain.sessions import session_holder
from hallpass.domain.tokens import TokenKind, mint

from tests.admin.test_filing import DISTRICTS, NUMBER, PEOPLE, Two, two, written
from tests.records import a_person, a_token

__all__ = ["two"]

INVITATIONS, SESSION = "/admin/v1/invitations", "/admin/v1/session"


def session_of(two: Two) -> str:
    text: str = two.office.call("POST", SESSION, token=two.officer).json["token"]
    return text


def invited(two: Two, district: str, token: str | None = None) -> dict[str, str]:
    body = {"name": "Cy", "role": "auditor", "district": district, "expires_at": two.office.ahead(9)}
    made: dict[str, str] = two.office.call("POST", INVITATIONS, body, token).json
    return made


@pytest.mark.parametrize("end", ["session", "person"])
def test_a_session_that_has_ended_stands_in_its_persons_district(two: Two, end: str) -> None:
    session = session_of(two)
    if end == "session":
        two.office.call("DELETE", SESSION, token=session)
    else:
        two.office.call("POST", f"{PEOPLE}/{two.officer_id}/revoke")
    reply, rows = two.call("POST", f"{DISTRICTS}/{two.other}/disclosures", NUMBER, session)
    assert reply.json["type"] == "urn:hallpass:problem:token-revoked"
    assert [(row.action, row.actor, row.district, row.target) for row in rows] == [
        ("disclosures.person", two.officer_id, two.own, None)
    ]


def test_who_does_not_know_a_sessions_secret_stands_in_nobodys_district(two: Two) -> None:
    made = two.office.call("POST", SESSION, token=two.officer).json
    guess = mint(TokenKind.SESSION, two.officer_id, made["id"], bytes(32)).text.reveal()
    reply, rows = two.call("GET", f"{DISTRICTS}/{two.own}", token=guess)
    assert reply.status == 401
    assert [(row.action, row.actor, row.district) for row in rows] == [("admin", None, None)]


def test_an_invitation_that_is_used_stands_in_its_district(two: Two) -> None:
    made = invited(two, two.own)
    reply, rows = two.call("POST", f"{INVITATIONS}/accept", token=made["code"])
    assert reply.status == 201
    assert [(row.actor, row.role, row.district, row.phase) for row in rows] == [
        (made["id"], "auditor", two.own, "begun"),
        (made["id"], "auditor", two.own, "ended"),
    ]


def test_an_invitation_that_was_withdrawn_stands_in_its_district_and_a_guess_in_none(two: Two) -> None:
    made = invited(two, two.own)
    two.office.call("POST", f"{INVITATIONS}/{made['id']}/withdraw")
    _, rows = two.call("POST", f"{INVITATIONS}/accept", token=made["code"])
    assert [(row.action, row.actor, row.district, row.status) for row in rows] == [
        ("invitation.accept", made["id"], two.own, 401)
    ]
    guess = mint(TokenKind.INVITE, made["id"], made["code"][18:22], bytes(32)).text.reveal()
    _, rows = two.call("POST", f"{INVITATIONS}/accept", token=guess)
    assert [(row.action, row.actor, row.district, row.status) for row in rows] == [("admin", None, None, 401)]


def test_what_is_done_about_who_is_invited_stands_in_their_district(two: Two) -> None:
    body = {"name": "Cy", "role": "auditor", "district": two.other, "expires_at": two.office.ahead(9)}
    made, rows = two.call("POST", INVITATIONS, body)
    assert [(row.district, row.phase) for row in rows] == [(two.other, "begun"), (two.other, "ended")]
    _, rows = two.call("POST", f"{INVITATIONS}/{made.json['id']}/withdraw")
    assert [(row.district, row.phase, row.target) for row in rows] == [
        (two.other, "begun", made.json["id"]),
        (two.other, "ended", made.json["id"]),
    ]


def test_an_operator_that_is_invited_belongs_to_no_district(two: Two) -> None:
    body = {"name": "Cy", "role": "operator", "expires_at": two.office.ahead(9)}
    made, _ = two.call("POST", INVITATIONS, body)
    _, rows = two.call("POST", f"{INVITATIONS}/{made.json['id']}/withdraw")
    assert [(row.district, row.target) for row in rows] == [(None, made.json["id"])] * 2


def test_nobody_writes_into_another_districts_record_about_people(two: Two) -> None:
    theirs = invited(two, two.other)["id"]
    reply, rows = two.call("POST", f"{INVITATIONS}/{theirs}/withdraw", token=two.officer)
    assert (reply.status, [(row.district, row.phase) for row in rows]) == (404, [(two.own, None)])
    assert theirs not in written(rows)
    body = {"name": "Cy", "role": "auditor", "district": two.other, "expires_at": two.office.ahead(9)}
    reply, rows = two.call("POST", INVITATIONS, body, two.officer)
    assert (reply.status, [row.district for row in rows]) == (400, [two.own, two.own])
    assert two.other not in written(rows)


def test_what_an_auditor_may_not_do_has_not_begun(two: Two) -> None:
    made = invited(two, two.own)
    auditor = two.office.call("POST", f"{INVITATIONS}/accept", token=made["code"]).json["token"]
    reply, rows = two.call("POST", f"{DISTRICTS}/{two.own}/purge", {"mode": "hard"}, auditor)
    assert reply.json["type"] == "urn:hallpass:problem:role-insufficient"
    assert [(row.actor, row.district, row.phase) for row in rows] == [(made["id"], two.own, None)]


def test_a_session_has_a_person_only_where_its_token_is_known() -> None:
    record = PersonRecord(a_token(), a_person())
    assert session_holder(record) == record.person
    assert session_holder(replace(record, token=replace(record.token, void=True))) is None
    assert session_holder(None) is None
