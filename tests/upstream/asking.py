"""How these tests ask an upstream for a page, and what they ask with."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from hallpass.adapters.requests_upstream import RequestsUpstream
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.secret import Secret
from hallpass.domain.upstream import UpstreamAnswer, UpstreamError

SECRET = Secret("invented-upstream-token")
AMPLE = 30.0
"""Seconds that no test is to use up."""
SCARCE = 0.3
"""Seconds that a test means to use up."""

MakeUpstream = Callable[..., RequestsUpstream]


@dataclass
class WorkingClock:
    """The day stands, the seconds run: sockets live in real time."""

    at: datetime = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass(frozen=True)
class Authority:
    """An invented certificate authority. `bundle`: the file that says to trust it."""

    ca: trustme.CA
    bundle: Path

    def server(self, host: str = "127.0.0.1", **particulars: Any) -> ssl.SSLContext:
        """A server's TLS with a certificate for that host."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(host, **particulars).configure_cert(context)
        return context


def ask(upstream: RequestsUpstream, seconds: float = AMPLE, credential: Secret = SECRET) -> UpstreamAnswer:
    """Page 1 of the account's default listing."""
    return upstream.fetch(credential, UpstreamQuery(), 1, seconds)


def refusal(upstream: RequestsUpstream, seconds: float = AMPLE, credential: Secret = SECRET) -> UpstreamError:
    """The error that asking for a page ends in."""
    with pytest.raises(UpstreamError) as caught:
        ask(upstream, seconds, credential)
    return caught.value
