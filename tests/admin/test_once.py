"""`Idempotency-Key`: a retry never issues a second token, and the outcome is the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hallpass.adapters.once import ADVICE
from hallpass.domain.access import Integration, Token
from hallpass.domain.errors import UnavailableError
from hallpass.domain.outcomes import Claim

from tests.admin.conftest import ListedVault, Office, Reply, open_office
from tests.admin.test_people import draft, slug
from tests.desk_fakes import MemoryOutcomes
from tests.docs.test_restore import table
from tests.fakes import MemoryRegistry
from tests.vendor_fakes import ListedUsage

KEY = "0195f7a2-5f0e-7c11-8a53-9f1d2c3b4a59"


def issue(office: Office, path: str, key: str = KEY, days: float = 9, token: str | None = None) -> Reply:
    body = {"expires_at": office.ahead(days)}
    return office.call("POST", f"{path}/tokens", body, token=token, headers={"idempotency-key": key})


def test_a_retry_issues_no_second_token_and_is_told_how_to_get_the_text(either: Office) -> None:
    path = either.integration(either.district())
    first, again = issue(either, path), issue(either, path)
    assert (first.status, again.status) == (201, 201)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json == first.json | {"token": None, "advice": ADVICE}
    assert len(either.call("GET", f"{path}/tokens").json["tokens"]) == 1


@pytest.mark.parametrize("quoted", [KEY, f'"{KEY}"', f"  {KEY} "])
def test_a_key_is_the_same_in_quotation_marks(office: Office, quoted: str) -> None:
    path = office.integration(office.district())
    issue(office, path)
    assert issue(office, path, quoted).headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("key", ["", "short", "x" * 129, "with space", '"unclosed-key', "k\u00e9y-of-letters"])
def test_a_key_that_is_none_is_refused_and_nothing_is_made(office: Office, key: str) -> None:
    path = office.integration(office.district())
    reply = issue(office, path, key)
    assert (reply.status, [entry["name"] for entry in reply.json["errors"]]) == (400, ["Idempotency-Key"])
    assert office.call("GET", f"{path}/tokens").json["tokens"] == []


def test_a_key_with_another_request_is_refused(office: Office) -> None:
    district = office.district()
    one, other = office.integration(district), office.integration(district)
    issue(office, one)
    for reply in (issue(office, one, days=10), issue(office, other)):
        assert (reply.status, slug(reply)) == (422, "key-reused")
    assert office.call("GET", f"{other}/tokens").json["tokens"] == []


def test_the_key_of_another_person_is_another(office: Office) -> None:
    path = office.integration(office.district())
    issue(office, path)
    made = office.call("POST", "/admin/v1/people", draft(office, "operator")).json
    assert "Idempotent-Replayed" not in issue(office, path, token=made["token"]).headers
    assert len(office.call("GET", f"{path}/tokens").json["tokens"]) == 2


def test_a_key_is_forgotten_after_a_day(office: Office) -> None:
    path = office.integration(office.district())
    issue(office, path)
    office.clock.move(timedelta(hours=24))
    assert issue(office, path, days=8).json["token"]


def test_a_refusal_gives_the_key_back(either: Office) -> None:
    path = either.integration(either.district())
    assert issue(either, path, days=-1).status == 400
    assert issue(either, path).json["token"]


def test_who_revokes_the_token_that_nobody_saw_issues_another(office: Office) -> None:
    path = office.integration(office.district())
    made = issue(office, path).json
    lost = issue(office, path).json
    assert lost["id"] == made["id"]
    rotated = office.call("POST", f"{path}/tokens/{lost['id']}/rotate", {"overlap_days": 0})
    assert rotated.json["token"]


@dataclass(slots=True)
class Failing(MemoryRegistry):
    """Its writes are made, and nobody hears of it."""

    def add_token(self, token: Token, seen: Integration, ending: Token | None = None) -> None:
        MemoryRegistry.add_token(self, token, seen, ending)
        raise UnavailableError


def test_what_nobody_knows_the_end_of_is_never_made_again() -> None:
    office = open_office(Failing(), ListedVault(), ListedUsage())
    path = office.integration(office.district())
    assert issue(office, path).status == 503
    waiting = issue(office, path)
    assert (waiting.status, slug(waiting), waiting.headers["Retry-After"]) == (409, "request-in-flight", "5")
    office.clock.move(timedelta(seconds=60))
    body = {"expires_at": "2026-03-11T15:00:00Z"}
    late = office.call("POST", f"{path}/tokens", body, headers={"idempotency-key": KEY})
    assert (late.status, slug(late)) == (409, "outcome-unknown")
    assert len(office.call("GET", f"{path}/tokens").json["tokens"]) == 1


@dataclass(slots=True)
class Forgetful(MemoryOutcomes):
    """Takes keys, and can then not be reached."""

    def finish(self, claim: Claim, status: int, body: str) -> None:
        raise UnavailableError

    def release(self, claim: Claim) -> None:
        raise UnavailableError


def test_what_was_made_is_answered_though_it_cannot_be_kept() -> None:
    office = open_office(MemoryRegistry(), ListedVault(), ListedUsage(), outcomes=Forgetful())
    path = office.integration(office.district())
    assert issue(office, path).json["token"]
    assert slug(issue(office, path)) == "request-in-flight"
    assert issue(office, path, f"{KEY}-2", days=-1).status == 400


@dataclass(slots=True)
class Lost(MemoryOutcomes):
    """A store that cannot be reached."""

    def claim(self, *_: object) -> None:
        raise UnavailableError


def test_without_the_store_nothing_is_made_under_a_key() -> None:
    office = open_office(MemoryRegistry(), ListedVault(), ListedUsage(), outcomes=Lost())
    path = office.integration(office.district())
    assert issue(office, path).status == 503
    assert office.call("GET", f"{path}/tokens").json["tokens"] == []


def test_no_secret_of_a_request_or_an_answer_is_kept(office: Office) -> None:
    district = office.district()
    path = office.integration(district)
    one = {"overlap_days": 1}
    bodies: list[tuple[str, dict[str, Any]]] = [
        (f"{path}/tokens", {"expires_at": office.ahead(9)}),
        ("/admin/v1/people", draft(office, "operator")),
        ("/admin/v1/invitations", draft(office)),
    ]
    secrets = []
    for number, (at, body) in enumerate(bodies):
        told = office.call("POST", at, body, headers={"idempotency-key": f"{KEY}-{number}"}).json
        secrets.append(told.get("token") or told["code"])
    at = f"{path}/tokens/{secrets[0][16:20]}/rotate"
    secrets.append(office.call("POST", at, one, headers={"idempotency-key": f"{KEY}-r"}).json["token"])
    kept = repr(office.desk.outcomes)
    assert kept.count("Outcome(") == len(secrets)
    assert not [text for text in [*secrets, KEY] if text[-49:-6] in kept or text in kept]


def test_a_replay_is_on_record_as_one_that_made_nothing(office: Office, capfd: pytest.CaptureFixture[str]) -> None:
    path = office.integration(office.district())
    issue(office, path)
    capfd.readouterr()
    issue(office, path)
    [line] = [json.loads(one) for one in capfd.readouterr().out.splitlines()]
    assert (line["action"], line["status"], line["after"]) == ("token.issue", 201, "answered before")
    assert "token" not in line


def test_every_address_that_makes_something_takes_a_key() -> None:
    makes = {"district.create", "integration.create", "token.issue", "token.rotate", "person.create", "person.rotate"}
    assert {address.action for address in table() if address.once} == makes | {"invitation.create", "claim.create"}
