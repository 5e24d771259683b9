"""What goes over one DynamoDB client's wire: counted, and failed where a test says so.

Rule: faults come from botocore's own `before-send` hook, so that product code and client run as they are. What is
raised there never reached the table. What is answered there reached moto all the same, which hears the same hook: the
table did as it was asked, and its answer was lost.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Fault = Callable[[str, AWSPreparedRequest], AWSResponse | None]
"""Told the operation and the request; raises, answers in the table's stead, or lets it pass with None."""


class KilledError(BaseException):
    """The process ends here: nothing in the product catches it."""


class Wire:
    """Listens to a client. `operations`: every call that was let through, in order."""

    def __init__(self, client: DynamoDBClient) -> None:
        self.operations: list[str] = []
        self._fault: Fault | None = None
        hook: Any = self._send
        client.meta.events.register_first("before-send.dynamodb", hook)

    @property
    def counts(self) -> dict[str, int]:
        return dict(Counter(self.operations))

    def clear(self) -> None:
        self.operations.clear()

    @contextmanager
    def failing(self, fault: Fault) -> Iterator[None]:
        self._fault = fault
        try:
            yield
        finally:
            self._fault = None

    def _send(self, request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse | None:
        operation = event_name.rpartition(".")[2]
        answer = self._fault(operation, request) if self._fault else None
        if answer is None:
            self.operations.append(operation)
        return answer


def reply(request: AWSPreparedRequest, status: int, body: bytes) -> AWSResponse:
    headers: Any = {"content-type": "application/x-amz-json-1.0"}
    return AWSResponse(request.url, status, headers, _Body(body))


def refuse(status: int, code: str) -> Fault:
    """The table answers every call with this error."""
    body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "invented"}).encode()
    return lambda _, request: reply(request, status, body)


def answer_with(body: bytes) -> Fault:
    """The table answers every call 200 with these bytes."""
    return lambda _, request: reply(request, 200, body)


def fail(error: Exception) -> Fault:
    def raise_it(_: str, __: AWSPreparedRequest) -> None:
        raise error

    return raise_it


def die_after(calls: int) -> Fault:
    """Lets that many calls through; at the next the process ends."""
    left = iter(range(calls))

    def count(_: str, __: AWSPreparedRequest) -> None:
        if next(left, None) is None:
            raise KilledError

    return count


def asked(request: AWSPreparedRequest) -> Any:
    body: Any = request.body
    return json.loads(body)


class _Body(io.BytesIO):
    """As much of urllib3's response as botocore reads."""

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self.read()
