"""Background reading by the function `page_refresh`, invoked asynchronously.

Rule: an order names listings and a turn; who cannot be reached has not taken it over, and that is no error.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from hallpass.domain.leases import Granted
from hallpass.domain.listing import Listing
from hallpass.domain.refresh_order import Action, Asked, Order
from hallpass.ports import Telemetry

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_ACCEPTED = 202


class LambdaRefresher:
    """`Refresher` and `Warmer`. The client is made when it is first needed: most requests need none."""

    def __init__(self, make_client: Callable[[], LambdaClient], function: str, telemetry: Telemetry) -> None:
        self._make_client = make_client
        self._client: LambdaClient | None = None
        self._lock = Lock()
        self._function = function
        self._telemetry = telemetry

    def refresh(self, listing: Listing, turn: Granted) -> bool:
        return self._send(Order(Action.PAGE, listing, turn))

    def read_walk(self, listing: Listing, snapshot: str, turn: Granted) -> bool:
        return self._send(Order(Action.WALK, listing, turn, snapshot))

    def read_ahead(self, listing: Listing, turn: Granted) -> bool:
        return self._send(Order(Action.AHEAD, listing, turn))

    def warm(self, asked: Asked) -> bool:
        return self._send(asked)

    def _send(self, order: Order | Asked) -> bool:
        payload = json.dumps(order.event(), separators=(",", ":")).encode()
        try:
            answer = self._lambda().invoke(FunctionName=self._function, InvocationType="Event", Payload=payload)
        except (BotoCoreError, ClientError):
            self._telemetry.count("BackgroundUnavailable")
            return False
        accepted: bool = answer["StatusCode"] == _ACCEPTED
        return accepted

    def _lambda(self) -> LambdaClient:
        with self._lock:
            self._client = self._client or self._make_client()
            return self._client
