"""The upstream of this run: the simulator as a child process, or a real one that somebody named."""

import asyncio
import contextlib
import getpass
import os
import sys
from asyncio.subprocess import Process
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from sandbox.children import Children
from sandbox.line_reader import read_lines
from sandbox.loopback import PortInUseError, listen
from sandbox.options import ROOT

SIMULATED_TOKEN = "simulated-client-access-token"  # noqa: S105 - invented, opens invented data only
_TOKEN_VARIABLE = "HALLPASS_UPSTREAM_TOKEN"  # noqa: S105 - a variable's name
_STARTS_WITHIN = 60.0


class UpstreamError(Exception):
    """There is no upstream to work with."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where incidents come from, and the district's credential there."""

    url: str
    token: str = field(repr=False)


class Source(Protocol):
    """What gives an Upstream and may have to be ended."""

    async def start(self) -> Upstream:
        """Raises UpstreamError."""

    async def stop(self) -> None:
        """Ends what start began."""


class RealUpstream:
    """An upstream that somebody named on the command line, which has checked that a token may be sent there."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def start(self) -> Upstream:
        """Asks for the token if the environment has none. Raises UpstreamError."""
        token = os.environ.get(_TOKEN_VARIABLE, "")
        if not token and sys.stdin.isatty():
            token = await asyncio.to_thread(getpass.getpass, f"Client access token for {self._url}: ")
        if not token:
            raise UpstreamError(f"--upstream needs the district's client access token: set {_TOKEN_VARIABLE}")
        return Upstream(self._url, token)

    async def stop(self) -> None:
        """Nothing was begun."""


class SimulatedUpstream:
    """`python -m sandbox.simulator` as a child. With a folder for state it keeps its port over restarts."""

    def __init__(self, children: Children, incidents: int, state: Path | None) -> None:
        self._children, self._incidents, self._state = children, incidents, state
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._lines: list[str] = []
        self._heard = asyncio.Event()

    async def start(self) -> Upstream:
        """Waits for its first line, the URL. Raises UpstreamError with what it said instead."""
        port = self._port()
        command = [sys.executable, "-m", "sandbox.simulator", "--port", str(port)]
        command += ["--incidents", str(self._incidents), "--account", f"demo={SIMULATED_TOKEN}"]
        environment = {"PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}
        self._process = await self._children.start(command, environment, ROOT)
        assert self._process.stdout is not None
        self._reading = asyncio.create_task(self._read(self._process.stdout))
        async with asyncio.timeout(_STARTS_WITHIN):
            await self._heard.wait()
        first = self._lines[0] if self._lines else "it said nothing"
        if not first.startswith("http://"):
            raise UpstreamError(f"the simulator did not start: {first}")
        self._keep_port(first)
        return Upstream(first, SIMULATED_TOKEN)

    async def stop(self) -> None:
        """Ends it."""
        if self._process is not None:
            await self._children.end(self._process, 3.0)
        if self._reading is not None:
            await self._reading

    async def _read(self, output: asyncio.StreamReader) -> None:
        def put(line: str) -> None:
            if len(self._lines) < 20:
                self._lines.append(line)
            self._heard.set()

        await read_lines(output, put)
        self._heard.set()

    def _port(self) -> int:
        # The upstream's address is part of what is stored: another port would be another upstream.
        kept = self._state / "simulator-port" if self._state else None
        if kept is None or not kept.is_file():
            return 0
        with contextlib.suppress(PortInUseError, ValueError), listen(int(kept.read_text(encoding="ascii"))) as free:
            port: int = free.getsockname()[1]
            return port
        return 0

    def _keep_port(self, url: str) -> None:
        if self._state is not None:
            port = str(urlsplit(url).port)
            (self._state / "simulator-port").write_text(port, encoding="ascii")
