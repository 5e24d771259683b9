"""Under which district an admin's request is filed, and that no text of the caller's making is filed as an id."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hallpass.domain.audit import AuditRecord
from hallpass.domain.ledger import NO_DISTRICT
from hallpass.domain.tokens import TokenKind, mint

from tests.admin.conftest import Office, Reply
from tests.admin.test_cache_settings import OTHER
from tests.admin.test_recording import ledger_of, new_district

DISTRICTS, PEOPLE = "/admin/v1/districts", "/admin/v1/people"


@dataclass(frozen=True, slots=True)
class Two:
    """Two districts and the officer of the first; `integration`: the address of the second's."""

    office: Office
    own: str
    other: str
    integration: str
    officer: str
    officer_id: str

    def rows(self) -> list[AuditRecord]:
        return ledger_of(self.office).records

    def call(self, method: str, path: str, body: object = None, token: str | None = None) -> tuple[Reply, Any]:
        """The answer and the rows that it left."""
        before = len(self.rows())
        return self.office.call(method, path, body, token), self.rows()[before:]

    def fill(self, path: str) -> str:
        """An address or a body with the ids of the second district in it."""
        path = path.replace("OTHR", self.other).replace("OTHERINT", self.integration.rsplit("/", 1)[1])
        return path.replace("OPERATOR", self.office.call("GET", "/admin/v1/session").json["person"]["id"])


@pytest.fixture
def two(office: Office) -> Two:
    own, other = office.district(), office.district()
    integration = office.integration(other)
    body = {"name": "Bo", "role": "district-admin", "district": own, "expires_at": office.ahead(30)}
    made = office.call("POST", PEOPLE, body).json
    return Two(office, own, other, integration, made["token"], made["id"])


def token_of(two: Two) -> str:
    """The address of a token of the second district's integration."""
    made = two.office.call("POST", f"{two.integration}/tokens", {"expires_at": two.office.ahead(30)}).json
    return f"{two.integration}/tokens/{made['id']}"


def written(rows: list[AuditRecord]) -> str:
    return json.dumps([dict(row.line()) for row in rows])


NUMBER = {"number": "invented"}
NO_ADDRESS = [
    pytest.param("POST", f"{DISTRICTS}/0000042/disclosures", NUMBER, id="a number where the district goes"),
    pytest.param("GET", f"{DISTRICTS}/Smith01/status", None, id="a name where the district goes"),
    pytest.param("POST", f"{DISTRICTS}/0000042/purge", {"mode": "hard"}, id="a number as the district of a change"),
    pytest.param("DELETE", f"{DISTRICTS}/Smith01", {"confirm": "Smith01"}, id="a name as the district to delete"),
    pytest.param("GET", f"{DISTRICTS}/OTHR/integrations/0000042", None, id="a number where the integration goes"),
    pytest.param("POST", f"{DISTRICTS}/OTHR/integrations/OTHERINT/tokens/Smith01/revoke", None, id="as the token"),
    pytest.param("POST", f"{PEOPLE}/Smith01/revoke", None, id="a name where the person goes"),
]
NOBODY_KNOWS = [
    pytest.param("GET", f"{DISTRICTS}/4242/status", None, id="a number as wide as a district's id"),
    pytest.param("POST", f"{DISTRICTS}/4242/disclosures", NUMBER, id="a number as the district of a question"),
    pytest.param("PUT", f"{DISTRICTS}/4242/cache", OTHER, id="a number as the district of a change"),
    pytest.param("POST", f"{PEOPLE}/Smith042/revoke", None, id="a name as wide as a person's id"),
]
ONE_DISTRICT_KNOWN = [
    pytest.param("GET", "integrations/Smith042", None, id="as the integration"),
    pytest.param("POST", "integrations/Smith042/end", None, id="as the integration of a change"),
    pytest.param("POST", "integrations/OTHERINT/tokens/4242/revoke", None, id="as the token"),
]


