"""HTTP to payload 2.0 and back, as tables."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox import payload
from sandbox.payload import HttpReply, HttpRequest, MalformedReplyError, RouteMatch
from sandbox.template import Route

NOW = datetime(2026, 3, 2, 9, 5, 7, 250_000, tzinfo=UTC)
DEFAULT = Route("$default", "F")


def made(
    target: str = "/", headers: list[tuple[str, str]] | None = None, body: bytes = b"", method: str = "GET"
) -> Any:
    given = [("Host", "127.0.0.1:8787"), *(headers or [])]
    request = HttpRequest(method, target, given, body, "127.0.0.1")
    return payload.event(request, RouteMatch(DEFAULT, {}), "JKJaXmPLvHcESHA=", NOW, "Root=1-2-3")


def test_a_whole_event() -> None:
    event = made("/v1/a%20b?x=1", [("User-Agent", "curl/8"), ("Cookie", "c=1; d=2")], b"{}", "POST")
    assert event == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/v1/a b",
        "rawQueryString": "x=1",
        "cookies": ["c=1", "d=2"],
        "headers": {
            "content-length": "2",
            "host": "127.0.0.1:8787",
            "user-agent": "curl/8",
            "x-amzn-trace-id": "Root=1-2-3",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "8787",
            "x-forwarded-proto": "http",
        },
        "queryStringParameters": {"x": "1"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "sandbox000",
            "domainName": "127.0.0.1",
            "domainPrefix": "127",
            "http": {
                "method": "POST",
                "path": "/v1/a b",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "curl/8",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "02/Mar/2026:09:05:07 +0000",
            "timeEpoch": 1772442307250,
        },
        "body": "{}",
        "isBase64Encoded": False,
    }


def test_what_a_request_does_not_have_its_event_does_not_have() -> None:
    event = made("/v1")
    assert event["rawQueryString"] == ""
    assert event["isBase64Encoded"] is False
    assert {"cookies", "queryStringParameters", "pathParameters", "body"}.isdisjoint(event)


@pytest.mark.parametrize(
    ("target", "raw_path", "raw_query", "parameters"),
    [
        pytest.param("/a?page=1&page=2", "/a", "page=1&page=2", {"page": "1,2"}, id="a repeated one is joined"),
        pytest.param("/a?q=a%2Cb+c%20d&e", "/a", "q=a%2Cb+c%20d&e", {"q": "a,b c d", "e": ""}, id="raw stays as sent"),
        pytest.param("/a?", "/a", "", None, id="an empty query is no query"),
        pytest.param("/%E2%82%AC/x", "/€/x", "", None, id="the path is decoded"),
        pytest.param("/a%3Fb?c=d", "/a", "c=d", {"c": "d"}, id="the path ends at a decoded question mark"),
        pytest.param("/a%2Fb", "/a/b", "", None, id="an encoded slash is a slash"),
        pytest.param("//a//b", "//a//b", "", None, id="empty segments stay"),
    ],
)
def test_path_and_query(target: str, raw_path: str, raw_query: str, parameters: dict[str, str] | None) -> None:
    event = made(target)
    assert (event["rawPath"], event["rawQueryString"]) == (raw_path, raw_query)
    assert event["requestContext"]["http"]["path"] == raw_path
    assert event.get("queryStringParameters") == parameters


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param(
            [("X-Multi", "a"), ("X-MULTI", "b")], {"x-multi": "a,b"}, id="a repeated header is joined by a comma"
        ),
        pytest.param([("ACCEPT", "a/b")], {"accept": "a/b"}, id="names are lower case"),
        pytest.param([("Cookie", "c=1")], {"cookie": None}, id="cookies are not headers"),
        pytest.param(
            [("Connection", "close"), ("Expect", "100-continue")], {"connection": None, "expect": None}, id="hops stay"
        ),
        pytest.param(
            [("X-Forwarded-For", "9.9.9.9")], {"x-forwarded-for": "9.9.9.9, 127.0.0.1"}, id="the peer is appended"
        ),
        pytest.param(
            [("X-Amzn-Trace-Id", "forged")], {"x-amzn-trace-id": "Root=1-2-3"}, id="the trace is the gateway's"
        ),
        pytest.param([], {"content-length": "0"}, id="an absent body has a length"),
    ],
)
def test_headers(headers: list[tuple[str, str]], expected: dict[str, str | None]) -> None:
    event = made(headers=headers)
    assert {name: event["headers"].get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("headers", "body", "text", "encoded"),
    [
        pytest.param([("Content-Type", "application/json")], '{"ü":1}'.encode(), '{"ü":1}', False, id="JSON is text"),
        pytest.param([("Content-Type", "application/problem+xml")], b"<a/>", "<a/>", False, id="+xml is text"),
        pytest.param([], b"a=b", "a=b", False, id="no type is text"),
        pytest.param([("Content-Type", "text/csv; charset=utf-8")], b"\xff", "/w==", True, id="text that is not UTF-8"),
        pytest.param([("Content-Type", "image/png")], b"ab", "YWI=", True, id="an image is not text"),
        pytest.param([("Content-Type", "application/x-www-form-urlencoded")], b"a=b", "YT1i", True, id="a form is not"),
        pytest.param(
            [("Content-Type", "application/json"), ("Content-Encoding", "gzip")], b"ab", "YWI=", True, id="nor is gzip"
        ),
    ],
)
def test_bodies(headers: list[tuple[str, str]], body: bytes, text: str, encoded: bool) -> None:
    event = made(headers=headers, body=body, method="POST")
    assert (event["body"], event["isBase64Encoded"]) == (text, encoded)


ROUTES = (
    DEFAULT,
    Route("ANY /admin/v1/{proxy+}", "Admin"),
    Route("GET /admin/v1/health", "Health"),
    Route("GET /things/{id}", "Thing"),
    Route("ANY /things/{id}", "AnyThing"),
)


@pytest.mark.parametrize(
    ("method", "path", "function", "parameters"),
    [
        pytest.param("GET", "/v1/x", "F", {}, id="anything else is the default route's"),
        pytest.param("POST", "/admin/v1/a/b", "Admin", {"proxy": "a/b"}, id="a greedy segment takes the rest"),
        pytest.param("GET", "/admin/v1/", "F", {}, id="but not an empty one"),
        pytest.param("GET", "//admin/v1/a", "F", {}, id="nor behind an empty segment"),
        pytest.param("GET", "/admin/v1", "F", {}, id="and not nothing"),
        pytest.param("GET", "/admin/v1/health", "Health", {}, id="a full match before a greedy one"),
        pytest.param("POST", "/admin/v1/health", "Admin", {"proxy": "health"}, id="of that method only"),
        pytest.param("GET", "/things/7", "Thing", {"id": "7"}, id="a method before ANY"),
        pytest.param("PUT", "/things/7", "AnyThing", {"id": "7"}, id="ANY takes the other methods"),
        pytest.param("GET", "/things/7/parts", "F", {}, id="a longer path does not match"),
    ],
)
def test_routes(method: str, path: str, function: str, parameters: dict[str, str]) -> None:
    matched = payload.match(ROUTES, method, path)
    assert matched is not None
    assert (matched.route.function, dict(matched.path_parameters)) == (function, parameters)


def test_without_a_default_route_some_paths_have_none() -> None:
    assert payload.match(ROUTES[1:], "GET", "/elsewhere") is None


TEXT = ("Content-Type", "text/plain; charset=utf-8")
JSON = ("Content-Type", "application/json")


@pytest.mark.parametrize(
    ("returned", "reply"),
    [
        pytest.param({"statusCode": 204}, HttpReply(204, [TEXT], b""), id="a status alone"),
        pytest.param({"statusCode": "201", "body": "ü"}, HttpReply(201, [TEXT], "ü".encode()), id="a status as text"),
        pytest.param(
            {"statusCode": 200, "headers": {"content-type": "a/b", "X-N": 7, "X-B": True}, "body": "x"},
            HttpReply(200, [("content-type", "a/b"), ("X-N", "7"), ("X-B", "true")], b"x"),
            id="headers as they are",
        ),
        pytest.param(
            {"statusCode": 200, "headers": {"Content-Type": "a/b"}, "cookies": ["a=1", "b=2"]},
            HttpReply(200, [("Content-Type", "a/b"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], b""),
            id="cookies",
        ),
        pytest.param(
            {"statusCode": 200, "body": "/w==", "isBase64Encoded": True}, HttpReply(200, [TEXT], b"\xff"), id="binary"
        ),
        pytest.param(
            {"statusCode": 200, "headers": {"Content-Length": "9", "Connection": "close", "Date": "x"}},
            HttpReply(200, [TEXT], b""),
            id="what the gateway sets is not the handler's",
        ),
        pytest.param(
            {"hello": "world"}, HttpReply(200, [JSON], b'{"hello": "world"}'), id="no status: the value is the body"
        ),
        pytest.param("hello", HttpReply(200, [JSON], b"hello"), id="a string is its own body"),
    ],
)
def test_replies(returned: Any, reply: HttpReply) -> None:
    assert payload.reply(json.dumps(returned).encode()) == reply


@pytest.mark.parametrize(
    "returned",
    [
        pytest.param(b"not json", id="not JSON"),
        pytest.param(b'{"statusCode": "many"}', id="a status in words"),
        pytest.param(b'{"statusCode": 7}', id="a status that is none"),
        pytest.param(b'{"statusCode": 200, "body": {"a": 1}}', id="a body that is no text"),
        pytest.param(b'{"statusCode": 200, "headers": ["a"]}', id="headers that are a list"),
        pytest.param(b'{"statusCode": 200, "body": "*", "isBase64Encoded": true}', id="base64 that is none"),
    ],
)
def test_malformed_replies(returned: bytes) -> None:
    with pytest.raises(MalformedReplyError):
        payload.reply(returned)
