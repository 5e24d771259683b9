"""The simulator as an HTTP server: requests in, bytes out, on loopback.

The rule: nothing outlives it. Whatever is being played waits on the same stop event, so leaving the
context ends every task and closes every connection.
"""

import asyncio
import ssl
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from sandbox.simulator.catalogue import play
from sandbox.simulator.control import Control
from sandbox.simulator.control_api import PREFIX, handle_control
from sandbox.simulator.recording import RecordedRequest
from sandbox.simulator.replies import Exchange
from sandbox.simulator.settings import Settings
from sandbox.simulator.upstream import PATH, Answer, Upstream, bearer, plain
from sandbox.simulator.wire import EndedError, Wire, framed

LOOPBACK = "127.0.0.1"


class Written(web.StreamResponse):
    """Stands for a response that is on the wire already: the HTTP library writes nothing."""

    def __init__(self, *, keep: bool) -> None:
        """`keep`: whether the connection waits for another request."""
        super().__init__()
        self._keep = keep

    @property
    def keep_alive(self) -> bool | None:
        """What the library asks before it closes a connection."""
        return self._keep

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """The status line and headers were written."""

    async def write_eof(self, data: bytes = b"") -> None:
        """So was the body."""


class Simulator:
    """`async with Simulator(Settings()) as simulator`: serving at `simulator.url` until the end of the block."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Port 0 takes a free one. With `tls` it speaks HTTPS. `clock` is what the rate limit reads."""
        self.control = Control(Upstream(settings or Settings(), clock))
        self.port = port
        self._tls = tls
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._open: list[asyncio.Transport] = []

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{'https' if self._tls else 'http'}://{LOOPBACK}:{self.port}"

    @property
    def url(self) -> str:
        """Where the incidents are."""
        return f"{self.origin}{PATH}"

    @property
    def requests(self) -> list[RecordedRequest]:
        """What clients asked so far, oldest first, the control API's own requests not included."""
        return self.control.recording.kept()

    async def __aenter__(self) -> Self:
        """Listen; raises OSError if the port is taken."""
        app = web.Application(handler_args={"access_log": None, "max_field_size": 131_072})
        app.router.add_route("*", PREFIX + "{rest:.*}", self._handle_control)
        app.router.add_route("*", "/{rest:.*}", self._handle)
        app.on_shutdown.append(self._stop_playing)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=2.0)
        await self._runner.setup()
        try:
            site = web.TCPSite(self._runner, LOOPBACK, self.port, ssl_context=self._tls)
            await site.start()
        except OSError:
            await self._runner.cleanup()
            raise
        self.port = site.port
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what is being played, close every connection, stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
        # Closing waits for bytes nobody reads and for TLS goodbyes nobody sends; the loop would end before.
        for transport in self._open:
            transport.abort()
        await asyncio.sleep(0)

    async def _stop_playing(self, _: web.Application) -> None:
        self._stopping.set()
        if self._runner is not None and self._runner.server is not None:
            handlers = self._runner.server.connections
            self._open = [handler.transport for handler in handlers if handler.transport is not None]

    async def _handle_control(self, request: web.Request) -> web.StreamResponse:
        return await handle_control(self.control, request)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        """Record, then play the fault that waits for this request or answer it."""
        transport = request.transport
        if transport is None:
            return Written(keep=False)
        seen = recorded(request)
        self.control.recording.add(seen)
        wire = Wire(transport, self._stopping, keep=request.keep_alive)
        try:
            await self._respond(seen, wire)
        except EndedError:
            wire.reset()
        return Written(keep=wire.keep)

    async def _respond(self, seen: RecordedRequest, wire: Wire) -> None:
        upstream = self.control.upstream
        fault = self.control.queue.take(seen.query.get("page", "1"))
        if fault is not None:
            token = bearer(seen.headers.get("authorization", ""))
            await play(Exchange(fault, upstream.good(seen.raw_query, seen.headers), token), wire)
            return
        if upstream.settings.latency:
            await wire.pause(upstream.settings.latency)
        await wire.write(framed(answered(upstream, seen)))


def answered(upstream: Upstream, seen: RecordedRequest) -> Answer:
    """The right answer; the upstream documents GET and nothing else."""
    if seen.method != "GET":
        return plain(405, "Method Not Allowed", ("Allow", "GET"))
    return upstream.answer(seen.path, seen.raw_query, seen.headers)


def recorded(request: web.BaseRequest) -> RecordedRequest:
    """The request as it came: target and headers not decoded, not merged, not in another case."""
    lines = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers)
    return RecordedRequest(request.method, request.raw_path, lines)
