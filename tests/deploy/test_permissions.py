"""The roles allow what the handlers do: each call that a tour of the API makes is one that was granted.

And no more of the pages and the ledger: each action granted on their tables is one that such a tour asks for.

The rule: the calls are heard, not listed; a step that needs a new permission fails here before it fails at Amazon's.
"""

from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from hallpass.adapters.api_gateway import LambdaContext
from hallpass.bootstrap_index import index_handler
from hallpass.bootstrap_refresh import refresh_handler
from hallpass.domain.scope import Scope
from hallpass.domain.tokens import TokenKind, mint

from sandbox.simulator import Settings
from tests import records
from tests.aws_tables import CREDENTIALS
from tests.deploy.admin_tour import (
    actions_on_record,
    aws_office,
    deletes_lost,
    erasing_tour,
    keep_pages,
    preview_tour,
    reviewing,
    tour,
)
from tests.deploy.permissions import Asked, recorder, refused, untouched, unused
from tests.deploy.posture_access import KILL_SWITCH, REVIEWS
from tests.deploy.posture_ledger import INDEX_OF_IT, LEDGER
from tests.deploy.test_events import EVENTS_FOLDER, ORDERS, recorded
from tests.docs.test_restore import table
from tests.vendor.deployed import ENVIRONMENT, Remaining, deployed
from tests.vendor.world import EVERYTHING

FILE, AGAIN, COUNT = (EVENTS_FOLDER / f"ledger-index{word}.json" for word in ("", "-file-again", "-count-grants"))
ORDERS_OF_REFRESH = [path for path in ORDERS if path not in {FILE, AGAIN, COUNT}]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    return recorder(monkeypatch)


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
            # A bad token of a district that there is, until it is refused without a look-up.
            bad = mint(TokenKind.LIVE, token[8:16], "None", bytes(32)).text.reveal()
            assert 429 in [house.get(bad).status for _ in range(60)]
    assert refused(asked, "VendorApiFunction") == set()
    assert unused(asked, "VendorApiFunction", "PagesTable", LEDGER) == set()
    assert untouched(asked, "VendorApiFunction") == set()
    touched = {target for _, target in asked.needed}
    assert touched >= {"RegistryTable", "PagesTable", "UsageTable", LEDGER, "PseudonymsKey", "LedgerKey"}
    # What it writes of the registry is the kill switch, with no attribute beyond those that the role names.
    assert asked.updated["RegistryTable"]
    assert asked.updated["RegistryTable"] <= set(KILL_SWITCH["ForAllValues:StringEquals"]["dynamodb:Attributes"])


def test_the_admin_api_needs_no_more_than_it_was_granted(asked: Asked) -> None:
    with aws_office() as office:
        with asked.listen():
            district = tour(office)
        keep_pages(office, district)
        with asked.listen():
            preview_tour(office, district)
            reviewing(office, district)
        with asked.listen(), deletes_lost(office):
            purge = office.call("POST", f"/admin/v1/districts/{district}/purge", {"mode": "hard"})
        assert purge.json["type"].endswith("erasure-unproven")
        keep_pages(office, district)
        with asked.listen():
            erasing_tour(office, district)
        called = actions_on_record()
    # Every address was called: none needs what is not heard of here.
    assert called >= {address.action for address in table()} - {"district.purge"}
    assert refused(asked, "AdminApiFunction") == set()
    assert asked.updated["UsageTable"] == set(REVIEWS["ForAllValues:StringEquals"]["dynamodb:Attributes"])
    assert unused(asked, "AdminApiFunction", "PagesTable", "SessionsTable", LEDGER, INDEX_OF_IT) == set()
    assert untouched(asked, "AdminApiFunction") == set()
    assert {action for action, _ in asked.needed} >= {
        "dynamodb:Query",
        "dynamodb:BatchWriteItem",
        "dynamodb:DeleteItem",
        "secretsmanager:CreateSecret",
        "secretsmanager:DeleteSecret",
        "kms:GenerateDataKeyWithoutPlaintext",
    }
    assert asked.needed >= {("kms:GenerateDataKeyWithoutPlaintext", "LedgerKey"), ("kms:Decrypt", "LedgerKey")}
    assert ("lambda:InvokeFunction", "PageRefreshFunction") in asked.needed


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
        for path in ORDERS_OF_REFRESH:
            heard({**recorded(path), "district": records.DISTRICT_ID}, Remaining())
    assert (refused(asked, "PageRefreshFunction"), unused(asked, "PageRefreshFunction", "PagesTable")) == (set(), set())


def test_who_files_disclosures_needs_no_more_than_it_was_granted(asked: Asked) -> None:
    with deployed(Settings(incidents=300)) as house:
        token = house.token(Scope(EVERYTHING, "all-documented@1"))
        assert [house.get(token, f"/v1/incidents.{form}").status for form in ("json", "xml")] == [200, 200]
        handler = index_handler(ENVIRONMENT)
        with asked.listen():
            # The second run looks again at what may have come late, and files nothing twice.
            assert [handler(recorded(FILE), Remaining()) for _ in range(2)] == [{"filed": 2}, {"filed": 2}]
            assert handler(recorded(AGAIN), Remaining()) == {"filed": 2}
            assert handler(recorded(COUNT), Remaining()) == {"expiring": 0, "dormant": 0, "ending": 0, "over": 0}
    assert refused(asked, "LedgerIndexFunction") == set()
    assert unused(asked, "LedgerIndexFunction", "RegistryTable", "UsageTable", LEDGER, INDEX_OF_IT) == set()


@pytest.mark.parametrize(
    ("function", "missing"),
    [
        ("VendorApiFunction", set()),
        ("PageRefreshFunction", set()),
        ("AdminApiFunction", set()),
        ("LedgerIndexFunction", {("lambda:InvokeFunction", "PageRefreshFunction")}),
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