@pytest.mark.parametrize(("method", "path", "body"), [*NO_ADDRESS, *NOBODY_KNOWS])
@pytest.mark.parametrize("by", ["operator", "officer"])
def test_what_is_no_id_that_is_known_is_recorded_nowhere(
    two: Two, method: str, path: str, body: object, by: str, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    reply, rows = two.call(method, two.fill(path), body, two.officer if by == "officer" else None)
    assert reply.status in (403, 404)
    assert [row.district for row in rows] == [two.own if by == "officer" else None]
    assert (rows[0].phase, rows[0].target, rows[0].integration, rows[0].token) == (None, None, None, None)
    out, err = capfd.readouterr()
    told = written(rows) + out + err
    assert not [typed for typed in ("0042", "4242", "Smith") if typed in told]


@pytest.mark.parametrize(("method", "path", "body"), ONE_DISTRICT_KNOWN)
def test_of_an_address_what_is_known_is_recorded(two: Two, method: str, path: str, body: object) -> None:
    reply, rows = two.call(method, two.fill(f"{DISTRICTS}/OTHR/{path}"), body)
    assert (reply.status, len(rows), rows[0].district) == (404, 1, two.other)
    assert not [typed for typed in ("4242", "Smith") if typed in written(rows)]


@pytest.mark.parametrize(("asked", "status"), [("Smith01", 400), ("0042", 400), ("Smith042", 404)])
def test_an_integration_in_a_body_is_recorded_once_it_is_known(two: Two, asked: str, status: int) -> None:
    path, days = f"{DISTRICTS}/{two.other}/disclosures/report", {"from": "2026-02-01", "to": "2026-02-28"}
    reply, rows = two.call("POST", path, days | {"integration": asked})
    assert (reply.status, rows[0].district, rows[0].integration) == (status, two.other, None)
    assert asked not in reply.text
    assert asked not in written(rows)
    known = two.integration.rsplit("/", 1)[1]
    reply, rows = two.call("POST", path, days | {"integration": known})
    assert (reply.status, rows[0].integration) == (200, known)


@pytest.mark.parametrize("field", ["integration", "token", "actor"])
def test_a_search_takes_an_id_of_its_kinds_width(two: Two, field: str) -> None:
    path, days = f"{DISTRICTS}/{two.other}/audit/search", {"from": "2026-02-01", "to": "2026-02-28"}
    reply, _ = two.call("POST", path, days | {field: "0000042"})
    width = {"token": 4}.get(field, 8)
    assert reply.json["errors"] == [{"name": field, "detail": f"is an id of {width} letters and digits"}]


ELSEWHERE = [
    ("GET", f"{DISTRICTS}/OTHR", None),
    ("GET", f"{DISTRICTS}/OTHR/status", None),
    ("PUT", f"{DISTRICTS}/OTHR/cache", OTHER),
    ("POST", f"{DISTRICTS}/OTHR/purge", {"mode": "hard"}),
    ("POST", f"{DISTRICTS}/OTHR/disclosures", NUMBER),
    ("POST", f"{DISTRICTS}/OTHR/integrations", "the body of an integration"),
    ("GET", f"{DISTRICTS}/OTHR/integrations/OTHERINT", None),
    ("POST", f"{DISTRICTS}/OTHR/integrations/OTHERINT/stop", None),
    ("POST", f"{DISTRICTS}/OTHR/integrations/OTHERINT/tokens", {"expires_at": "2026-12-31T00:00:00Z"}),
    ("POST", f"{DISTRICTS}/none/purge", {"mode": "hard"}),
    ("GET", f"{DISTRICTS}/zzzz/integrations/zzzzzzzz", None),
    ("POST", f"{PEOPLE}/OPERATOR/revoke", None),
    ("POST", f"{PEOPLE}/OPERATOR/rotate", {"overlap_days": 1}),
]


@pytest.mark.parametrize(("method", "path", "body"), ELSEWHERE)
def test_nobody_writes_into_the_record_of_a_district_that_is_not_theirs(
    two: Two, method: str, path: str, body: object
) -> None:
    reply, rows = two.call(method, two.fill(path), body, two.officer)
    assert (reply.status, reply.json["type"]) == (404, "urn:hallpass:problem:not-found")
    assert [(row.district, row.actor, row.phase, row.status) for row in rows] == [
        (two.own, two.officer_id, None, 404)
    ], "one row, in their own district, and none of a beginning"
    assert two.other not in written(rows)


FOR_OPERATORS = [
    ("POST", DISTRICTS, new_district()),
    ("DELETE", f"{DISTRICTS}/OTHR", {"confirm": "OTHR"}),
    ("POST", PEOPLE, {"name": "Bo", "role": "operator", "expires_at": "2026-12-31T00:00:00Z"}),
]


@pytest.mark.parametrize(("method", "path", "body"), FOR_OPERATORS)
def test_what_is_an_operators_has_not_begun_when_another_asks_for_it(
    two: Two, method: str, path: str, body: object
) -> None:
    reply, rows = two.call(method, two.fill(path), body, two.officer)
    assert reply.json["type"] == "urn:hallpass:problem:role-insufficient"
    assert [(row.district, row.phase, row.status) for row in rows] == [(two.own, None, 403)]


def test_what_names_no_district_is_found_by_those_whose_it_is(two: Two) -> None:
    """What was guessed is in no part of the ledger that nobody can search."""
    for token in (two.office.operator, two.officer):
        two.office.call("GET", f"{DISTRICTS}/zzzz/status", token=token)
        two.office.call("GET", "/admin/v1/nothing", token=token)
    days = {"from": "2026-03-01", "to": "2026-03-02", "problem": "not-found"}
    for part, token in ((NO_DISTRICT, two.office.operator), (two.own, two.officer)):
        found = two.office.call("POST", f"{DISTRICTS}/{part}/audit/search", days, token).json["rows"]
        assert sorted(row["action"] for row in found) == ["admin", "district.status"]
    assert {row.district for row in two.rows()} == {None, NO_DISTRICT, two.own, two.other}


def test_a_revoked_admins_token_stands_in_its_persons_district(two: Two) -> None:
    two.office.call("POST", f"{PEOPLE}/{two.officer_id}/revoke")
    reply, rows = two.call("POST", f"{DISTRICTS}/{two.other}/disclosures", NUMBER, two.officer)
    assert reply.json["type"] == "urn:hallpass:problem:token-revoked"
    assert [(row.action, row.actor, row.role, row.district, row.target) for row in rows] == [
        ("disclosures.person", two.officer_id, "district-admin", two.own, None)
    ]
    reply, rows = two.call("GET", "/admin/v1/nothing", token=two.officer)
    assert [(row.action, row.district, row.status) for row in rows] == [("admin", two.own, 401)]


def test_who_does_not_know_the_secret_stands_in_nobodys_district(two: Two) -> None:
    guess = mint(TokenKind.ADMIN, two.officer_id, two.officer[17:21], bytes(32)).text.reveal()
    reply, rows = two.call("GET", f"{DISTRICTS}/{two.own}", token=guess)
    assert reply.status == 401
    assert [(row.action, row.actor, row.role, row.district) for row in rows] == [("admin", None, None, None)]


def test_what_is_done_about_a_districts_officer_stands_in_that_district(two: Two) -> None:
    body = {"name": "Bo", "role": "district-admin", "district": two.other, "expires_at": two.office.ahead(9)}
    made, rows = two.call("POST", PEOPLE, body)
    assert [(row.district, row.phase) for row in rows] == [(two.other, "begun"), (two.other, "ended")]
    reply, rows = two.call("POST", f"{PEOPLE}/{made.json['id']}/revoke")
    assert reply.status == 200
    assert [(row.district, row.phase, row.target) for row in rows] == [
        (two.other, "begun", made.json["id"]),
        (two.other, "ended", made.json["id"]),
    ]


@pytest.mark.parametrize("district", ["Smith01", "zzzz", "é" * 4, 4242, None, ["zzzz"]])
def test_a_new_person_of_no_known_district_stands_in_none(two: Two, district: object) -> None:
    body = {"name": "Bo", "role": "district-admin", "district": district, "expires_at": two.office.ahead(9)}
    reply, rows = two.call("POST", PEOPLE, body)
    assert reply.status == 400
    assert [(row.district, row.phase) for row in rows] == [(None, "begun"), (None, "ended")]


def test_a_change_that_is_known_by_every_id_says_so_before_it_is_made(two: Two) -> None:
    path = token_of(two)
    token = path.rsplit("/", 1)[1]
    _, rows = two.call("POST", f"{path}/pause")
    integration = two.integration.rsplit("/", 1)[1]
    assert [(row.district, row.integration, row.token, row.target, row.phase) for row in rows] == [
        (two.other, integration, token, token, "begun"),
        (two.other, integration, token, token, "ended"),
    ]
