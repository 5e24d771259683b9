"""What was agreed with a vendor: drafts, changes as versions, and the history of scopes."""

from __future__ import annotations

from typing import Any

import pytest
from hallpass.domain.access import TokenStatus
from hallpass.domain.errors import ConflictError, IntegrationPausedError
from hallpass.domain.standing import open_pass
from hallpass.domain.tokens import parse_token

from tests.admin.conftest import Office, Reply
from tests.admin.test_people import slug

NAMES = ("vendor", "contact", "purpose", "agreement")


def terms(office: Office, **changes: Any) -> dict[str, Any]:
    return {name: office.integration_body()[name] for name in NAMES} | changes


def edit(office: Office, path: str, **changes: Any) -> Reply:
    return office.call("PUT", path, terms(office, **changes))


def drafted(office: Office) -> str:
    district = office.district()
    body = office.integration_body() | {"draft": True}
    made = office.call("POST", f"/admin/v1/districts/{district}/integrations", body)
    assert (made.status, made.json["integration"]["status"]) == (201, "draft")
    return f"/admin/v1/districts/{district}/integrations/{made.json['integration']['id']}"


def test_no_token_of_a_draft_works_before_it_is_activated(either: Office) -> None:
    path = drafted(either)
    presented = parse_token(either.call("POST", f"{path}/tokens", {"expires_at": either.ahead(9)}).json["token"])

    def opened() -> str:
        record = either.desk.registry.find_pass(presented.holder_id, presented.token_id)
        return open_pass(presented, record, either.clock.now()).token.status

    with pytest.raises(IntegrationPausedError):
        opened()
    told = [either.call("POST", f"{path}/activate").json["integration"]["status"] for _ in range(2)]
    assert told == ["active", "active"]
    assert opened() is TokenStatus.ACTIVE


@pytest.mark.parametrize(
    ("verbs", "status"),
    [
        pytest.param(["pause"], 409, id="a draft is not paused"),
        pytest.param(["resume"], 409, id="a draft is not resumed"),
        pytest.param(["activate", "pause", "activate"], 409, id="what is paused is not activated"),
        pytest.param(["end", "activate"], 409, id="what has ended is not activated"),
        pytest.param(["activate", "pause", "resume"], 200, id="what is paused is resumed"),
        pytest.param(["end"], 200, id="a draft can be ended"),
    ],
)
def test_a_state_follows_another_or_not(office: Office, verbs: list[str], status: int) -> None:
    path = drafted(office)
    assert [office.call("POST", f"{path}/{verb}").status for verb in verbs][-1] == status


def test_a_change_is_a_version_that_says_who_and_when(either: Office) -> None:
    path = either.integration(either.district())
    before = either.call("GET", path).json["integration"]
    changed = edit(either, path, contact="someone@vendor.example").json["integration"]
    assert changed == before | {"contact": "someone@vendor.example", "version": 2}
    assert edit(either, path, contact="someone@vendor.example").json["integration"] == changed
    scope = before["scope"] | {"fields": "pseudonymised@1"}
    either.call("PUT", f"{path}/scope", {"scope": scope})

    versions = either.call("GET", f"{path}/versions").json["versions"]
    assert [(one["version"], one["contact"], one["scope_version"]) for one in versions] == [
        (1, "pat@vendor.example", 1),
        (2, "someone@vendor.example", 1),
        (3, "someone@vendor.example", 2),
    ]
    assert {(one["written_by"], one["written_at"]) for one in versions} == {(before["created_by"], either.ahead(0))}
    scopes = either.call("GET", f"{path}/scopes").json["scopes"]
    assert [(one["scope_version"], one["version"], one["scope"]) for one in scopes] == [
        (1, 1, before["scope"]),
        (2, 3, scope),
    ]


def test_a_version_keeps_no_key_of_pseudonyms(either: Office) -> None:
    path = either.integration(either.district())
    scope = either.integration_body()["scope"] | {"fields": "pseudonymised@1"}
    either.call("PUT", f"{path}/scope", {"scope": scope})
    integration_id = path.rpartition("/")[2]
    held = either.desk.registry.integration(integration_id)
    assert held is not None
    assert held.sealed_key is not None
    history = either.desk.registry.integration_history(integration_id)
    assert [one.integration.sealed_key for one in history] == [None, None]


