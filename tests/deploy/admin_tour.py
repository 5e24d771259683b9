"""A tour of the admin API over an embedded AWS: everything that can be asked of it, so that its calls can be heard."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from hallpass.adapters.aws_clients import client
from hallpass.adapters.dynamodb_cache_count import DynamoDbCacheCounter
from hallpass.adapters.dynamodb_claim_links import DynamoDbClaimLinks
from hallpass.adapters.dynamodb_disclosure_index import DynamoDbDisclosureIndex
from hallpass.adapters.dynamodb_erasure import DynamoDbEraser
from hallpass.adapters.dynamodb_invitations import DynamoDbInvitations
from hallpass.adapters.dynamodb_kept_pages import DynamoDbKeptPages
from hallpass.adapters.dynamodb_ledger import DynamoDbLedger
from hallpass.adapters.dynamodb_outcomes import DynamoDbOutcomes
from hallpass.adapters.dynamodb_quarantine import DynamoDbQuarantine
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.adapters.dynamodb_sessions import DynamoDbSessions
from hallpass.adapters.dynamodb_usage import DynamoDbUsage
from hallpass.adapters.kms_ledger_keys import KmsLedgerKeys, ledger_key_maker
from hallpass.adapters.kms_pseudonym_keys import KmsPseudonymKeyMaker
from hallpass.adapters.lambda_refresher import LambdaRefresher
from hallpass.adapters.secrets_vault import SecretsVaultWriter
from hallpass.adapters.system_clock import SystemClock
from hallpass.domain.access import Role
from hallpass.domain.erasure import LONGEST_READER
from moto import mock_aws

from tests.admin.conftest import PREFIX, Office, open_office
from tests.admin.test_cache_settings import OTHER
from tests.admin.test_purges import fill
from tests.aws_tables import create_key, create_table
from tests.fakes import SetClock
from tests.records import NOW
from tests.store.material import FIRST
from tests.vendor_fakes import CountedTelemetry

TERMS = ("vendor", "contact", "purpose", "agreement")
DAYS = {"from": "2026-02-20", "to": "2026-03-02"}


def actions_on_record() -> set[str]:
    """Of every request and change that the office's ledger holds."""
    pages = client("dynamodb").get_paginator("scan").paginate(TableName="ledger")
    return {item["action"]["S"] for page in pages for item in page["Items"] if "action" in item}


@contextmanager
def aws_office() -> Iterator[Office]:
    with mock_aws():
        dynamodb, kms = client("dynamodb"), client("kms")
        registry = DynamoDbRegistry(dynamodb, create_table(dynamodb, "registry"))
        usage = DynamoDbUsage(dynamodb, create_table(dynamodb, "usage"))
        vault = SecretsVaultWriter(client("secretsmanager"), PREFIX, None)
        keys = KmsPseudonymKeyMaker(kms, create_key(kms))
        eraser = DynamoDbEraser(dynamodb, create_table(dynamodb, "pages"))
        quarantine = DynamoDbQuarantine(dynamodb, "usage")
        clock = SetClock(NOW)
        new_key = ledger_key_maker(lambda: kms, create_key(kms))
        ledger = DynamoDbLedger(dynamodb, create_table(dynamodb, "ledger"), new_key)
        yield open_office(
            registry,
            vault,
            usage,
            quarantine=quarantine,
            keys=keys,
            eraser=eraser,
            counter=DynamoDbCacheCounter(dynamodb, "pages"),
            ledger=ledger,
            index=DynamoDbDisclosureIndex(dynamodb, create_table(dynamodb, "index")),
            ledger_keys=KmsLedgerKeys(ledger, lambda: kms, SystemClock()),
            kept=DynamoDbKeptPages(dynamodb, "pages", clock, CountedTelemetry()),
            clock=clock,
            sessions=DynamoDbSessions(dynamodb, create_table(dynamodb, "sessions")),
            invitations=DynamoDbInvitations(dynamodb, "sessions"),
            claims=DynamoDbClaimLinks(dynamodb, "sessions", registry),
            outcomes=DynamoDbOutcomes(dynamodb, "sessions"),
            warmer=LambdaRefresher(taking_all, "page-refresh", CountedTelemetry()),
        )


def taking_all() -> Any:
    """A client of Lambda whose events are taken, and carried out by nobody."""
    made = client("lambda")

    def taken(**_: Any) -> Any:
        return AWSResponse("", 202, HTTPHeaders(), None), {"StatusCode": 202}

    made.meta.events.register("before-call.lambda.Invoke", taken)
    return made


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
    notes: Any = office.desk.quarantine
    notes.note(district, {"incident/new": 1}, office.clock.now())


def reviewing(office: Office, district: str) -> None:
    """A path that the data plane noted; the second time nothing is written."""
    path, body = f"/admin/v1/districts/{district}/quarantine/review", {"path": "incident/new", "as": "asked-upstream"}
    told = [office.call("POST", path, body) for _ in range(2)]
    assert [reply.json["quarantined"]["review"]["as"] for reply in told] == ["asked-upstream"] * 2


