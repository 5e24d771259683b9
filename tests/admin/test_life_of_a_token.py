"""The control plane's main line: district, integration, token, and their ends."""

from __future__ import annotations

from datetime import timedelta
from typing import NoReturn

import pytest
from botocore.exceptions import ClientError
from hallpass.adapters.aws_clients import client
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.adapters.patience import LEAST
from hallpass.domain.bad_tokens import HEARD_OF_SECONDS, ROSTER_SECONDS
from hallpass.domain.errors import IntegrationPausedError, TokenPausedError, TokenRevokedError
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.tokens import parse_token

from tests.admin.conftest import CREDENTIAL, PREFIX, Office
from tests.admin.scopes import use
from tests.fakes import ListedPatience


@pytest.fixture
def office(aws_office: Office) -> Office:
    return aws_office


def test_a_district_is_tried_and_nothing_kept_until_it_is_confirmed(office: Office) -> None:
    body = {"name": "Invented Unified", "time_zone": "America/Chicago", "upstream_token": CREDENTIAL}
    tried = office.call("POST", "/admin/v1/districts", body)
    assert (tried.status, tried.json) == (
        200,
        {
            "created": False,
            "account": {
                "incidents": 4,
                "total_pages": 4,
                "schools": [
                    {"code": None, "name": None, "incidents": 1},
                    {"code": "10", "name": "Invented High", "incidents": 2},
                    {"code": "9", "name": "Made-up Middle", "incidents": 1},
                ],
            },
        },
    )
    assert office.call("GET", "/admin/v1/districts").json == {"districts": [], "next": None}
    assert client("secretsmanager").list_secrets()["SecretList"] == []


def test_a_confirmed_district_is_tried_again_and_its_credential_kept_in_the_vault(office: Office) -> None:
    district_id = office.district()
    assert (office.upstream.calls, office.upstream.budgets) == ([(UpstreamQuery(), 1)], [20.0])
    kept = client("secretsmanager").get_secret_value(SecretId=f"{PREFIX}/{district_id}")
    assert kept["SecretString"] == CREDENTIAL
    shown = office.call("GET", f"/admin/v1/districts/{district_id}")
    assert shown.json["district"] == office.call("GET", "/admin/v1/districts").json["districts"][0]
    assert CREDENTIAL not in shown.text


def test_a_token_is_shown_once_and_opens_the_integration(office: Office) -> None:
    path = office.integration(office.district())
    issued = office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(90)})
    assert issued.status == 201
    assert use(office, issued.json["token"]) == "ok"
    listed = office.call("GET", f"{path}/tokens")
    assert [token["id"] for token in listed.json["tokens"]] == [issued.json["id"]]
    assert issued.json["token"] not in listed.text


def test_pause_resume_and_revoke_hold_at_once(office: Office) -> None:
    path = office.integration(office.district())
    issued = office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(90)}).json
    steps = [
        ("pause", "paused", TokenPausedError.slug),
        ("resume", "active", "ok"),
        ("revoke", "revoked", TokenRevokedError.slug),
        ("revoke", "revoked", TokenRevokedError.slug),
    ]
    for verb, status, then in steps:
        reply = office.call("POST", f"{path}/tokens/{issued['id']}/{verb}")
        assert (reply.status, reply.json["token"]["status"], use(office, issued["token"])) == (200, status, then)
    assert office.call("POST", f"{path}/tokens/{issued['id']}/resume").status == 409


def test_an_integration_pauses_and_resumes(office: Office) -> None:
    path = office.integration(office.district())
    token = office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(90)}).json["token"]
    for verb, status, then in [
        ("pause", "paused", IntegrationPausedError.slug),
        ("pause", "paused", IntegrationPausedError.slug),
        ("resume", "active", "ok"),
    ]:
        reply = office.call("POST", f"{path}/{verb}")
        assert (reply.status, reply.json["integration"]["status"], use(office, token)) == (200, status, then)


