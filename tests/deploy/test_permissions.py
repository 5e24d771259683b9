"""The roles allow what the handlers do: each call that a tour of the API makes is one that was granted.

And no more of the pages: each action granted on their table is one that such a tour asks for.

The rule: the calls are heard, not listed; a step that needs a new permission fails here before it fails at Amazon's.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from hallpass.adapters.api_gateway import LambdaContext
from hallpass.adapters.aws_clients import client
from hallpass.adapters.dynamodb_erasure import DynamoDbEraser
from hallpass.adapters.dynamodb_quarantine import DynamoDbQuarantine
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.adapters.dynamodb_usage import DynamoDbUsage
from hallpass.adapters.kms_pseudonym_keys import KmsPseudonymKeyMaker
from hallpass.adapters.secrets_vault import SecretsVaultWriter
from hallpass.bootstrap_refresh import refresh_handler
from hallpass.domain.erasure import LONGEST_READER
from hallpass.domain.scope import Scope
from moto import mock_aws

from sandbox.simulator import Settings
from tests import records
from tests.admin.conftest import PREFIX, Office, open_office
from tests.admin.test_cache_settings import OTHER
from tests.admin.test_purges import fill
from tests.aws_tables import CREDENTIALS, create_key, create_table
from tests.deploy.permissions import Asked, recorder
from tests.deploy.posture_access import KILL_SWITCH, MAY
from tests.deploy.test_events import ORDERS, recorded
from tests.store.material import FIRST
from tests.vendor.deployed import ENVIRONMENT, Remaining, deployed
from tests.vendor.world import EVERYTHING


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    return recorder(monkeypatch)


def refused(asked: Asked, function: str) -> set[tuple[str, str]]:
    return {(action, target) for action, target in asked.needed if target not in MAY[function].get(action, frozenset())}


def unused(asked: Asked, function: str, table: str = "PagesTable") -> set[str]:
    """Actions on the table that nothing asked for."""
    granted = {action for action, targets in MAY[function].items() if table in targets}
    return granted - {action for action, target in asked.needed if target == table}


def test_the_vendor_api_needs_no_more_than_it_was_granted(asked: Asked) -> None:
    with deployed(Settings(incidents=300, unknown="both")) as house:
        token, pseudonyms = (
            house.token(Scope(EVERYTHING, "upstream@1")),
            house.token(Scope(EVERYTHING, "pseudonymised@1")),
        )
        with asked.listen():
            assert house.get(pseudonyms).status == 200
            for path in ("/v1/incidents.json", "/v1/incidents.xml", "/v1/incidents.xml", "/v1/token"):
                assert house.get(token, path).status == 200
            assert house.get(token, query="page=2").status == 200
            authorization = {"authorization": f"Bearer {token}"}
            gone = house.call("/v1/token", "confirm=Tok1", authorization, "DELETE")
            assert (gone.status, house.get(token).status) == (204, 401)
    assert (refused(asked, "VendorApiFunction"), unused(asked, "VendorApiFunction")) == (set(), set())
    assert {target for _, target in asked.needed} >= {"RegistryTable", "PagesTable", "UsageTable", "PseudonymsKey"}
    # What it writes of the registry is the kill switch, with no attribute beyond those that the role names.
    assert asked.updated
    assert asked.updated <= set(KILL_SWITCH["ForAllValues:StringEquals"]["dynamodb:Attributes"])


def test_the_admin_api_needs_no_more_than_it_was_granted(asked: Asked) -> None:
    with aws_office() as office:
        with asked.listen():
            district = tour(office)
        keep_pages(office, district)
        with asked.listen(), deletes_lost(office):
            purge = office.call("POST", f"/admin/v1/districts/{district}/purge", {"mode": "hard"})
        assert purge.json["type"].endswith("erasure-unproven")
        keep_pages(office, district)
        with asked.listen():
            erasing_tour(office, district)
    assert (refused(asked, "AdminApiFunction"), unused(asked, "AdminApiFunction")) == (set(), set())
    assert {action for action, _ in asked.needed} >= {
        "dynamodb:Query",
        "dynamodb:BatchWriteItem",
        "dynamodb:DeleteItem",
        "secretsmanager:CreateSecret",
        "secretsmanager:DeleteSecret",
        "kms:GenerateDataKeyWithoutPlaintext",
    }


def test_the_background_needs_no_more_than_it_was_granted(asked: Asked) -> None:
    with deployed(Settings(incidents=300, page_size=100, unknown="both")) as house:
        named = {"AWS_LAMBDA_FUNCTION_NAME": "page-refresh", "WARM_CALLS_PER_DISTRICT": "60"}
        handler = refresh_handler({**ENVIRONMENT, **named, "UPSTREAM_URL": house.simulator.url})

        def heard(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
            with asked.listen():
                return handler(event, context)

        house.background.handler = heard
        token = house.token(Scope(EVERYTHING, "all-documented@1"))
        assert [house.get(token, query=f"page={number}").status for number in (1, 2)] == [200, 200]
        for path in ORDERS:
            heard({**recorded(path), "district": records.DISTRICT_ID}, Remaining())
    assert (refused(asked, "PageRefreshFunction"), unused(asked, "PageRefreshFunction")) == (set(), set())


@pytest.mark.parametrize(
    ("function", "missing"),
    [
        ("VendorApiFunction", set()),
        ("PageRefreshFunction", set()),
        ("AdminApiFunction", {("lambda:InvokeFunction", "PageRefreshFunction")}),
    ],
)
def test_to_invoke_a_function_is_a_permission(asked: Asked, function: str, missing: set[tuple[str, str]]) -> None:
    once = Config(retries={"total_max_attempts": 1})
    # A session of its own: who hears a client is settled when its session is made.
    nobody: Any = boto3.session.Session().client("lambda", endpoint_url="http://127.0.0.1:1", config=once)
    with asked.listen(), pytest.raises(EndpointConnectionError):
        nobody.invoke(FunctionName="page-refresh", InvocationType="Event", Payload=b"{}")
    assert asked.needed == {("lambda:InvokeFunction", "PageRefreshFunction")}
    assert refused(asked, function) == missing


@contextmanager
def aws_office() -> Iterator[Office]:
    with mock_aws():
        dynamodb = client("dynamodb")
        registry = DynamoDbRegistry(dynamodb, create_table(dynamodb, "registry"))
        usage = DynamoDbUsage(dynamodb, create_table(dynamodb, "usage"))
        vault = SecretsVaultWriter(client("secretsmanager"), PREFIX, None)
        keys = KmsPseudonymKeyMaker(client("kms"), create_key(client("kms")))
        eraser = DynamoDbEraser(dynamodb, create_table(dynamodb, "pages"))
        quarantine = DynamoDbQuarantine(dynamodb, "usage")
        yield open_office(registry, vault, usage, quarantine=quarantine, keys=keys, eraser=eraser)


@contextmanager
def deletes_lost(office: Office) -> Iterator[None]:
    """As if somebody wrote again what the eraser deletes in batches: it has to look who it was."""
    events = office.desk.eraser._client.meta.events  # type: ignore[attr-defined]  # of a port that is the real one here
    batch = "before-call.dynamodb.BatchWriteItem"

    def done(**_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        return AWSResponse("", 200, HTTPHeaders(), None), {}

    events.register(batch, done)
    try:
        yield
    finally:
        events.unregister(batch, done)


def keep_pages(office: Office, district: str) -> None:
    """As the data plane does, which is another role's doing."""
    fill(office, district)
    fill(office, district, deleted=True)


