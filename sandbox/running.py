"""A running sandbox for end-to-end tests and benchmarks.

It is the very command a person starts, as a child process on a free port: what a test sees is what they get.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sandbox.main import READY
from sandbox.options import ROOT

_STARTS_WITHIN = 60.0
_ENDS_WITHIN = 30.0
# A test that asks quickly is not a flood; whoever tests the throttling names these parameters.
UNTHROTTLED = dict.fromkeys(("ThrottleRate", "ThrottleBurst", "AdminThrottleRate", "AdminThrottleBurst"), "100000")


class NotRunningError(Exception):
    """The sandbox ended, or did not get ready; carries what it said."""


@dataclass(frozen=True, slots=True)
class Running:
    """Where it answers, everything of its demo file, and its process id."""

    url: str
    aws_endpoint: str
    upstream_url: str
    demo: Mapping[str, Any]
    pid: int


@contextmanager
def running(*arguments: str, parameters: Mapping[str, str] | None = None) -> Iterator[Running]:
    """`python -m sandbox` with these arguments on a free port, until the block ends.

    `parameters` are template.yaml's. Raises NotRunningError if it does not start or does not end well.
    """
    with tempfile.TemporaryDirectory(prefix="hallpass-running-") as folder:
        demo_file = Path(folder) / "demo.json"
        # Another template than ours has parameters of its own.
        assignments = {**({} if "--template" in arguments else UNTHROTTLED), **(parameters or {})}
        flags = [f"--parameter={name}={value}" for name, value in assignments.items()]
        command = ["--port", "0", "--demo-file", str(demo_file), *flags, *arguments]
        with _process(command) as process:
            demo = json.loads(demo_file.read_text(encoding="utf-8"))
            yield Running(demo["url"], demo["aws_endpoint"], demo["upstream_url"], demo, process.pid)


@contextmanager
def _process(arguments: Sequence[str]) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    output = _Output(process.stdout)
    try:
        output.wait_until_ready()
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        output.close()
    if code != 0:
        raise NotRunningError(f"the sandbox ended with {code}:\n{output.text()}")


class _Output:
    """What the child says, read as it comes so that it never has to wait."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._lines: list[str] = []
        self._decided = threading.Event()
        self._ready = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait_until_ready(self) -> None:
        """Raises NotRunningError with what was said instead."""
        self._decided.wait(_STARTS_WITHIN)
        if not self._ready:
            raise NotRunningError(f"the sandbox did not get ready:\n{self.text()}")

    def text(self) -> str:
        """Everything said so far."""
        return "".join(self._lines)

    def close(self) -> None:
        """Reads to the end."""
        self._thread.join(timeout=5)
        self._stream.close()

    def _read(self) -> None:
        for line in self._stream:
            self._lines.append(line)
            if line.strip() == READY:
                self._ready = True
                self._decided.set()
        self._decided.set()
