"""urllib3's connections with one deadline for all addresses and TLS, and for all reads of an answer.

Rule: a failure leaves here as a row of the table of upstream answers, so that no text of a library goes further;
TLS is verified, 1.2 or newer, whatever the caller says.
"""

from __future__ import annotations

import socket
import ssl
import time

import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from hallpass.adapters.deadline_answer import READ_FAILURES, DeadlineAnswer, judge_failure
from hallpass.domain.upstream import UpstreamResetError, UpstreamTimeoutError, UpstreamUnreachableError


class StaleConnectionError(UpstreamResetError):
    """A connection that had been used before ended without a byte of an answer: the upstream closed it meanwhile."""


class DeadlineConnection(HTTPConnection):
    """`answer`: the last one that came, or began to come."""

    answer: DeadlineAnswer | None = None
    _answers_begun = 0

    def connect(self) -> None:
        """Raises UpstreamTimeoutError or UpstreamUnreachableError; the credential was not sent then."""
        self._answers_begun = 0
        try:
            super().connect()
        except TimeoutError as error:
            raise UpstreamTimeoutError from error
        except (OSError, HTTPError, ValueError) as error:
            raise UpstreamUnreachableError from error

    def _new_conn(self) -> socket.socket:
        """A socket to the first address that answers; what is left of the time is left for TLS."""
        deadline = time.monotonic() + float(self.timeout or 0.0)
        sock = connected_socket(self.host, self.port, deadline)
        sock.settimeout(seconds_until(deadline))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def response_class(  # type: ignore[override]  # http.client calls the class; a method lets the connection keep it
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None
    ) -> DeadlineAnswer:
        self._answers_begun += 1
        self.answer = DeadlineAnswer(sock, debuglevel, method)
        return self.answer

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # as in urllib3 itself
        """Raises an UpstreamError."""
        try:
            return super().getresponse()
        except READ_FAILURES as error:
            failed = judge_failure(error)
        # Outside the except clause: the error must not carry the library's, whose text is the upstream's.
        if isinstance(failed, UpstreamResetError) and self._answers_begun > 1 and self.answer and self.answer.silent:
            raise StaleConnectionError
        raise failed


class DeadlineTLSConnection(DeadlineConnection, HTTPSConnection):
    pass


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = DeadlineConnection


class _TLSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = DeadlineTLSConnection


class DeadlineAdapter(HTTPAdapter):
    """What a requests session is to be mounted with."""

    def __init__(self, trusted: ssl.SSLContext | None) -> None:
        self._trusted = trusted
        super().__init__(pool_connections=1, pool_maxsize=8)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: object) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._trusted, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}

    def cert_verify(self, conn: object, url: object, verify: object, cert: object) -> None:
        """Nothing to add: the context holds what is trusted, and requests would load its own bundle into it."""


def trusting_context(ca_bundle: str) -> ssl.SSLContext:
    """TLS as a client, certificate and host name verified against a PEM file of authorities.

    Made by hand: `ssl.create_default_context` would obey SSLKEYLOGFILE in the environment.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(ca_bundle)
    return context


def connected_socket(host: str, port: int, deadline: float) -> socket.socket:
    """Raises OSError, of the last address tried; TimeoutError at the deadline."""
    failure: OSError | None = None
    for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            return socket.create_connection((str(address[0]), port), seconds_until(deadline))
        except OSError as error:
            failure = error
    raise failure or OSError("the name has no address")


def seconds_until(deadline: float) -> float:
    """Raises TimeoutError when there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
