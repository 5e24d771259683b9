"""The data plane as it is deployed: the real handler over every real adapter, AWS by moto, the simulator upstream."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from hallpass import bootstrap, bootstrap_refresh
from hallpass.adapters.api_gateway import Handler
from hallpass.adapters.dynamodb_ledger import DynamoDbLedger
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.adapters.kms_ledger_keys import ledger_key_maker
from hallpass.adapters.kms_pseudonym_keys import KmsPseudonymKeyMaker
from hallpass.bootstrap_refresh import RefreshHandler
from hallpass.domain.access import District, Token, TokenStatus
from hallpass.domain.limits import Limits
from hallpass.domain.scope import Scope
from hallpass.domain.tokens import TokenKind, mint
from hallpass.domain.view import view_of

from sandbox.simulator import RunningSimulator, Settings, running_simulator
from tests import records
from tests.aws_tables import CREDENTIALS, REGION, atomic_aws, create_key, create_table

# No test of something else meets them.
WIDE = Limits(6_000, 6_000, 1_000_000)
ENVIRONMENT = {
    "REGISTRY_TABLE": "registry",
    "PAGES_TABLE": "pages",
    "USAGE_TABLE": "usage",
    "LEDGER_TABLE": "ledger",
    "DISCLOSURE_INDEX_TABLE": "index",
    "SESSIONS_TABLE": "sessions",
    "SECRET_PREFIX": "hallpass/districts",
    "PUBLIC_BASE_URL": "https://hallpass.example/",
    "HALLPASS_VERSION": "0.0.0",
    "POWERTOOLS_SERVICE_NAME": "hallpass",
    "POWERTOOLS_METRICS_NAMESPACE": "Hallpass",
    "PAGE_REFRESH_FUNCTION": "page-refresh",
}


class Remaining:
    """What a Lambda context tells of time."""

    aws_request_id = "00000000-0000-4000-8000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return 29_000


@dataclass(frozen=True, slots=True)
class Answer:
    """A handler's answer, its body decoded. Header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Background:
    """The real handler of `page_refresh`: what is sent to it is done at once, or kept while it is `held`."""

    environment: Mapping[str, str]
    handler: RefreshHandler | None = None
    held: bool = False
    events: list[dict[str, Any]] = field(default_factory=list)

    def run(self) -> None:
        while self.events:
            self.handler = self.handler or bootstrap_refresh.refresh_handler(self.environment)
            self.handler(self.events.pop(0), Remaining())

    @contextmanager
    def invoked(self) -> Iterator[None]:
        """In Lambda's stead: what the data plane invokes comes here."""
        send = BaseClient._make_api_call  # type: ignore[attr-defined]  # botocore's one door, which it tells nobody of

        def invoke(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
            if client.meta.service_model.service_name != "lambda":
                return send(client, operation, parameters)
            assert (parameters["FunctionName"], parameters["InvocationType"]) == ("page-refresh", "Event")
            self.events.append(json.loads(parameters["Payload"]))
            if not self.held:
                self.run()
            return {"StatusCode": 202}

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(BaseClient, "_make_api_call", invoke)
            yield


@dataclass(slots=True)
class Deployed:
    """`call` sends an HTTP API event to the real handler."""

    handler: Handler
    registry: DynamoDbRegistry
    simulator: RunningSimulator
    dynamodb: Any
    keys: KmsPseudonymKeyMaker
    background: Background
    ledger: DynamoDbLedger
    issued: int = 0

    def restart(self, **environment: str) -> None:
        """A new container, which remembers nothing. `environment`: what is another there."""
        self.handler = bootstrap.vendor_handler({**ENVIRONMENT, "UPSTREAM_URL": self.simulator.url, **environment})
        self.background.handler = None

    def add_district(self, district: District) -> None:
        self.registry.add_district(district)
        self.ledger.open(district.id, datetime.now(UTC))

    def token(self, scope: Scope, district: str = records.DISTRICT_ID, limits: Limits = WIDE) -> str:
        self.issued += 1
        now = datetime.now(UTC)
        integration = replace(records.an_integration(f"{district}V{self.issued:03}"), scope=scope, token_generation=0)
        integration = replace(integration, limits=limits)
        if view_of(scope.fields).pseudonymised:
            integration = replace(integration, sealed_key=self.keys.make(integration.id, integration.pseudonym_epoch))
        self.registry.add_integration(integration)
        minted = mint(TokenKind.LIVE, integration.id, "Tok1", self.issued.to_bytes(32, "big"))
        token = Token(
            "Tok1",
            integration.id,
            minted.digest,
            TokenStatus.ACTIVE,
            now - timedelta(minutes=1),
            now + timedelta(days=90),
            now,
            records.PERSON_ID,
        )
        self.registry.add_token(token, integration)
        return minted.text.reveal()

    def call(
        self,
        path: str,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
        request_id: str = "req-1",
    ) -> Answer:
        event = {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": query,
            "headers": dict(headers or {}),
            "requestContext": {
                "domainName": "api.example",
                "requestId": request_id,
                "http": {"method": method, "path": path, "sourceIp": "192.0.2.7"},
            },
            "isBase64Encoded": False,
        }
        answer = json.loads(json.dumps(self.handler(event, Remaining())))
        body = base64.b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"].encode()
        return Answer(answer["statusCode"], {k.lower(): v for k, v in answer["headers"].items()}, body)

    def get(self, token: str, path: str = "/v1/incidents.json", query: str = "", **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.call(path, query, {"authorization": f"Bearer {token}", **named})

    @contextmanager
    def operations(self) -> Iterator[list[str]]:
        """The DynamoDB calls that the handler makes meanwhile, in order."""
        seen: list[str] = []
        send = BaseClient._make_api_call  # type: ignore[attr-defined]  # botocore's one door, which it tells nobody of

        def listen(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
            if client.meta.service_model.service_name == "dynamodb":
                seen.append(operation)
            return send(client, operation, parameters)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(BaseClient, "_make_api_call", listen)
            yield seen

    def items(self, table: str = "pages") -> list[dict[str, Any]]:
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=table)
        return [item for page in pages for item in page["Items"]]


@contextmanager
def deployed(settings: Settings, credential: str | None = None) -> Iterator[Deployed]:
    """One district whose credential opens the simulator."""
    with running_simulator(settings) as simulator, atomic_aws():
        dynamodb = boto3.client("dynamodb", region_name=REGION)
        for name in ("registry", "pages", "usage", "ledger", "index"):
            create_table(dynamodb, name)
        secrets = boto3.client("secretsmanager", region_name=REGION)
        secrets.create_secret(
            Name=f"hallpass/districts/{records.DISTRICT_ID}", SecretString=credential or simulator.token
        )
        registry = DynamoDbRegistry(dynamodb, "registry")
        registry.add_district(records.a_district())
        handler = bootstrap.vendor_handler({**ENVIRONMENT, "UPSTREAM_URL": simulator.url})
        kms = boto3.client("kms", region_name=REGION)
        ledger = DynamoDbLedger(dynamodb, "ledger", ledger_key_maker(lambda: kms, create_key(kms)))
        ledger.open(records.DISTRICT_ID, datetime.now(UTC))
        keys = KmsPseudonymKeyMaker(kms, create_key(kms))
        background = Background({**ENVIRONMENT, "UPSTREAM_URL": simulator.url})
        with background.invoked():
            yield Deployed(handler, registry, simulator, dynamodb, keys, background, ledger)


__all__ = ["CREDENTIALS", "Answer", "Deployed", "deployed"]
