"""People: invitations, roles, rotation and revocation, and what an auditor may do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hallpass.adapters.admin_addresses import Address
from hallpass.domain.access import Actor, Role
from hallpass.domain.errors import NotFoundError, UnavailableError
from hallpass.domain.sessions import Invitation
from hallpass.domain.tokens import TokenKind, mint, parse_token
from hallpass.services import invite_people, manage_people
from hallpass.services.manage_access import Desk

from tests.admin.conftest import ListedVault, Office, Reply, open_office
from tests.desk_fakes import MemoryInvitations
from tests.docs.test_restore import table
from tests.fakes import MemoryRegistry
from tests.records import a_person
from tests.vendor_fakes import ListedUsage

INVITATIONS = "/admin/v1/invitations"


def draft(office: Office, role: str = "auditor", district: str | None = None, days: float = 30) -> dict[str, Any]:
    return {"name": "Cy Inventado", "role": role, "district": district, "expires_at": office.ahead(days)}


def slug(reply: Reply) -> str:
    return str(reply.json["type"]).rpartition(":")[2]


def accept(office: Office, code: str) -> Reply:
    return office.call("POST", f"{INVITATIONS}/accept", token=code)


def test_an_invitation_becomes_a_token_once(either: Office) -> None:
    district = either.district()
    invited = either.call("POST", INVITATIONS, draft(either, "district-admin", district)).json
    assert invited["code"].startswith(f"hp_invite_{invited['id']}")
    assert invited["invitation"]["expires_at"] == either.ahead(3)
    assert [one["id"] for one in either.call("GET", INVITATIONS).json["invitations"]] == [invited["id"]]

    made = accept(either, invited["code"])
    assert (made.status, made.json["id"]) == (201, invited["id"])
    assert made.json["person"]["token"]["expires_at"] == either.ahead(30)
    assert made.json["person"]["created_by"] == invited["invitation"]["invited_by"]
    assert either.call("GET", f"/admin/v1/districts/{district}", token=made.json["token"]).status == 200

    again = accept(either, invited["code"])
    assert (again.status, slug(again)) == (401, "token-revoked")
    assert either.call("GET", INVITATIONS).json["invitations"] == []
    assert len(either.call("GET", "/admin/v1/people").json["people"]) == 2


def test_the_code_is_nowhere_but_in_the_answer(either: Office, capfd: pytest.CaptureFixture[str]) -> None:
    invited = either.call("POST", INVITATIONS, draft(either)).json
    secret = invited["code"][-49:-6]
    kept = either.desk.invitations.invitation(invited["id"])
    assert secret not in repr(kept)
    told = [either.call("GET", path).text for path in (INVITATIONS, "/admin/v1/people")]
    assert not [text for text in (*told, capfd.readouterr().out) if secret in text]


@pytest.mark.parametrize("end", ["expired", "withdrawn", "inviter revoked", "wrong", "of nobody"])
def test_an_invitation_that_does_not_hold_makes_nobody(office: Office, end: str) -> None:
    inviter = office.call("POST", "/admin/v1/people", draft(office, "operator")).json
    invited = office.call("POST", INVITATIONS, draft(office), token=inviter["token"]).json
    code, wanted = invited["code"], "token-revoked"
    if end == "expired":
        office.clock.move(timedelta(days=3))
        wanted = "token-expired"
    elif end == "withdrawn":
        assert office.call("POST", f"{INVITATIONS}/{invited['id']}/withdraw").json["status"] == "withdrawn"
    elif end == "inviter revoked":
        office.call("POST", f"/admin/v1/people/{inviter['id']}/revoke")
    else:
        code = mint(
            TokenKind.INVITE, invited["id"] if end == "wrong" else "Nobody01", code[18:22], bytes(32)
        ).text.reveal()
        wanted = "token-invalid"
    reply = accept(office, code)
    assert (reply.status, slug(reply)) == (401, wanted)
    assert len(office.call("GET", "/admin/v1/people").json["people"]) == 2


@dataclass(slots=True)
class Withdrawn(MemoryInvitations):
    """Somebody withdraws after that many looks at it."""

    looks: int = 1

    def invitation(self, person_id: str) -> Invitation | None:
        # Called by name: a class with slots is made anew, and `super()` would not find it.
        found = MemoryInvitations.invitation(self, person_id)
        self.looks -= 1
        if found is not None and self.looks == 0:
            self.withdraw(person_id)
        return found


@pytest.mark.parametrize("looks", [1, 2])
def test_an_invitation_that_is_withdrawn_at_the_last_moment_lets_nobody_in(looks: int) -> None:
    office = open_office(MemoryRegistry(), ListedVault(), ListedUsage(), invitations=Withdrawn(looks=looks))
    invited = office.call("POST", INVITATIONS, draft(office)).json
    assert slug(accept(office, invited["code"])) == "token-revoked"
    people = office.call("GET", "/admin/v1/people").json["people"]
    assert [one["revoked_at"] is None for one in people if one["id"] == invited["id"]] in ([], [False])


def test_who_withdraws_too_late_is_told_whom_to_revoke(either: Office) -> None:
    invited = either.call("POST", INVITATIONS, draft(either)).json
    accept(either, invited["code"])
    withdraw = f"{INVITATIONS}/{invited['id']}/withdraw"
    late = either.call("POST", withdraw)
    assert (late.status, "revoke that person" in late.json["detail"]) == (409, True)
    either.call("POST", f"/admin/v1/people/{invited['id']}/revoke")
    assert either.call("POST", withdraw).status == 200


@pytest.mark.parametrize("role", ["district-admin", "auditor"])
def test_a_district_admin_invites_to_their_own_district(office: Office, role: str) -> None:
    district = office.district()
    admin = office.person(Role.DISTRICT_ADMIN, district)
    invited = office.call("POST", INVITATIONS, draft(office, role, district), token=admin)
    assert (invited.status, invited.json["invitation"]["role"]) == (201, role)
    assert accept(office, invited.json["code"]).status == 201


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        pytest.param({"role": "operator", "district": None}, None, id="an operator"),
        pytest.param({"role": "auditor", "district": None}, "district", id="an auditor of all"),
        pytest.param({"role": "auditor", "district": "D1st"}, "district", id="for another district"),
        pytest.param({"expires_at": 31}, "expires_at", id="for longer than their own access"),
    ],
)
def test_a_district_admin_never_grants_more_than_they_have(
    office: Office, changes: dict[str, Any], named: str | None
) -> None:
    district = office.district()
    admin = office.person(Role.DISTRICT_ADMIN, district)
    asked = draft(office, "district-admin", district) | changes
    if named == "expires_at":
        asked["expires_at"] = office.ahead(31)
    reply = office.call("POST", INVITATIONS, asked, token=admin)
    if named is None:
        assert (reply.status, slug(reply)) == (403, "role-insufficient")
    else:
        assert (reply.status, [entry["name"] for entry in reply.json["errors"]]) == (400, [named])


@pytest.mark.parametrize("path", [INVITATIONS, "/admin/v1/people"])
def test_a_session_brings_nobody_in(office: Office, path: str) -> None:
    session = office.call("POST", "/admin/v1/session").json["token"]
    reply = office.call("POST", path, draft(office), token=session)
    assert (reply.status, slug(reply)) == (403, "wrong-token-kind")


@pytest.mark.parametrize("path", [INVITATIONS, "/admin/v1/people"])
def test_an_operator_grants_no_longer_than_their_own_access(office: Office, path: str) -> None:
    short = office.person(Role.OPERATOR)
    reply = office.call("POST", path, draft(office, days=31), token=short)
    assert (reply.status, [entry["name"] for entry in reply.json["errors"]]) == (400, ["expires_at"])
    assert office.call("POST", path, draft(office, days=30), token=short).status == 201


def test_who_revokes_a_person_is_told_whom_that_person_brought_in(office: Office) -> None:
    district = office.district()
    admin = office.person(Role.DISTRICT_ADMIN, district)
    asked = draft(office, "auditor", district, days=5)
    kept, left = (accept(office, office.call("POST", INVITATIONS, asked, token=admin).json["code"]) for _ in range(2))
    opened = office.call("POST", INVITATIONS, asked, token=admin).json
    assert office.call("POST", f"/admin/v1/people/{left.json['id']}/revoke").json["brought_in"] == []
    assert [one["id"] for one in office.call("GET", INVITATIONS).json["invitations"]] == [opened["id"]]
    told = office.call("POST", f"/admin/v1/people/{parse_token(admin).holder_id}/revoke").json
    assert told["brought_in"] == [kept.json["id"]]
    # What nobody can use any more is not listed as open.
    assert office.call("GET", INVITATIONS).json["invitations"] == []
    assert accept(office, opened["code"]).status == 401


def test_nobody_revokes_themselves(office: Office) -> None:
    person = office.call("GET", "/admin/v1/session").json["person"]["id"]
    reply = office.call("POST", f"/admin/v1/people/{person}/revoke")
    assert (reply.status, slug(reply)) == (409, "conflict")
    assert office.call("GET", "/admin/v1/people").status == 200


def test_a_district_admin_sees_and_ends_the_people_of_their_district_alone(office: Office) -> None:
    one, other = office.district(), office.district("Made-up Unified")
    admin, foreign = office.person(Role.DISTRICT_ADMIN, one), office.person(Role.DISTRICT_ADMIN, other)
    auditor = office.person(Role.AUDITOR, one)
    for token, district in ((admin, one), (foreign, other)):
        office.call("POST", INVITATIONS, draft(office, "auditor", district), token=token)
    mine = office.call("GET", "/admin/v1/people", token=admin).json["people"]
    assert {person["district"] for person in mine} == {one}
    assert len(mine) == 2
    assert [one_["district"] for one_ in office.call("GET", INVITATIONS, token=admin).json["invitations"]] == [one]

    theirs = office.call("GET", INVITATIONS, token=foreign).json["invitations"][0]["id"]
    [operator] = [one_ for one_ in office.call("GET", "/admin/v1/people").json["people"] if one_["role"] == "operator"]
    [someone] = [one_ for one_ in mine if one_["role"] == "auditor"]
    unknown = office.call("POST", "/admin/v1/people/Nobody01/revoke", token=admin)
    for path in (f"/admin/v1/people/{operator['id']}/revoke", f"{INVITATIONS}/{theirs}/withdraw"):
        reply = office.call("POST", path, token=admin)
        assert (reply.status, slug(reply)) == (unknown.status, slug(unknown)) == (404, "not-found")
    assert office.call("POST", f"/admin/v1/people/{someone['id']}/revoke", token=admin).status == 200
    assert office.call("GET", f"/admin/v1/districts/{one}", token=auditor).status == 401
    assert office.call("POST", f"{INVITATIONS}/Nobody01/withdraw", token=admin).status == 404


@pytest.mark.parametrize(
    "ends", [invite_people.withdraw, manage_people.revoke_person], ids=["an invitation", "an access"]
)
def test_what_is_not_there_for_the_record_is_not_there_for_who_ends_it(
    office: Office, ends: Callable[[Desk, Actor, str], None]
) -> None:
    """The use cases themselves, without the record's look before them."""
    own = office.district()
    admin = Actor(a_person("Person02", Role.DISTRICT_ADMIN, own), "Tok1", office.clock.now())
    office.call("POST", INVITATIONS, draft(office, "auditor", office.district("Made-up Unified")))
    [theirs] = office.desk.invitations.invitations()
    foreign = office.call("POST", "/admin/v1/people", draft(office, "operator")).json["id"]
    for person_id in (theirs.person_id, foreign, "Nobody01"):
        with pytest.raises(NotFoundError):
            ends(office.desk, admin, person_id)
    assert office.desk.invitations.invitations() == [theirs]
    assert [person.revoked_at for person in office.desk.registry.people() if person.id == foreign] == [None]


