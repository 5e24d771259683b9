"""The product's cache decisions as an HTTP cache in front of any origin, for any suite of cache tests to judge.

Rule: nothing here decides what may be kept or used; `hallpass.domain` does. Each credential is a partition of its own.

    handle = make_core(transport, store, clock)
    response = handle(Request("GET", "https://origin.test/a", (("Authorization", "Bearer one"),)))
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import TypeAlias, assert_never

from hallpass.domain.cache_decision import (
    Fetch,
    Revalidate,
    Unsatisfiable,
    Use,
    UseStale,
    judge,
    usable_on_error,
)
from hallpass.domain.cache_directives import RequestDirectives
from hallpass.domain.conditional import none_match
from hallpass.domain.http_caching import Freshness, Headers, Received, UpstreamControl, field_values
from hallpass.domain.http_dates import read_http_date
from hallpass.domain.kept_fields import end_to_end, storable, varying
from hallpass.domain.response_age import age
from hallpass.domain.revalidation import freshened, validators

from tests.http_cache_entry import Entry, decode, encode
from tests.http_cache_ports import Clock, Request, Response, Store, Transport, TransportError

__all__ = ["BY_THE_BOOK", "Clock", "Request", "Response", "Store", "Transport", "TransportError", "make_core"]

HOUR = timedelta(hours=1)
# RFC 9111 and no more: no heuristic freshness, nothing stale but on an error.
BY_THE_BOOK = Freshness(timedelta(0), timedelta(0), 24 * HOUR, UpstreamControl.HONOUR)

# Conditions and ranges are the cache's own business with its client: upstream it asks for the whole.
_NOT_FORWARDED = frozenset({"if-none-match", "if-modified-since", "if-range", "range"})
_NOT_OURS = ("if-match", "if-unmodified-since")
_CREDENTIALS = ("authorization", "cookie")
# RFC 9110 section 15.4.5.
_OF_NOT_MODIFIED = frozenset({"cache-control", "content-location", "date", "etag", "expires", "vary"})


class _FailedError(Exception):
    """The origin failed: with a 5xx, or (None) without a complete final response."""

    def __init__(self, response: Response | None = None) -> None:
        super().__init__()
        self.response = response


Handle: TypeAlias = Callable[[Request], Response]


def make_core(
    transport: Transport,
    store: Store,
    clock: Clock,
    *,
    freshness: Freshness = BY_THE_BOOK,
    cap: timedelta | None = None,
    may_refresh: bool = True,
) -> Handle:
    """`cap`: the most staleness that may answer for a failed origin. `may_refresh`: clients may ask past the cache."""
    return _Core(transport, store, clock, freshness, cap, may_refresh).handle


@dataclass(frozen=True, slots=True)
class _Core:
    transport: Transport
    store: Store
    clock: Clock
    freshness: Freshness
    cap: timedelta | None
    may_refresh: bool

    def handle(self, request: Request) -> Response:
        if request.method not in {"GET", "HEAD"} or any(field_values(request.headers, name) for name in _NOT_OURS):
            return self._pass(request)
        response = self._cached(request)
        return replace(response, body=b"") if request.method == "HEAD" else response

    def _cached(self, request: Request) -> Response:
        asked = field_values(request.headers, "cache-control"), field_values(request.headers, "pragma")
        directives = RequestDirectives.parse(*asked, may_refresh=self.may_refresh)
        entry = self._stored(request)
        decision = judge(_received(entry), directives, self.freshness, self.clock.now())
        match decision:
            case Use(ttl):
                return self._from_store(request, entry, f"hit; ttl={int(ttl.total_seconds())}")
            case UseStale(stale_for, revalidate):
                answer = self._from_store(request, entry, f"hit; ttl=-{int(stale_for.total_seconds())}")
                if revalidate:
                    self._behind(request, directives, entry)
                return answer
            case Revalidate(conditions, cause):
                return self._forward(request, directives, entry, conditions, cause)
            case Fetch():
                return self._forward(request, directives, None, (), "uri-miss")
            case Unsatisfiable():
                return Response(504, (("Cache-Status", "hallpass; detail=only-if-cached"),))
            case _:
                assert_never(decision)

    def _pass(self, request: Request) -> Response:
        try:
            response = self._send(request, request.headers)
        except _FailedError as failed:
            response = failed.response or Response(502)
        # RFC 9111 section 4.4.
        if request.method not in {"GET", "HEAD", "OPTIONS", "TRACE"} and response.status < 400:
            self.store.delete(_key(request))
        return _told(response, "fwd=method")

    def _forward(
        self, request: Request, directives: RequestDirectives, entry: Entry | None, conditions: Headers, cause: str
    ) -> Response:
        try:
            response, told = self._ask(request, directives, entry, conditions)
        except _FailedError as failed:
            seen = f"fwd={cause}" + (f"; fwd-status={failed.response.status}" if failed.response else "")
            if usable_on_error(_received(entry), directives, self.freshness, self.clock.now(), self.cap):
                return self._from_store(request, entry, f"{seen}; detail=stale-if-error")
            return _told(failed.response or Response(502), seen)
        return _told(_conditional(request, response, self.clock.now()), f"fwd={cause}; {told}")

    def _behind(self, request: Request, directives: RequestDirectives, entry: Entry | None) -> None:
        """What goes on after the answer was sent."""
        assert entry is not None
        with suppress(_FailedError):
            self._ask(request, directives, entry, validators(entry.received))

    def _ask(
        self, request: Request, directives: RequestDirectives, entry: Entry | None, conditions: Headers
    ) -> tuple[Response, str]:
        """The origin's answer, as freshened or as it came and kept if it may be. Raises _FailedError."""
        asked_at = self.clock.now()
        kept = tuple((name, value) for name, value in request.headers if name.lower() not in _NOT_FORWARDED)
        response = self._send(replace(request, method="GET"), kept + conditions)
        received = Received(response.status, _dated(response.headers, self.clock.now()), asked_at, self.clock.now())
        body = response.body
        if received.status == 304:
            if entry is None or not conditions:
                raise _FailedError
            fresher = freshened(entry.received, received)
            if fresher is None:
                return self._ask(request, directives, entry, ())
            received, body = fresher, entry.body
        stored = self._keep(request, directives, received, body)
        told = f"fwd-status={response.status}{'; stored' if stored else ''}"
        return Response(received.status, received.headers, body), told

    def _keep(self, request: Request, directives: RequestDirectives, received: Received, body: bytes) -> bool:
        key = _key(request)
        content = None
        if storable(received, self.freshness.control, directives):
            content = encode(key, Entry(received, _chosen_by(received, request), body))
        if content is None:
            # What it would have replaced is superseded all the same.
            self.store.delete(key)
            return False
        self.store.put(key, content)
        return True

    def _send(self, request: Request, headers: Headers) -> Response:
        """A complete final response below 500. Raises _FailedError."""
        try:
            response = self.transport.send(replace(request, headers=end_to_end(headers)))
        except TransportError as failed:
            raise _FailedError from failed
        if response.status < 200 or (response.status == 200 and not _complete(request, response)):
            raise _FailedError
        response = replace(response, headers=end_to_end(response.headers))
        if response.status >= 500:
            raise _FailedError(response)
        return response

    def _stored(self, request: Request) -> Entry | None:
        key = _key(request)
        entry = decode(key, self.store.get(key))
        return entry if entry and entry.chosen_by == _chosen_by(entry.received, request) else None

    def _from_store(self, request: Request, entry: Entry | None, told: str) -> Response:
        assert entry is not None
        now = self.clock.now()
        headers = tuple((name, value) for name, value in entry.received.headers if name.lower() != "age")
        seconds = int(age(entry.received, now).total_seconds())
        stored = Response(entry.received.status, (*headers, ("Age", str(seconds))), entry.body)
        return _told(_conditional(request, stored, now), told)


