"""Claim links over HTTP: an admin makes one, whoever opens it is shown a token once, and what is over shows nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hallpass.adapters.once import ADVICE
from hallpass.domain.access import Integration, Role, Token
from hallpass.domain.bad_tokens import HEARD_OF_SECONDS, MOST_A_MINUTE
from hallpass.domain.claim_links import ClaimLink
from hallpass.domain.errors import ConflictError, UnavailableError
from hallpass.domain.tokens import TokenKind, mint, parse_token

from tests.admin.conftest import ListedVault, Office, Reply, http_event, open_office
from tests.admin.test_people import slug
from tests.desk_fakes import MemoryClaimLinks
from tests.fakes import ListedPatience, MemoryRegistry
from tests.vendor_fakes import ListedUsage

DOOR = "/admin/v1/claims"


def made(office: Office, path: str, token: str | None = None, **body: object) -> dict[str, Any]:
    reply = office.call("POST", f"{path}/claims", body, token=token)
    assert reply.status == 201, reply.text
    told: dict[str, Any] = reply.json
    return told


def opened(office: Office, claim: object, **event: Any) -> Reply:
    """As a stranger, from a browser."""
    headers = {"content-type": "application/json", **event.pop("headers", {})}
    sent = http_event(event.pop("method", "POST"), event.pop("path", DOOR), headers, next(office.numbers))
    return office.send(sent | {"body": json.dumps({"claim": claim})} | event)


def listed(office: Office, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office.call("GET", f"{path}/claims").json["claims"]
    return found


def tokens(office: Office, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office.call("GET", f"{path}/tokens").json["tokens"]
    return found


def test_a_link_becomes_a_token_when_it_is_opened_and_not_before(either: Office) -> None:
    path = either.integration(either.district())
    link = made(either, path, expires_at=either.ahead(30))
    assert link["claim_url_path"] == f"/claim#{link['claim']}"
    assert link["expires_at"] == either.ahead(1)
    assert (tokens(either, path), [one["status"] for one in listed(either, path)]) == ([], ["open"])

    either.clock.move(timedelta(minutes=5))
    reply = opened(either, link["claim"])
    shown = reply.json
    assert (reply.status, reply.headers["Cache-Control"]) == (201, "no-store")
    presented = parse_token(shown["token"])
    assert (presented.kind, presented.holder_id, presented.token_id) == (
        TokenKind.LIVE, path.rpartition("/")[2], shown["id"],
    )  # fmt: skip
    [held] = tokens(either, path)
    assert (held["id"], held["status"], held["expires_at"]) == (shown["id"], "active", shown["expires_at"])
    record = either.desk.registry.find_pass(presented.holder_id, presented.token_id)
    assert record is not None
    assert record.token.digest == presented.digest
    [told] = listed(either, path)
    assert (told["status"], told["token"], told["claimed_from"]) == ("claimed", shown["id"], "192.0.2.7")
    assert told["claimed_at"] > told["made_at"]


def test_it_is_shown_once(either: Office) -> None:
    path = either.integration(either.district())
    claim = made(either, path)["claim"]
    assert opened(either, claim).status == 201
    again = opened(either, claim)
    assert (again.status, slug(again), again.json["owner"]) == (410, "claim-used", "district")
    assert "tell the district" in again.json["detail"]
    assert len(tokens(either, path)) == 1
    assert "hp_live_" not in again.text


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS"])
def test_who_follows_links_uses_none(office: Office, path: str, method: str) -> None:
    claim = made(office, path)["claim"]
    reply = opened(office, claim, method=method)
    assert (reply.status, reply.headers["Allow"]) == (405, "POST")
    page = office.send(http_event(method, "/claim", {}))
    assert page.status == (200 if method in {"GET", "HEAD"} else 405)
    assert listed(office, path)[0]["status"] == "open"


@pytest.mark.parametrize("query", ["claim={claim}", "{claim}", "x=1"])
def test_a_secret_in_the_address_opens_nothing(office: Office, path: str, query: str) -> None:
    claim = made(office, path)["claim"]
    assert opened(office, claim, rawQueryString=query.format(claim=claim)).status == 400
    assert listed(office, path)[0]["status"] == "open"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("{}", "claim"), ('{"claim": 7}', "claim"), ('{"claim": null}', "claim"), ("[]", "body"), ("", "body"),
        ('{"claim": "x", "claims": "y"}', "body"), ('{"claim": "x"', "body"),
    ],
)  # fmt: skip
def test_a_body_that_is_none_is_told_by_its_field(office: Office, body: str, named: str) -> None:
    reply = opened(office, None, body=body)
    assert (reply.status, [entry["name"] for entry in reply.json["errors"]]) == (400, [named])


def test_a_secret_that_no_link_has_is_not_found_whatever_is_wrong_with_it(either: Office) -> None:
    path = either.integration(either.district())
    claim = made(either, path)["claim"]
    integration, claim_id = path.rpartition("/")[2], listed(either, path)[0]["id"]
    wrong = [
        "", "hp_claim_", claim[:-1], claim + "0", either.operator,
        mint(TokenKind.CLAIM, integration, claim_id, bytes(32)).text.reveal(),
        mint(TokenKind.CLAIM, integration, "None", bytes(32)).text.reveal(),
        mint(TokenKind.CLAIM, "NoneNone", claim_id, bytes(32)).text.reveal(),
    ]  # fmt: skip
    told = {(reply.status, slug(reply), reply.json["detail"]) for reply in (opened(either, one) for one in wrong)}
    assert [(status, kind) for status, kind, _ in told] == [(404, "not-found")]
    assert opened(either, claim).status == 201


@dataclass(frozen=True, slots=True)
class Case:
    """`after`: what happens to an open link of `path`; what it then is, and how it is answered."""

    after: Callable[[Office, str, str], object]
    state: str
    answer: tuple[int, str]


def post(verb: str) -> Callable[[Office, str, str], object]:
    return lambda office, path, _: office.call("POST", f"{path}/{verb}")


def shorten(office: Office, path: str, _: str) -> None:
    """The agreement ends today: what was agreed may have its end sooner than the link."""
    integration = office.desk.registry.integration(path.rpartition("/")[2])
    assert integration is not None
    ends = replace(integration.agreement, ends_on=office.clock.now().date() - timedelta(days=1))
    office.desk.registry.save_integration(replace(integration, agreement=ends, version=integration.version + 1))


def end_district(office: Office, path: str, _: str) -> None:
    district = path.split("/")[4]
    assert office.call("DELETE", f"/admin/v1/districts/{district}", {"confirm": district}).status in {200, 202}


CASES = {
    "withdrawn": Case(
        lambda office, path, claim_id: office.call("DELETE", f"{path}/claims/{claim_id}"),
        "withdrawn",
        (410, "claim-over"),
    ),
    "past its time": Case(lambda office, *_: office.clock.move(timedelta(hours=24)), "lapsed", (410, "claim-over")),
    "stopped": Case(post("stop"), "void", (410, "claim-over")),
    "ended": Case(post("end"), "void", (410, "claim-over")),
    "of an agreement that is over": Case(shorten, "void", (410, "claim-over")),
    "of a district that was deleted": Case(end_district, "void", (410, "claim-over")),
    "paused": Case(post("pause"), "open", (403, "integration-paused")),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_link_that_holds_no_more_shows_nothing(office: Office, path: str, case: Case) -> None:
    link = made(office, path)
    case.after(office, path, link["claim_id"])
    assert listed(office, path)[0]["status"] == case.state
    reply = opened(office, link["claim"])
    assert (reply.status, slug(reply), reply.json["owner"]) == (*case.answer, "district")
    assert tokens(office, path) == []


def test_what_was_paused_goes_on_with_its_link(office: Office, path: str) -> None:
    claim = made(office, path)["claim"]
    office.call("POST", f"{path}/pause")
    assert opened(office, claim).status == 403
    office.call("POST", f"{path}/resume")
    assert opened(office, claim).status == 201


def test_a_draft_shows_nothing_before_it_is_activated(office: Office) -> None:
    at = f"/admin/v1/districts/{office.district()}/integrations"
    drawn = office.call("POST", at, office.integration_body() | {"draft": True}).json["integration"]["id"]
    claim = made(office, f"{at}/{drawn}")["claim"]
    assert slug(opened(office, claim)) == "integration-paused"
    office.call("POST", f"{at}/{drawn}/activate")
    assert opened(office, claim).status == 201


def test_revoking_who_made_a_link_voids_it(office: Office) -> None:
    district = office.district()
    path, admin = office.integration(district), office.person(Role.DISTRICT_ADMIN, district)
    claim = made(office, path, token=admin)["claim"]
    office.clock.move(timedelta(seconds=1))
    made(office, path)
    assert office.call("POST", f"/admin/v1/people/{parse_token(admin).holder_id}/revoke").status == 200
    assert [one["status"] for one in listed(office, path)] == ["void", "open"]
    assert slug(opened(office, claim)) == "claim-over"


def test_two_tokens_are_the_most_when_it_is_made_and_when_it_is_opened(office: Office, path: str) -> None:
    claims = [made(office, path)["claim"] for _ in range(3)]
    assert [opened(office, claim).status for claim in claims] == [201, 201, 409]
    reply = office.call("POST", f"{path}/claims", {})
    assert (reply.status, slug(reply)) == (409, "conflict")
    office.call("POST", f"{path}/tokens/{tokens(office, path)[0]['id']}/revoke")
    assert opened(office, claims[2]).status == 201


def test_a_token_ends_with_the_agreement_also_when_that_was_shortened(office: Office, path: str) -> None:
    late = made(office, path)["claim"]
    body = office.integration_body()
    terms = {name: body[name] for name in ("vendor", "contact", "purpose")}
    sooner = terms | {"agreement": {"id": "DPA-2026-01", "ends_on": "2026-04-30"}}
    assert office.call("PUT", path, sooner).status == 200
    assert opened(office, late).json["expires_at"] == "2026-05-01T05:00:00Z"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"valid_hours": 0}, "valid_hours"), ({"valid_hours": 73}, "valid_hours"),
        ({"valid_hours": "24"}, "valid_hours"),
        ({"expires_at": "soon"}, "expires_at"), ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2027-02-01T00:00:00Z"}, "expires_at"), ({"for": "you"}, "body"),
    ],
)  # fmt: skip
def test_a_link_that_cannot_be_is_refused_by_its_field(
    office: Office, path: str, body: dict[str, object], named: str
) -> None:
    reply = office.call("POST", f"{path}/claims", body)
    assert (reply.status, [entry["name"] for entry in reply.json["errors"]]) == (400, [named])
    assert listed(office, path) == []


@pytest.mark.parametrize(("hours", "days", "ends"), [(1, 30, 1), (72, 30, 72), (72, 0.5, 12)])
def test_a_link_ends_after_its_hours_and_not_after_its_token(
    office: Office, path: str, hours: int, days: float, ends: int
) -> None:
    link = made(office, path, valid_hours=hours, expires_at=office.ahead(days))
    assert link["expires_at"] == office.ahead(ends / 24)


def test_a_retry_makes_no_second_link_and_shows_no_secret(office: Office, path: str) -> None:
    key = {"idempotency-key": "made-up-key-0001"}
    first, again = (office.call("POST", f"{path}/claims", {}, headers=key) for _ in range(2))
    assert (first.status, again.status, again.headers["Idempotent-Replayed"]) == (201, 201, "true")
    assert again.json == first.json | {"claim": None, "claim_url_path": None, "advice": ADVICE}
    assert len(listed(office, path)) == 1


def test_withdrawing_is_final_idempotent_and_too_late_for_what_was_used(either: Office) -> None:
    path = either.integration(either.district())
    open_, used = made(either, path), made(either, path)
    for _ in range(2):
        reply = either.call("DELETE", f"{path}/claims/{open_['claim_id']}")
        assert (reply.status, reply.json["claim"]["status"]) == (200, "withdrawn")
        either.clock.move(timedelta(seconds=1))
    assert reply.json["claim"]["withdrawn_at"] == either.ahead(-2 / 86_400)
    opened(either, used["claim"])
    late = either.call("DELETE", f"{path}/claims/{used['claim_id']}")
    assert (late.status, slug(late)) == (409, "conflict")
    assert "revoke the token" in late.json["detail"]
    assert either.call("DELETE", f"{path}/claims/None").status == 404


def test_another_districts_link_is_one_that_there_is_not(office: Office) -> None:
    one, other = office.district(), office.district("Made-up Unified")
    path, foreign = office.integration(one), office.person(Role.DISTRICT_ADMIN, other)
    link = made(office, path)
    for method, at in (
        ("GET", "claims"), ("POST", "claims"), ("DELETE", f"claims/{link['claim_id']}"),
    ):  # fmt: skip
        body: object = {} if method == "POST" else None
        theirs = office.call(method, f"{path}/{at}", body, token=foreign)
        nobodys = office.call(method, f"/admin/v1/districts/None/integrations/NoneNone/{at}", body, token=foreign)
        assert (theirs.status, theirs.json | {"instance": ""}) == (404, nobodys.json | {"instance": ""})


# --- what is on record, and what is in no record


def test_the_record_has_who_made_it_and_when_and_whence_it_was_used(
    office: Office, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    link = made(office, path)
    capsys.readouterr()
    shown = opened(office, link["claim"]).json
    [line] = [json.loads(one) for one in capsys.readouterr().out.splitlines() if '"audit"' in one]
    maker = parse_token(office.operator).holder_id
    assert (line["action"], line["status"], line["phase"]) == ("claim.reveal", 201, "ended")
    assert (line["target"], line["token"], line["before"]) == (link["claim_id"], shown["id"], f"made by {maker}")
    assert (line["district"], line["integration"]) == (path.split("/")[4], path.rpartition("/")[2])
    assert ("actor" in line, line["source"]) == (False, "192.0.2.7")


def test_no_secret_is_in_any_record_or_answer_but_its_own(
    office: Office, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    link = made(office, path)
    shown = opened(office, link["claim"]).json
    opened(office, link["claim"])
    told = capsys.readouterr().out + office.call("GET", f"{path}/claims").text + str(office.recorder.ledger)
    for secret in (link["claim"], shown["token"]):
        assert secret[21:64] not in told


def test_what_cannot_be_recorded_is_not_made(path: str, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = made(office, path)["claim"]

    def unwritten(*_: object) -> None:
        raise UnavailableError

    monkeypatch.setattr(type(office.recorder.ledger), "add", unwritten)
    assert opened(office, claim).status == 503
    monkeypatch.undo()
    assert (listed(office, path)[0]["status"], tokens(office, path)) == ("open", [])


def test_a_token_is_held_back_until_everybody_has_heard_of_it(office: Office, path: str) -> None:
    claim = made(office, path)["claim"]
    patience = office.desk.patience
    assert isinstance(patience, ListedPatience)
    patience.pauses.clear()
    opened(office, claim)
    assert patience.pauses == [HEARD_OF_SECONDS]


def test_who_guesses_is_slowed_down_and_a_good_link_is_never_refused(
    office: Office, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    claim, integration = made(office, path)["claim"], path.rpartition("/")[2]
    guesses = [
        mint(TokenKind.CLAIM, integration, "None", bytes([n] * 32)).text.reveal() for n in range(MOST_A_MINUTE + 2)
    ]
    statuses = [opened(office, guess).status for guess in guesses]
    assert statuses == [404] * MOST_A_MINUTE + [429] * 2
    assert opened(office, guesses[0]).headers["Retry-After"] == "60"
    assert opened(office, claim).status == 201
    office.clock.move(timedelta(minutes=1))
    assert opened(office, guesses[0]).status == 404


@dataclass(slots=True)
class Troubled(MemoryClaimLinks):
    """`doubts`: how many reads fail. `races`: how many uses meet another write."""

    doubts: int = 0
    races: int = 0
    gone: bool = False

    def link(self, integration_id: str, claim_id: str) -> ClaimLink | None:
        if self.doubts:
            self.doubts -= 1
            raise UnavailableError
        found = MemoryClaimLinks.link(self, integration_id, claim_id)
        if self.gone:
            self._kept.clear()
        return found

    def redeem(self, link: ClaimLink, token: Token, seen: Integration, source: str) -> None:
        if self.races:
            self.races -= 1
            raise ConflictError
        MemoryClaimLinks.redeem(self, link, token, seen, source)


@pytest.fixture
def troubled() -> tuple[Office, Troubled]:
    registry = MemoryRegistry()
    links = Troubled(registry)
    return open_office(registry, ListedVault(), ListedUsage(), claims=links), links


@pytest.mark.parametrize(("races", "status"), [(1, 201), (2, 201), (3, 409)])
def test_who_meets_another_write_looks_again(troubled: tuple[Office, Troubled], races: int, status: int) -> None:
    office, links = troubled
    path = office.integration(office.district())
    claim = made(office, path)["claim"]
    links.races = races
    assert opened(office, claim).status == status
    assert len(tokens(office, path)) == (status == 201)


def test_in_doubt_nothing_is_shown(troubled: tuple[Office, Troubled]) -> None:
    office, links = troubled
    path = office.integration(office.district())
    claim = made(office, path)["claim"]
    links.doubts = 1
    assert opened(office, claim).status == 503
    for _ in range(MOST_A_MINUTE):
        opened(office, "no secret")
    # Beyond the bound it is in doubt for the throttle, and then known.
    links.doubts = 1
    assert opened(office, claim).status == 201


def test_a_link_that_is_gone_in_between_is_in_doubt(troubled: tuple[Office, Troubled]) -> None:
    office, links = troubled
    claim = made(office, office.integration(office.district()))["claim"]
    links.gone = True
    assert opened(office, claim).status == 503


@pytest.mark.parametrize("kind", ["_integrations", "_districts"])
def test_a_link_into_another_registry_is_not_found(troubled: tuple[Office, Troubled], kind: str) -> None:
    office, links = troubled
    claim = made(office, office.integration(office.district()))["claim"]
    getattr(links.registry, kind).clear()
    assert (opened(office, claim).status, links.link("None", "None")) == (404, None)
