"""HTTP <-> Lambda's payload format 2.0, as an AWS HTTP API maps them. No I/O here.

The rule: a handler cannot tell this gateway from Amazon's. Where public descriptions of AWS disagree with
other local gateways, AWS wins: header names lower-case, `rawPath` decoded, `rawQueryString` as it was sent,
absent things absent.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from sandbox.cloudformation import ACCOUNT
from sandbox.template import Route

API_ID = "sandbox000"
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect"})
_SET_BY_GATEWAY = _HOP_BY_HOP | {"content-length", "date", "apigw-requestid"}
_TEXT_TYPES = ("text/", "application/json", "application/xml", "application/javascript")


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request as it came over the wire: `target` is path and query as sent."""

    method: str
    target: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    source_ip: str
    protocol: str = "HTTP/1.1"

    @property
    def path(self) -> str:
        """The decoded path, ended at the first question mark even if that one was encoded."""
        return unquote(self.target.partition("?")[0]).partition("?")[0]

    @property
    def query(self) -> str:
        """The query string as sent, without its question mark; "" if none."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True)
class RouteMatch:
    """The route that takes a request, and what its braces stand for."""

    route: Route
    path_parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HttpReply:
    """What goes back to the client; header names as the handler wrote them."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


def gateway_reply(status: int, message: str) -> HttpReply:
    """An answer of the gateway's own: never ours, always `{"message": ...}`."""
    body = json.dumps({"message": message}, separators=(",", ":")).encode()
    return HttpReply(status, [("Content-Type", "application/json")], body)


def match(routes: Sequence[Route], method: str, path: str) -> RouteMatch | None:
    """The most specific route: no braces before braces before a greedy one before $default; method before ANY."""
    found = [(rank, hit) for route in routes if (ranked := _try(route, method, path)) for rank, hit in [ranked]]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _try(route: Route, method: str, path: str) -> tuple[tuple[int, ...], RouteMatch] | None:
    if route.key == "$default":
        return (-1,), RouteMatch(route, {})
    wanted, _, pattern = route.key.partition(" ")
    if wanted not in ("ANY", method):
        return None
    expected, given = pattern.removeprefix("/").split("/"), path.removeprefix("/").split("/")
    parameters: dict[str, str] = {}
    rank: list[int] = []
    for index, part in enumerate(expected):
        if part.startswith("{") and part.endswith("+}"):
            if not any(given[index:]):
                return None
            parameters[part[1:-2]] = "/".join(given[index:])
            return (*rank, 0, int(wanted == method)), RouteMatch(route, parameters)
        if index >= len(given) or not (part == given[index] or part.startswith("{")):
            return None
        if part.startswith("{"):
            parameters[part[1:-1]] = given[index]
        rank.append(1 if part.startswith("{") else 2)
    if len(expected) != len(given):
        return None
    return (*rank, 3, int(wanted == method)), RouteMatch(route, parameters)


def event(request: HttpRequest, matched: RouteMatch, request_id: str, now: datetime, trace: str) -> dict[str, Any]:
    """The payload 2.0 event. `now` is aware; `trace` is the X-Amzn-Trace-Id's value."""
    headers, cookies = _headers(request, trace)
    made: dict[str, Any] = {
        "version": "2.0",
        "routeKey": matched.route.key,
        "rawPath": request.path,
        "rawQueryString": request.query,
    }
    if cookies:
        made["cookies"] = cookies
    made["headers"] = headers
    if parameters := _query_parameters(request.query):
        made["queryStringParameters"] = parameters
    made["requestContext"] = _context(request, headers, matched.route.key, request_id, now)
    if matched.path_parameters:
        made["pathParameters"] = dict(matched.path_parameters)
    if request.body:
        text = _text(request.body, headers)
        made["body"] = base64.b64encode(request.body).decode() if text is None else text
        made["isBase64Encoded"] = text is None
    else:
        made["isBase64Encoded"] = False
    return made


def _headers(request: HttpRequest, trace: str) -> tuple[dict[str, str], list[str]]:
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for name, value in request.headers:
        key = name.lower()
        if key == "cookie":
            cookies += [cookie.strip() for cookie in value.split(";") if cookie.strip()]
        elif key not in _HOP_BY_HOP:
            headers[key] = f"{headers[key]},{value}" if key in headers else value
    forwarded = headers.get("x-forwarded-for")
    host = headers.get("host", "")
    headers |= {
        "content-length": str(len(request.body)),
        "x-amzn-trace-id": trace,
        "x-forwarded-for": f"{forwarded}, {request.source_ip}" if forwarded else request.source_ip,
        "x-forwarded-port": host.rpartition(":")[2] if ":" in host else "80",
        "x-forwarded-proto": "http",
    }
    return dict(sorted(headers.items())), cookies


def _query_parameters(query: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True, max_num_fields=10_000):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    return parameters


def _context(
    request: HttpRequest, headers: Mapping[str, str], route_key: str, request_id: str, now: datetime
) -> dict[str, Any]:
    domain = headers.get("host", "").partition(":")[0]
    return {
        "accountId": ACCOUNT,
        "apiId": API_ID,
        "domainName": domain,
        "domainPrefix": domain.partition(".")[0],
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": request.protocol,
            "sourceIp": request.source_ip,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": request_id,
        "routeKey": route_key,
        "stage": "$default",
        "time": now.astimezone(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(now.timestamp() * 1000),
    }


def _text(body: bytes, headers: Mapping[str, str]) -> str | None:
    """The body as text, or None where AWS hands it over in base64."""
    kind = headers.get("content-type", "text/plain").partition(";")[0].strip().lower()
    textual = kind.startswith(_TEXT_TYPES) or kind.endswith(("+json", "+xml"))
    if not textual or "content-encoding" in headers:
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


class MalformedReplyError(Exception):
    """The handler's return value is not one that an HTTP API accepts."""


def reply(payload: bytes) -> HttpReply:
    """The HTTP answer for a handler's return value as JSON. Raises MalformedReplyError."""
    try:
        value = json.loads(payload)
    except ValueError as error:
        raise MalformedReplyError(str(error)) from error
    if not isinstance(value, dict) or "statusCode" not in value:
        # "If your Lambda function returns valid JSON and doesn't return a statusCode, API Gateway assumes
        # statusCode 200, content-type application/json, and that the body is the function's response."
        body = value.encode() if isinstance(value, str) else payload
        return HttpReply(200, [("Content-Type", "application/json")], body)
    try:
        headers = _reply_headers(value.get("headers") or {}, value.get("cookies") or [])
        return HttpReply(_status(value["statusCode"]), headers, _reply_body(value))
    except (TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise MalformedReplyError(str(error)) from error


def _status(value: Any) -> int:
    status = int(value)
    if isinstance(value, bool) or not 100 <= status <= 599:
        raise ValueError(f"statusCode {value!r}")
    return status


def _reply_headers(given: Mapping[str, Any], cookies: Sequence[str]) -> list[tuple[str, str]]:
    headers = [
        (name, json.dumps(value) if isinstance(value, bool) else str(value))
        for name, value in given.items()
        if name.lower() not in _SET_BY_GATEWAY
    ]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "text/plain; charset=utf-8"))
    return headers + [("Set-Cookie", cookie) for cookie in cookies]


def _reply_body(value: Mapping[str, Any]) -> bytes:
    body = value.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise TypeError("body is not a string")
    return base64.b64decode(body, validate=True) if value.get("isBase64Encoded") else body.encode()