def _received(entry: Entry | None) -> Received | None:
    return entry.received if entry else None


def _key(request: Request) -> str:
    """Of the credential and the address: nothing of another credential's is ever looked at."""
    credentials = [field_values(request.headers, name) for name in _CREDENTIALS]
    return hashlib.sha256(json.dumps([credentials, request.url.partition("#")[0]]).encode()).hexdigest()


def _chosen_by(received: Received, request: Request) -> Headers:
    return tuple((name, ", ".join(field_values(request.headers, name))) for name in sorted(varying(received.headers)))


def _dated(headers: Headers, now: datetime) -> Headers:
    # RFC 9110 section 6.6.1: who keeps or forwards a response without Date says when it came.
    return headers if field_values(headers, "date") else (*headers, ("Date", format_datetime(now, usegmt=True)))


def _complete(request: Request, response: Response) -> bool:
    lengths = field_values(response.headers, "content-length")
    return request.method == "HEAD" or all(length == str(len(response.body)) for length in lengths)


def _conditional(request: Request, response: Response, now: datetime) -> Response:
    """304 where the client has it already (RFC 9110 section 13.2.2, RFC 9111 section 4.3.2)."""
    if response.status != 200 or not _unchanged(request, response, now):
        return response
    allowed = _OF_NOT_MODIFIED | (frozenset() if field_values(response.headers, "etag") else {"last-modified"})
    kept = tuple((name, value) for name, value in response.headers if name.lower() in allowed | {"age", "cache-status"})
    return Response(304, kept)


def _unchanged(request: Request, response: Response, now: datetime) -> bool:
    tags = field_values(request.headers, "if-none-match")
    if tags:
        tag = "".join(field_values(response.headers, "etag")[:1]).removeprefix("W/")
        return not none_match(", ".join(tags), tag) if tag else tags == ["*"]
    since = [read_http_date(value, now) for value in field_values(request.headers, "if-modified-since")]
    modified = [read_http_date(value, now) for value in field_values(response.headers, "last-modified")]
    match since, modified:
        case [datetime() as then], [datetime() as last]:
            return last <= then
        case _:
            return False


def _told(response: Response, told: str) -> Response:
    return replace(response, headers=(*response.headers, ("Cache-Status", f"hallpass; {told}")))