@pytest.mark.parametrize(
    "address", [one for one in table() if one.opens and not one.auditor], ids=lambda one: one.action
)
def test_an_auditor_changes_nothing_and_issues_nothing(office: Office, address: Address) -> None:
    auditor = office.person(Role.AUDITOR)
    path = re.sub("<(token|claim)_id>", "Tok1", re.sub("<district_id>", "D1st", address.rule))
    path = re.sub("<integration_id>", "D1stVnd1", re.sub("<person_id>", "Person01", path))
    reply = office.call(address.method, path, {} if address.body else None, token=auditor)
    assert (reply.status, slug(reply)) == (403, "role-insufficient")


def test_an_address_that_an_auditor_may_call_changes_nothing_but_their_own_access() -> None:
    own = {"person.rotate", "session.start", "session.end", "invitation.accept"}
    assert {address.action for address in table() if address.auditor and address.changes} == own


@pytest.mark.parametrize("everywhere", [False, True], ids=["of one district", "of all"])
def test_an_auditor_reads_what_was_agreed_and_disclosed(office: Office, everywhere: bool) -> None:
    one, other = office.district(), office.district("Made-up Unified")
    path = office.integration(one)
    auditor = office.person(Role.AUDITOR, None if everywhere else one)
    days = {"from": "2026-02-20", "to": "2026-03-02"}
    at = f"/admin/v1/districts/{one}"
    for method, asked, body in (
        ("GET", at, None),
        ("GET", f"{at}/status", None),
        ("GET", f"{at}/agreements", None),
        ("GET", path, None),
        ("GET", f"{path}/tokens", None),
        ("POST", f"{at}/audit/search", days),
        ("POST", f"{at}/disclosures/report", days),
    ):
        assert office.call(method, asked, body, token=auditor).status == 200, asked
    seen = {entry["id"] for entry in office.call("GET", "/admin/v1/districts", token=auditor).json["districts"]}
    assert seen == ({one, other} if everywhere else {one})
    nowhere = office.call("GET", "/admin/v1/districts/None/status", token=auditor)
    foreign = office.call("GET", f"/admin/v1/districts/{other}/status", token=auditor)
    assert (foreign.status, nowhere.status) == (200 if everywhere else 404, 404)
    if not everywhere:
        assert foreign.json == nowhere.json | {"instance": foreign.json["instance"]}