def erasing_tour(office: Office, district: str) -> None:
    path = f"/admin/v1/districts/{district}"
    for body in (
        {"mode": "soft"},
        {"mode": "hard", "snapshot": FIRST},
        {"mode": "hard", "listing": {"deleted": True}},
        {"mode": "hard"},
    ):
        assert office.call("POST", f"{path}/purge", body).status == 200
    assert office.call("DELETE", path, {"confirm": district}).status == 200
    office.clock.move(LONGEST_READER)
    assert office.call("DELETE", path, {"confirm": district}).json["again_after"] is None


def tour(office: Office) -> str:
    """Everything that can be done once. The district that it was done in."""
    district = office.district()
    at = office.integration(district)
    issued = office.call("POST", f"{at}/tokens", {"expires_at": office.ahead(30)}).json
    token = f"{at}/tokens/{issued['id']}"
    person = office.call("POST", "/admin/v1/people", {"name": "Bo", "role": "operator", "expires_at": office.ahead(9)})
    calls = [
        ("GET", "/admin/v1/districts", None),
        ("GET", f"/admin/v1/districts/{district}", None),
        ("GET", at.rpartition("/")[0], None),
        ("GET", at, None),
        ("GET", f"/admin/v1/districts/{district}/quarantine", None),
        ("GET", f"/admin/v1/districts/{district}/cache", None),
        ("PUT", f"/admin/v1/districts/{district}/cache", OTHER),
        ("PUT", f"{at}/cache", {"may_refresh": True, "stale_cap": 60}),
        ("PUT", f"{at}/scope", {"scope": office.integration_body()["scope"] | {"fields": "pseudonymised@1"}}),
        ("POST", f"{at}/renew-pseudonyms", None),
        ("GET", f"{at}/tokens", None),
        ("POST", f"{at}/pause", None),
        ("POST", f"{at}/resume", None),
        ("POST", f"{token}/pause", None),
        ("POST", f"{token}/resume", None),
        ("POST", f"{token}/rotate", {"overlap_days": 2}),
        ("POST", f"{token}/revoke", None),
        ("POST", f"{at}/stop", None),
        ("POST", f"{at}/end", None),
        ("GET", "/admin/v1/people", None),
        ("POST", f"/admin/v1/people/{person.json['id']}/revoke", None),
    ]
    assert {f"{method} {path}": office.call(method, path, body).status // 100 for method, path, body in calls} == {
        f"{method} {path}": 2 for method, path, _ in calls
    }
    return district
