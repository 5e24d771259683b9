"""What is sent to `page_refresh`, and that whom it does not reach has not taken the work over."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import EndpointConnectionError
from hallpass.adapters.lambda_refresher import LambdaRefresher
from hallpass.adapters.patience import SleepingPatience
from hallpass.domain.leases import Granted
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.refresh_order import Action, Asked, Order, read_order

from tests.aws_tables import CREDENTIALS, REGION
from tests.store.wire import asked, reply
from tests.vendor_fakes import CountedTelemetry

LISTING = Listing(Account("D1st", "https://upstream.example", 1), UpstreamQuery())
TURN = Granted("0a1b2c3d", 7)


class Lambda:
    """A real client whose requests are answered here."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, status: int = 202) -> None:
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
        self.made = 0
        self.asked: list[tuple[str, str, Any]] = []
        self.status = status
        self.reachable = True

    def client(self) -> Any:
        self.made += 1
        client = boto3.client("lambda", region_name=REGION)
        hook: Any = self._send
        client.meta.events.register_first("before-send.lambda", hook)
        return client

    def _send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        if not self.reachable:
            raise EndpointConnectionError(endpoint_url="https://lambda.invented")
        kind: Any = request.headers["X-Amz-Invocation-Type"]
        self.asked.append((request.url.split("/functions/")[1], kind.decode(), asked(request)))
        return reply(request, self.status, b"{}")


def test_each_order_goes_to_the_function_and_nobody_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    there, telemetry = Lambda(monkeypatch), CountedTelemetry()
    refresher = LambdaRefresher(there.client, "page-refresh", telemetry)
    assert refresher.refresh(LISTING, TURN)
    assert refresher.read_walk(LISTING, "s-1", TURN)
    assert refresher.read_ahead(LISTING, TURN)
    assert refresher.warm(Asked(LISTING.account, (LISTING.query,)))
    assert {(path, kind) for path, kind, _ in there.asked} == {("page-refresh/invocations", "Event")}
    origin = LISTING.account.origin
    assert [read_order(event, origin) for _, _, event in there.asked] == [
        Order(Action.PAGE, LISTING, TURN), Order(Action.WALK, LISTING, TURN, "s-1"), Order(Action.AHEAD, LISTING, TURN),
        Asked(LISTING.account, (LISTING.query,)),
    ]  # fmt: skip
    assert (there.made, telemetry.counts) == (1, {}), "one client, made when it is first needed"


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500])
def test_who_refuses_it_has_not_taken_it_over(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    there, telemetry = Lambda(monkeypatch, status), CountedTelemetry()
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert not LambdaRefresher(there.client, "page-refresh", telemetry).refresh(LISTING, TURN)
    assert not LambdaRefresher(there.client, "page-refresh", telemetry).warm(Asked(LISTING.account, (LISTING.query,)))
    assert telemetry.counts == {"BackgroundUnavailable": 2}


def test_nor_who_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    there, telemetry = Lambda(monkeypatch), CountedTelemetry()
    there.reachable = False
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert not LambdaRefresher(there.client, "page-refresh", telemetry).read_walk(LISTING, "s-1", TURN)
    assert telemetry.counts == {"BackgroundUnavailable": 1}


@pytest.mark.parametrize(("random", "slept"), [(0.0, 0.5), (0.5, 1.0), (1.0, 1.5)])
def test_who_waits_waits_about_as_long_and_not_all_the_same(random: float, slept: float) -> None:
    seen: list[float] = []
    SleepingPatience(seen.append, lambda: random).pause(1.0)
    assert seen == [slept]
