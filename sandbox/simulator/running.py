"""A simulator on a thread of its own, for tests and tools that do not run an event loop.

The rule: when the block ends the server, its loop and its thread have ended too.
"""

import asyncio
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass

from sandbox.simulator.control import Control
from sandbox.simulator.recording import RecordedRequest
from sandbox.simulator.server import Simulator
from sandbox.simulator.settings import Settings


@dataclass(frozen=True, slots=True)
class RunningSimulator:
    """A serving simulator: where it is, what it was asked, how to change it."""

    origin: str
    url: str
    port: int
    control: Control

    @property
    def requests(self) -> list[RecordedRequest]:
        """What clients asked so far, oldest first."""
        return self.control.recording.kept()

    @property
    def token(self) -> str:
        """The client access token of the first account."""
        return self.control.upstream.settings.accounts[0].token


@contextmanager
def running_simulator(
    settings: Settings | None = None,
    *,
    port: int = 0,
    tls: ssl.SSLContext | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[RunningSimulator]:
    """Serve on a thread until the block ends. Arguments as for `Simulator`; OSError if the port is taken."""
    started: Future[tuple[Simulator, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        finished = asyncio.Event()
        async with Simulator(settings, port=port, tls=tls, clock=clock) as simulator:
            started.set_result((simulator, asyncio.get_running_loop(), finished))
            await finished.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            # Before the start the caller waits for it; later there is nobody but the thread's own hook.
            if started.done():
                raise
            started.set_exception(error)

    thread = threading.Thread(target=run, name="simulator", daemon=True)
    thread.start()
    try:
        simulator, loop, finished = started.result()
    except BaseException:
        thread.join()
        raise
    try:
        yield RunningSimulator(simulator.origin, simulator.url, simulator.port, simulator.control)
    finally:
        loop.call_soon_threadsafe(finished.set)
        thread.join()