def preview_tour(office: Office, district: str) -> None:
    """Over pages that are cached: an operator's, and one with a real incident for the district's own admin."""
    path, at = f"/admin/v1/districts/{district}", office.integration(district)
    rows = {"types": ["minor"], "schools": "all", "window": "unbounded", "deleted": True}
    asked = {"scope": {"rows": rows, "fields": "all-documented@1"}, "compare_with": at.rpartition("/")[2]}
    assert office.call("POST", f"{path}/preview", asked).json["proposed"]["counts"]["incidents"]["in"] == 1
    admin = office.person(Role.DISTRICT_ADMIN, district)
    real = office.call("POST", f"{path}/preview", {**asked, "example": "real"}, admin)
    assert real.json["example"]["kind"] == "real"
    for query in ("", "page=2"):
        assert office.call("POST", f"{at}/explain", {"query": query}).json["cache"] is not None


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


def once(office: Office, at: str) -> None:
    """A key that is given back, and one that tells what became of it."""
    bodies = ({"expires_at": office.ahead(-1)}, {"expires_at": office.ahead(9)}, {"expires_at": office.ahead(9)})
    replies = [office.call("POST", f"{at}/tokens", body, headers={"idempotency-key": "tour-0001"}) for body in bodies]
    assert [reply.status for reply in replies] == [400, 201, 201]
    assert office.call("POST", f"{at}/tokens/{replies[2].json['id']}/revoke").status == 200


def claiming(office: Office, at: str) -> None:
    """A link that is opened, one that is withdrawn, and what became of each."""
    opened, withdrawn = (office.call("POST", f"{at}/claims", {}).json for _ in range(2))
    shown = office.call("POST", "/admin/v1/claims", {"claim": opened["claim"]})
    assert (shown.status, office.call("DELETE", f"{at}/claims/{withdrawn['claim_id']}").status) == (201, 200)
    assert len(office.call("GET", f"{at}/claims").json["claims"]) == 2
    assert office.call("POST", f"{at}/tokens/{shown.json['id']}/revoke").status == 200


def signing_in(office: Office) -> None:
    """By invitation; then out again."""
    draft = {"name": "Cy", "role": "auditor", "expires_at": office.ahead(9)}
    invited = [office.call("POST", "/admin/v1/invitations", draft).json for _ in range(2)]
    assert len(office.call("GET", "/admin/v1/invitations").json["invitations"]) == 2
    assert office.call("POST", f"/admin/v1/invitations/{invited[1]['id']}/withdraw").status == 200
    made = office.call("POST", "/admin/v1/invitations/accept", token=invited[0]["code"]).json
    new = office.call("POST", f"/admin/v1/people/{made['id']}/rotate", {}, token=made["token"]).json["token"]
    session = office.call("POST", "/admin/v1/session", token=new).json["token"]
    assert [office.call(method, "/admin/v1/session", token=session).status for method in ("GET", "DELETE")] == [
        200,
        200,
    ]


def tour(office: Office) -> str:
    """Everything that can be done once. The district that it was done in."""
    district = office.district()
    at = office.integration(district)
    issued = office.call("POST", f"{at}/tokens", {"expires_at": office.ahead(30)}).json
    token = f"{at}/tokens/{issued['id']}"
    once(office, at)
    claiming(office, at)
    signing_in(office)
    person = office.call("POST", "/admin/v1/people", {"name": "Bo", "role": "operator", "expires_at": office.ahead(9)})
    calls = [
        ("GET", "/admin/v1/districts", None),
        ("GET", f"/admin/v1/districts/{district}", None),
        ("GET", at.rpartition("/")[0], None),
        ("GET", at, None),
        ("GET", f"/admin/v1/districts/{district}/quarantine", None),
        ("GET", f"/admin/v1/districts/{district}/status", None),
        ("POST", f"/admin/v1/districts/{district}/audit/search", DAYS),
        ("POST", f"/admin/v1/districts/{district}/disclosures", {"number": "4405162"}),
        ("POST", f"/admin/v1/districts/{district}/disclosures/report", DAYS),
        ("GET", f"/admin/v1/districts/{district}/agreements", None),
        ("GET", "/admin/v1/audit.schema.json", None),
        ("GET", f"/admin/v1/districts/{district}/cache", None),
        ("PUT", f"/admin/v1/districts/{district}/cache", OTHER),
        ("GET", f"/admin/v1/districts/{district}/cache/statistics", None),
        ("POST", f"/admin/v1/districts/{district}/warm", {}),
        ("PUT", at, {name: office.integration_body()[name] for name in TERMS} | {"contact": "someone@vendor.example"}),
        ("POST", f"{at}/activate", None),
        ("GET", f"{at}/scopes", None),
        ("GET", f"{at}/versions", None),
        ("GET", f"/admin/v1/districts/{district}/usage?from=2026-02-20&to=2026-03-02", None),
        ("GET", f"{at}/usage?from=2026-02-20&to=2026-03-02", None),
        ("PUT", f"{at}/cache", {"may_refresh": True, "stale_cap": 60}),
        ("PUT", f"{at}/limits", {"per_minute": 6, "burst": 12, "pages_a_day": 100}),
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