def test_stop_revokes_every_token_at_once_and_new_ones_hold(office: Office) -> None:
    path = office.integration(office.district())
    stopped = [office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(90)}).json for _ in range(2)]
    assert office.call("POST", f"{path}/stop").status == 200
    assert {use(office, issued["token"]) for issued in stopped} == {"token-revoked"}
    listed = office.call("GET", f"{path}/tokens").json["tokens"]
    assert [token["status"] for token in listed] == ["revoked", "revoked"]
    assert office.call("POST", f"{path}/tokens/{stopped[0]['id']}/resume").status == 409
    fresh = office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(90)}).json
    assert use(office, fresh["token"]) == "ok"


def test_stop_counts_the_tokens_that_were_alive(office: Office) -> None:
    path = office.integration(office.district())
    revoked, paused = (office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(90)}).json for _ in range(2))
    office.call("POST", f"{path}/tokens/{revoked['id']}/revoke")
    office.call("POST", f"{path}/tokens/{paused['id']}/pause")
    office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(1)})
    assert office.call("POST", f"{path}/stop").json["tokens_revoked"] == 2
    office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(1)})
    office.clock.move(timedelta(days=1))
    assert office.call("POST", f"{path}/stop").json["tokens_revoked"] == 0, "an expired one"


def test_what_is_stopped_is_answered_so_even_if_nobody_can_count(office: Office) -> None:
    path = office.integration(office.district())
    token = office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(90)}).json["token"]
    registry = office.desk.registry
    assert isinstance(registry, DynamoDbRegistry)
    events = registry._client.meta.events
    events.register("before-call.dynamodb.Query", _throttled)
    reply = office.call("POST", f"{path}/stop")
    events.unregister("before-call.dynamodb.Query", _throttled)
    assert (reply.status, reply.json["tokens_revoked"], use(office, token)) == (200, None, "token-revoked")


def _throttled(**_: object) -> NoReturn:
    raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "m"}}, "Query")


def test_at_most_two_tokens_are_alive(office: Office) -> None:
    path = office.integration(office.district())
    issued = [office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(10)}) for _ in range(3)]
    assert [reply.status for reply in issued] == [201, 201, 409]
    office.clock.move(timedelta(days=10))
    assert office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(10)}).status == 201


@pytest.mark.parametrize(
    ("body", "overlap"),
    [
        pytest.param({}, timedelta(days=7), id="a week unless said"),
        pytest.param({"overlap_days": 30}, timedelta(days=20), id="never longer than the old one's own life"),
        pytest.param({"overlap_days": 0}, timedelta(), id="none at all"),
    ],
)
def test_both_tokens_hold_in_a_rotation_until_the_overlap_ends(
    office: Office, body: dict[str, object], overlap: timedelta
) -> None:
    path = office.integration(office.district())
    old = office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(20)}).json
    rotated = office.call("POST", f"{path}/tokens/{old['id']}/rotate", body)
    assert rotated.status == 201
    new = rotated.json
    assert new["replaces"] == {"id": old["id"], "expires_at": office.ahead(overlap.days)}
    assert new["details"]["expires_at"] == office.ahead(20)
    assert use(office, new["token"]) == "ok"
    assert use(office, old["token"]) == ("ok" if overlap else "token-expired")
    office.clock.move(overlap - timedelta(seconds=1) if overlap else timedelta())
    assert use(office, old["token"]) == ("ok" if overlap else "token-expired")
    office.clock.move(timedelta(seconds=1))
    assert use(office, old["token"]) == "token-expired"


def test_rotation_twice_is_refused_while_both_hold(office: Office) -> None:
    path = office.integration(office.district())
    old = office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(20)}).json
    new = office.call("POST", f"{path}/tokens/{old['id']}/rotate", {"expires_at": office.ahead(40)}).json
    assert new["details"]["expires_at"] == office.ahead(40)
    assert office.call("POST", f"{path}/tokens/{new['id']}/rotate", {}).status == 409
    office.call("POST", f"{path}/tokens/{old['id']}/revoke")
    assert office.call("POST", f"{path}/tokens/{old['id']}/rotate", {}).status == 409
    assert office.call("POST", f"{path}/tokens/{new['id']}/rotate", {}).status == 201


