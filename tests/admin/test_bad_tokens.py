"""Bad tokens by the hundred at the admin API: a row for each doubling, and no good one refused for them."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from hallpass.domain.access import PersonRecord, Role
from hallpass.domain.bad_tokens import MOST_A_MINUTE
from hallpass.domain.errors import UnavailableError
from hallpass.domain.tokens import TokenKind, mint

from tests.admin.conftest import Office, Reply, http_event
from tests.admin.test_audit import lines
from tests.admin.test_people import INVITATIONS, accept, draft, slug
from tests.admin.test_recording import ledger_of
from tests.fakes import MemoryRegistry

DISTRICTS, SESSION, LINKS = "/admin/v1/districts", "/admin/v1/session", "/admin/v1/claims"
OPEN = ["/admin/docs", "/admin/v1/openapi.json", "/admin/v1/catalogue.json"]
_NUMBERS = itertools.count(10**9)


def invented(kind: TokenKind = TokenKind.ADMIN, holder: str = "Person99", token_id: str = "T000") -> str:  # noqa: S107 - an id
    """A token of the right shape that nobody issued."""
    return mint(kind, holder, token_id, next(_NUMBERS).to_bytes(32, "big")).text.reveal()


def anonymous(office: Office, path: str, method: str = "GET") -> Reply:
    return office.call(method, path, headers={"authorization": None})


def flood(office: Office, count: int = MOST_A_MINUTE) -> None:
    for _ in range(count):
        office.call("GET", DISTRICTS, token=invented())


def test_two_hundred_bad_tokens_are_some_rows_and_all_lines(office: Office, capfd: pytest.CaptureFixture[str]) -> None:
    before = len(ledger_of(office).records)
    capfd.readouterr()
    statuses = [office.call("GET", DISTRICTS, token=invented()).status for _ in range(200)]
    assert statuses == [401] * MOST_A_MINUTE + [429] * 180
    rows = ledger_of(office).records[before:]
    assert [row.attempts for row in rows] == [*[None] * 19, 20, 40, 80, 160]
    assert {(row.district, row.actor, row.action) for row in rows} == {(None, None, "admin")}
    assert len(lines(capfd)) == 200


@pytest.mark.parametrize(
    ("token", "status"),
    [
        pytest.param(None, 401, id="none"),
        pytest.param("hp_admin_short", 401, id="of no shape"),
        pytest.param(invented(TokenKind.LIVE), 403, id="a vendor's"),
        pytest.param(invented(TokenKind.CLAIM), 403, id="a claim link's"),
    ],
)
def test_what_needs_no_look_up_has_no_row_each_either(office: Office, token: str | None, status: int) -> None:
    before = len(ledger_of(office).records)
    header = None if token is None else f"Bearer {token}"
    replies = [office.call("GET", DISTRICTS, headers={"authorization": header}) for _ in range(100)]
    assert [reply.status for reply in replies] == [status] * 100
    assert len(ledger_of(office).records) - before == MOST_A_MINUTE + 2
    assert slug(office.call("GET", DISTRICTS, token=invented())) == "too-many-failures"


@pytest.mark.parametrize("kind", [TokenKind.ADMIN, TokenKind.SESSION, TokenKind.INVITE])
def test_a_bad_one_of_each_kind_is_refused_beyond_the_bound(office: Office, kind: TokenKind) -> None:
    flood(office)
    reply = office.call("GET", DISTRICTS, token=invented(kind))
    assert (slug(reply), reply.headers["Retry-After"]) == ("too-many-failures", "60")
    office.clock.move(timedelta(minutes=1))
    assert slug(office.call("GET", DISTRICTS, token=invented(kind))) == "token-invalid"


def test_a_wrong_secret_for_somebody_there_is_refused_as_every_other(office: Office) -> None:
    flood(office)
    known = invented(TokenKind.ADMIN, office.operator[9:17], office.operator[17:21])
    assert slug(office.call("GET", DISTRICTS, token=known)) == "too-many-failures"


def test_no_good_secret_is_refused_for_others_behind_its_address(office: Office) -> None:
    path = office.integration(office.district())
    invitation = office.call("POST", INVITATIONS, draft(office)).json["code"]
    claim = office.call("POST", f"{path}/claims", {}).json["claim"]
    flood(office, 50)
    session = office.call("POST", SESSION).json["token"]
    new = office.person(Role.OPERATOR)
    assert [office.call("GET", DISTRICTS, token=token).status for token in (office.operator, session, new)] == [200] * 3
    assert accept(office, invitation).status == 201
    assert office.call("POST", LINKS, {"claim": claim}, headers={"authorization": None}).status == 201


def test_who_guesses_at_links_and_at_tokens_is_counted_once(office: Office) -> None:
    for _ in range(MOST_A_MINUTE // 2):
        office.call("GET", DISTRICTS, token=invented())
        office.call("POST", LINKS, {"claim": invented(TokenKind.CLAIM)})
    assert slug(office.call("GET", DISTRICTS, token=invented())) == "too-many-failures"
    assert slug(office.call("POST", LINKS, {"claim": invented(TokenKind.CLAIM)})) == "too-many-failures"


def test_who_knows_the_secret_hears_why_and_is_a_row_of_the_district_each_time(office: Office) -> None:
    district = office.district()
    stolen = office.person(Role.DISTRICT_ADMIN, district)
    assert office.call("POST", f"/admin/v1/people/{stolen[9:17]}/revoke").status == 200
    flood(office, 30)
    before = len(ledger_of(office).records)
    assert {slug(office.call("GET", DISTRICTS, token=stolen)) for _ in range(30)} == {"token-revoked"}
    assert [row.district for row in ledger_of(office).records[before:]] == [district] * 30


def test_in_doubt_nobody_is_taken_for_a_guess(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    flood(office)
    find, doubts = MemoryRegistry.find_person, [True]

    def once_in_doubt(registry: MemoryRegistry, person_id: str, token_id: str) -> PersonRecord | None:
        if doubts:
            doubts.pop()
            raise UnavailableError
        return find(registry, person_id, token_id)

    monkeypatch.setattr(type(office.desk.registry), "find_person", once_in_doubt)
    assert office.call("GET", DISTRICTS).status == 200


@pytest.mark.parametrize("sent", ["access_token=canary", "API_KEY=canary", "q=hp_admin_canary"])
@pytest.mark.parametrize("header", [None, "Basic eDp5", "Bearer hp_admin_short", f"Bearer {invented()}"])
def test_a_token_in_the_query_is_told_so_whatever_stands_in_the_header(
    office: Office, sent: str, header: str | None
) -> None:
    reply = office.call("GET", f"{DISTRICTS}?{sent}", headers={"authorization": header})
    assert (reply.status, slug(reply)) == (400, "token-in-query")
    assert "canary" not in reply.text + repr(ledger_of(office).records)


def test_tokens_in_the_query_have_no_row_each(office: Office) -> None:
    before = len(ledger_of(office).records)
    replies = [anonymous(office, f"{DISTRICTS}?access_token=x") for _ in range(200)]
    assert {slug(reply) for reply in replies} == {"token-in-query"}
    assert len(ledger_of(office).records) - before == MOST_A_MINUTE + 3


def test_a_revoked_token_beside_one_in_the_query_hears_of_that_and_has_its_row(office: Office) -> None:
    district = office.district()
    stolen = office.person(Role.DISTRICT_ADMIN, district)
    office.call("POST", f"/admin/v1/people/{stolen[9:17]}/revoke")
    assert slug(office.call("GET", f"{DISTRICTS}?token=x", token=stolen)) == "token-in-query"
    row = ledger_of(office).records[-1]
    assert (row.district, row.action, row.problem) == (district, "district.list", "token-in-query")


@pytest.mark.parametrize("path", OPEN)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_what_is_open_to_all_has_a_line_and_no_row(
    office: Office, path: str, method: str, capfd: pytest.CaptureFixture[str]
) -> None:
    before = len(ledger_of(office).records)
    capfd.readouterr()
    event = http_event(method, path, {})
    office.send(event)
    assert len(ledger_of(office).records) == before
    assert [line["action"][:5] for line in lines(capfd)] == ["docs."]