@pytest.mark.parametrize(
    ("ends_on", "refused"),
    [
        pytest.param("2026-03-01", True, id="a day that has passed"),
        pytest.param("2046-03-02", True, id="in more than ten years"),
        pytest.param("2026-03-10", True, id="before the end of a token"),
        pytest.param("2026-03-12", False, id="on a token's last day"),
        pytest.param("2027-12-31", False, id="later"),
    ],
)
def test_no_token_outlives_a_changed_agreement(office: Office, ends_on: str, refused: bool) -> None:
    path = office.integration(office.district())
    office.call("POST", f"{path}/tokens", {"expires_at": "2026-03-12T00:00:00Z"})
    reply = edit(office, path, agreement={"id": "DPA-2", "ends_on": ends_on})
    if not refused:
        assert (reply.status, reply.json["integration"]["agreement"]["ends_on"]) == (200, ends_on)
        return
    assert (reply.status, [entry["name"] for entry in reply.json["errors"]]) == (400, ["agreement.ends_on"])
    assert office.call("GET", path).json["integration"]["version"] == 2


def test_a_longer_agreement_is_refused_for_what_statutes_protect(office: Office) -> None:
    path = office.integration(office.district())
    groups = {"groups": ["context", "homeless"], "victims": "none", "numbers": "dropped"}
    scope = office.integration_body()["scope"] | {"fields": groups}
    assert office.call("PUT", f"{path}/scope", {"scope": scope}).status == 200
    reply = edit(office, path, agreement={"id": "DPA-2", "ends_on": "2028-12-31"})
    assert [entry["name"] for entry in reply.json["errors"]] == ["scope.fields.groups"]


def test_what_withholds_nothing_needs_no_second_confirmation_for_its_terms(office: Office) -> None:
    district = office.district()
    rows = {"types": ["referral", "minor", "pending"], "schools": "all", "window": "unbounded", "deleted": True}
    body = office.integration_body() | {"scope": {"rows": rows, "fields": "upstream@1"}, "confirm": "upstream@1"}
    made = office.call("POST", f"/admin/v1/districts/{district}/integrations", body).json["integration"]["id"]
    path = f"/admin/v1/districts/{district}/integrations/{made}"
    assert edit(office, path, agreement={"id": "DPA-2", "ends_on": "2028-12-31"}).status == 200


def test_what_has_ended_is_not_edited(office: Office) -> None:
    path = office.integration(office.district())
    office.call("POST", f"{path}/end")
    assert slug(edit(office, path, purpose="Other")) == "conflict"


def test_a_change_is_recorded_without_its_free_text(office: Office, capfd: pytest.CaptureFixture[str]) -> None:
    path = office.integration(office.district())
    capfd.readouterr()
    edit(office, path, purpose="canary purpose", agreement={"id": "DPA-2", "ends_on": "2027-01-31"})
    edit(office, path, purpose="canary purpose", agreement={"id": "DPA-2", "ends_on": "2027-01-31"})
    told = capfd.readouterr().out
    assert '"before":"version 1: agreement=DPA-2026-01 to=2026-12-31"' in told
    assert '"after":"version 2: agreement=DPA-2 to=2027-01-31 changed=purpose,agreement"' in told
    assert '"after":"version 2: agreement=DPA-2 to=2027-01-31 changed=nothing"' in told
    assert "canary" not in told


def test_a_version_that_lost_a_race_is_written_nowhere(either: Office) -> None:
    path = either.integration(either.district())
    integration_id = path.rpartition("/")[2]
    held = either.desk.registry.integration(integration_id)
    assert held is not None
    with pytest.raises(ConflictError):
        either.desk.registry.amend_integration(held, either.clock.now(), "Person01")
    assert len(either.desk.registry.integration_history(integration_id)) == 1