def test_a_paused_token_has_no_successor_until_it_is_resumed(office: Office) -> None:
    path = office.integration(office.district())
    old = office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(20)}).json
    office.call("POST", f"{path}/tokens/{old['id']}/pause")
    refused = office.call("POST", f"{path}/tokens/{old['id']}/rotate", {})
    assert (refused.status, refused.json["detail"]) == (409, "The token is paused: resume it first, or revoke it.")
    listed = office.call("GET", f"{path}/tokens").json["tokens"]
    assert [(token["id"], token["status"], token["expires_at"]) for token in listed] == [
        (old["id"], "paused", office.ahead(20))
    ]
    office.call("POST", f"{path}/tokens/{old['id']}/resume")
    assert office.call("POST", f"{path}/tokens/{old['id']}/rotate", {}).status == 201


def test_no_token_outlives_the_agreement_in_the_districts_time_zone(office: Office) -> None:
    path = office.integration(office.district())
    for expires_at, status in [
        ("2027-01-01T06:00:00Z", 201),  # midnight in Chicago
        ("2027-01-01T06:00:01Z", 400),
        ("2027-01-01T01:00:00-06:00", 400),
    ]:
        assert office.call("POST", f"{path}/tokens", {"expires_at": expires_at}).status == status
    old = office.call("GET", f"{path}/tokens").json["tokens"][0]["id"]
    office.clock.move(timedelta(days=200))
    rotated = office.call("POST", f"{path}/tokens/{old}/rotate", {})
    assert rotated.json["details"]["expires_at"] == "2027-01-01T06:00:00Z"
    office.clock.move(timedelta(days=150))
    assert office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(1)}).status == 409


def test_last_used_is_shown(office: Office) -> None:
    path = office.integration(office.district())
    issued = office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(20)}).json
    assert office.call("GET", f"{path}/tokens").json["tokens"][0]["last_used"] is None
    office.desk.usage.token_used(parse_token(issued["token"]).holder_id, issued["id"], office.clock.now())
    assert office.call("GET", f"{path}/tokens").json["tokens"][0]["last_used"] == office.ahead(0)


def test_a_persons_token_stops_with_its_revocation(office: Office) -> None:
    body = {"name": "Bo Inventado", "role": "operator", "expires_at": office.ahead(30)}
    made = office.call("POST", "/admin/v1/people", body)
    assert made.status == 201
    token, person_id = made.json["token"], made.json["id"]
    assert office.call("GET", "/admin/v1/districts", token=token).status == 200
    assert office.call("POST", f"/admin/v1/people/{person_id}/revoke").json["status"] == "revoked"
    assert office.call("GET", "/admin/v1/districts", token=token).json["type"].endswith(":token-revoked")
    listed = office.call("GET", "/admin/v1/people")
    assert [person["token"]["status"] for person in listed.json["people"] if person["id"] == person_id] == ["revoked"]
    assert token not in listed.text
    assert office.call("POST", "/admin/v1/people/NoneNone/revoke").status == 404


def test_a_new_token_is_shown_when_everybody_has_heard_of_it(office: Office) -> None:
    """Who refuses unknown tokens unseen goes by a list that is a moment old."""
    at, patience = office.integration(office.district()), office.desk.patience
    assert isinstance(patience, ListedPatience)
    issued = office.call("POST", f"{at}/tokens", {"expires_at": office.ahead(30)}).json
    assert patience.pauses == [HEARD_OF_SECONDS]
    assert office.call("POST", f"{at}/tokens/{issued['id']}/rotate", {"overlap_days": 2}).status == 201
    assert patience.pauses == [HEARD_OF_SECONDS] * 2
    assert HEARD_OF_SECONDS * LEAST > ROSTER_SECONDS
