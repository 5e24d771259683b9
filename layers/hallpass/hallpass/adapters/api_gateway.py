"""HTTP API events (payload 2.0) <-> our requests and responses. The only place that sees an event's dict.

Rule: the raw query string alone is read (the decoded map joins repeated parameters by comma), and header
names are taken in any case.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

from hallpass.domain.http import HttpRequest, HttpResponse, sent_as_text
from hallpass.domain.trace import trace_of

# Lambda's is a UUID; the record takes no other text.
_INVOCATION = re.compile(r"[0-9A-Za-z-]{1,64}")


class LambdaContext(Protocol):
    """What we use of the context that Lambda hands over."""

    @property
    def aws_request_id(self) -> str: ...

    def get_remaining_time_in_millis(self) -> int: ...


Handler: TypeAlias = Callable[[Mapping[str, Any], LambdaContext], dict[str, Any]]


def request_of(event: Mapping[str, Any], invoked: LambdaContext, *, cold: bool = False) -> HttpRequest:
    """`rawPath` is decoded by the gateway; absent, null and empty maps are the same.

    `cold`: whether it is the container's first.
    """
    context = event.get("requestContext") or {}
    http = context.get("http") or {}
    headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    return HttpRequest(
        method=str(http.get("method") or "GET"),
        path=str(event.get("rawPath") or "/"),
        raw_query=str(event.get("rawQueryString") or ""),
        headers=headers,
        source=str(http.get("sourceIp") or ""),
        request_id=str(context.get("requestId") or "none"),
        origin=f"https://{context.get('domainName') or 'localhost'}",
        invocation=invoked.aws_request_id if _INVOCATION.fullmatch(invoked.aws_request_id) else None,
        # The runtime sets the variable for each invocation; the gateway sends the same on as a header.
        trace=trace_of(headers.get("traceparent"), os.environ.get("_X_AMZN_TRACE_ID"), headers.get("x-amzn-trace-id")),
        cold=cold,
    )


def answer_of(response: HttpResponse) -> dict[str, Any]:
    """A body that is coded or long goes as base64: its size in the event is known beforehand."""
    text = sent_as_text(response)
    body = response.body.decode() if text else base64.b64encode(response.body).decode("ascii")
    return {
        "statusCode": response.status,
        "headers": dict(response.headers),
        "body": body,
        "isBase64Encoded": not text,
    }
