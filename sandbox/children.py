"""Child processes that never outlive the sandbox.

Each child leads a process group of its own, so Ctrl-C in a terminal reaches the sandbox alone, which then ends
the children in order. A reaper process holds one end of a pipe: when the sandbox dies without a word, killed
even, the pipe closes and the reaper ends every group that is left.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

_REAPER = Path(__file__).with_name("reaper.py")


class Children:
    """Starts children and sees to their end."""

    def __init__(self) -> None:
        self._reaper: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        """Starts the reaper; before the first child."""
        self._reaper = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_REAPER)], stdin=subprocess.PIPE, start_new_session=True
        )

    def close(self) -> None:
        """Ends the reaper, which ends whatever was left."""
        if self._reaper is None:
            return
        _pipe(self._reaper).close()
        self._reaper.wait()
        self._reaper = None

    async def start(
        self, command: Sequence[str], environment: Mapping[str, str], cwd: Path, descriptors: Sequence[int] = ()
    ) -> Process:
        """A child in a group of its own, its stdout and stderr one pipe, its stdin empty.

        It inherits the open `descriptors` and no other.
        """
        if self._reaper is None:
            raise RuntimeError("no child may start when nobody would end it")
        process = await asyncio.create_subprocess_exec(
            *command,
            env=dict(environment),
            cwd=cwd,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            start_new_session=True,
            pass_fds=tuple(descriptors),
        )
        self._tell(f"+{process.pid}")
        return process

    def forget(self, process: Process) -> None:
        """Its process is gone; its number may soon be somebody else's."""
        self._tell(f"-{process.pid}")

    async def end(self, process: Process, grace: float) -> None:
        """SIGTERM, then SIGKILL after `grace` seconds, to the child's whole group."""
        if process.returncode is None:
            send(process, signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), grace)
            except TimeoutError:
                send(process, signal.SIGKILL)
                await process.wait()
        self.forget(process)

    def _tell(self, line: str) -> None:
        if self._reaper is not None:
            with contextlib.suppress(BrokenPipeError):
                _pipe(self._reaper).write(f"{line}\n".encode())
                _pipe(self._reaper).flush()


def _pipe(reaper: subprocess.Popen[bytes]) -> IO[bytes]:
    assert reaper.stdin is not None
    return reaper.stdin


def send(process: Process, number: signal.Signals) -> None:
    """Signals the child's group, if it is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
