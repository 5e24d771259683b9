"""The upstream over HTTP: one page a call, with requests and one pooled session a container.

Rule: a call ends inside its budget with a whole page or with one row of the table of upstream answers; neither
the upstream's text nor the credential is in what it raises, logs or gives. Of the environment it reads nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPMessage
from http.cookiejar import DefaultCookiePolicy
from random import SystemRandom

import requests
import urllib3
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from hallpass.adapters.bounded_body import read_page
from hallpass.adapters.deadline_connection import (
    DeadlineAdapter,
    DeadlineConnection,
    StaleConnectionError,
    trusting_context,
)
from hallpass.adapters.upstream_url import UpstreamUrl
from hallpass.domain.http_caching import Headers
from hallpass.domain.kept_fields import caching_fields
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.secret import Secret
from hallpass.domain.upstream import (
    CONNECT_SECONDS,
    UpstreamAnswer,
    UpstreamCredentialsError,
    UpstreamError,
    UpstreamInvalidError,
    UpstreamResetError,
    UpstreamTimeoutError,
    judge_status,
)
from hallpass.ports import Clock

MAX_BYTES = 32 * 1024 * 1024
JITTER_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Jitter:
    """The wait before a retry. `random`: from 0 up to 1."""

    random: Callable[[], float] = SystemRandom().random
    sleep: Callable[[float], None] = time.sleep

    def wait_within(self, seconds: float) -> bool:
        """Waits, unless that leaves nothing of `seconds`."""
        wait = self.random() * JITTER_SECONDS
        if wait >= seconds:
            return False
        self.sleep(wait)
        return True


@dataclass(slots=True)
class _Call:
    """A call while it lasts. `deadline`: of the clock's monotonic seconds."""

    request: requests.PreparedRequest
    deadline: float
    conditional: bool
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class _Answer:
    """A 200's body, or a 304 without one, and the fields of either."""

    status: int
    headers: Headers
    body: bytes = field(default=b"", repr=False)


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """None is followed; without this, requests reads a redirect's whole body to prepare the next request."""


class RequestsUpstream:
    """Implements Upstream; safe to share between threads."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        version: str = "0",
        max_bytes: int = MAX_BYTES,
        connect_seconds: float = CONNECT_SECONDS,
        ca_bundle: str = DEFAULT_CA_BUNDLE_PATH,
        jitter: Jitter = Jitter(),
    ) -> None:
        """`max_bytes`: of a page, decoded. `ca_bundle`: a PEM file, instead of certifi's. Raises UpstreamUrlError."""
        self._url = UpstreamUrl.parse(url)
        self._clock = clock
        self._agent = f"hallpass/{version}"
        self._max_bytes = max_bytes
        self._connect_seconds = connect_seconds
        self._jitter = jitter
        self._session = _new_session(DeadlineAdapter(trusting_context(ca_bundle) if self._url.secure else None))

    @property
    def origin(self) -> str:
        return self._url.origin

    def close(self) -> None:
        """Closes the pooled connections."""
        self._session.close()

    def fetch(
        self, credential: Secret, query: UpstreamQuery, page: int, seconds: float, validators: Headers = ()
    ) -> UpstreamAnswer:
        """One page's bytes, at most one retry, all within `seconds`. Raises an UpstreamError."""
        started = self._clock.monotonic()
        call = _Call(self._request(credential, query, page, validators), started + seconds, bool(validators))
        outcome = self._try(call)
        if isinstance(outcome, StaleConnectionError):
            outcome = self._try(call)
        if isinstance(outcome, UpstreamError) and outcome.retry_upstream and self._jitter.wait_within(self._left(call)):
            outcome = self._try(call)
        ms = round((self._clock.monotonic() - started) * 1000)
        if isinstance(outcome, UpstreamError):
            outcome.attempts, outcome.ms = call.attempts, ms
            raise outcome
        return UpstreamAnswer(outcome.body, ms, call.attempts, outcome.headers, outcome.status)

    def _request(
        self, credential: Secret, query: UpstreamQuery, page: int, validators: Headers
    ) -> requests.PreparedRequest:
        """Raises UpstreamCredentialsError for a credential that cannot stand in a header (RFC 6750 section 2.1)."""
        token = credential.reveal()
        if not re.fullmatch("[!-~]+", token):
            raise UpstreamCredentialsError
        headers = {
            "User-Agent": self._agent,
            "Accept": "application/xml",
            "Accept-Encoding": "gzip",
            "Connection": "keep-alive",
            "Authorization": f"Bearer {token}",
            **dict(validators),
        }
        return self._session.prepare_request(requests.Request("GET", self._url.of_page(query, page), headers))

    def _left(self, call: _Call) -> float:
        return call.deadline - self._clock.monotonic()

    def _try(self, call: _Call) -> _Answer | UpstreamError:
        """An error is given back, not raised on: what it is retried or reported as must not carry its context."""
        try:
            return self._send(call)
        except UpstreamError as error:
            return error
        except requests.ConnectionError:
            return UpstreamResetError()
        except (requests.RequestException, urllib3.exceptions.HTTPError):
            return UpstreamInvalidError()

    def _send(self, call: _Call) -> _Answer:
        left = self._left(call)
        if left <= 0:
            raise UpstreamTimeoutError
        call.attempts += 1
        timeout = urllib3.Timeout(total=left, connect=min(left, self._connect_seconds))
        response = self._session.send(
            call.request,
            stream=True,
            timeout=timeout,  # type: ignore[arg-type]  # requests takes urllib3's Timeout; its stubs do not say so
            allow_redirects=False,
        )
        with closing(response):
            return self._read(response, conditional=call.conditional)

    def _read(self, response: requests.Response, *, conditional: bool) -> _Answer:
        """The connection is given back for another call only behind a whole page; else it is closed."""
        unchanged = conditional and response.status_code == 304
        error = judge_status(response.status_code, response.headers.get("Retry-After"), self._clock.now())
        if error is not None and not unchanged:
            raise error
        connection = response.raw.connection
        if not isinstance(connection, DeadlineConnection) or connection.answer is None:
            raise UpstreamInvalidError
        headers = _kept(connection.answer.msg, response.request.headers.get("Authorization", ""))
        if unchanged:
            return _Answer(304, headers)
        try:
            body = read_page(connection.answer, self._max_bytes)
        except UpstreamError as unread:
            unread.upstream_status = response.status_code
            raise
        if not connection.answer.surplus:
            response.raw.release_conn()
        return _Answer(200, headers, body)


def _kept(fields: HTTPMessage, authorization: str) -> Headers:
    """What a cache needs of the answer's fields; none in which the upstream says the credential back."""
    token = authorization.partition(" ")[2]
    kept = caching_fields(tuple((name, str(value)) for name, value in fields.items()))
    return tuple((name, value) for name, value in kept if token not in value)


def _new_session(adapter: DeadlineAdapter) -> requests.Session:
    """Nothing of the environment (proxies, .netrc, CA variables), no cookies, no headers but a call's own."""
    session = _Session()
    session.trust_env = False
    session.headers.clear()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