def test_a_district_admin_whose_district_is_not_on_record_sees_nothing() -> None:
    lost = replace(a_person("Person02", Role.DISTRICT_ADMIN), district_id=None)
    assert not lost.sees_all
    assert not lost.sees("D1st")


def test_a_rotation_overlaps_and_never_prolongs(either: Office) -> None:
    made = either.call("POST", "/admin/v1/people", draft(either, "operator", days=20)).json
    path, old = f"/admin/v1/people/{made['id']}/rotate", made["token"]
    rotated = either.call("POST", path, {"overlap_days": 2}, token=old).json
    assert rotated["details"]["expires_at"] == either.ahead(20)
    assert rotated["replaces"] == {"id": made["token"][17:21], "expires_at": either.ahead(2)}
    third = either.call("POST", path, {}, token=rotated["token"])
    assert (third.status, slug(third)) == (409, "conflict")
    either.clock.move(timedelta(days=2))
    assert slug(either.call("GET", "/admin/v1/people", token=old)) == "token-expired"
    assert either.call("POST", path, {"overlap_days": 0}, token=rotated["token"]).status == 201
    assert slug(either.call("GET", "/admin/v1/people", token=rotated["token"])) == "token-expired"


def test_nobody_rotates_the_token_of_another_nor_with_a_session(office: Office) -> None:
    made = office.call("POST", "/admin/v1/people", draft(office, "operator")).json
    path = f"/admin/v1/people/{made['id']}/rotate"
    assert slug(office.call("POST", path, {})) == "role-insufficient"
    admin = office.person(Role.DISTRICT_ADMIN, office.district())
    assert slug(office.call("POST", path, {}, token=admin)) == "not-found"
    session = office.call("POST", "/admin/v1/session", token=made["token"]).json["token"]
    assert slug(office.call("POST", path, {}, token=session)) == "wrong-token-kind"


def test_who_is_revoked_is_revoked_with_every_token(either: Office) -> None:
    made = either.call("POST", "/admin/v1/people", draft(either, "operator")).json
    tokens = [made["token"]]
    tokens.append(either.call("POST", f"/admin/v1/people/{made['id']}/rotate", {}, token=tokens[0]).json["token"])
    either.call("POST", f"/admin/v1/people/{made['id']}/revoke")
    assert {slug(either.call("GET", "/admin/v1/people", token=token)) for token in tokens} == {"token-revoked"}
    [listed] = [one for one in either.call("GET", "/admin/v1/people").json["people"] if one["id"] == made["id"]]
    assert listed["revoked_at"] == either.ahead(0)


@dataclass(slots=True)
class Lost(MemoryInvitations):
    """A store that cannot be reached."""

    def invitation(self, person_id: str) -> Invitation | None:
        raise UnavailableError


def test_an_invitation_in_doubt_opens_nothing() -> None:
    office = open_office(MemoryRegistry(), ListedVault(), ListedUsage(), invitations=Lost())
    invited = office.call("POST", INVITATIONS, draft(office)).json
    reply = accept(office, invited["code"])
    assert (reply.status, slug(reply)) == (503, "unavailable")
    assert len(office.call("GET", "/admin/v1/people").json["people"]) == 1
