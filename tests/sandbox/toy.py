"""Toy functions for the sandbox's tests, and a log that keeps what it is given."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.children import Children
from sandbox.lambda_environment import Host
from sandbox.outcome import Answer, Failure, Outcome
from sandbox.template import Function
from sandbox.worker_pool import WorkerPool

TOYS = Path(__file__).with_name("toys")
TRACE = "Root=1-00000000-000000000000000000000000"


@dataclass
class KeptStream:
    name: str
    lines: list[str]

    def put(self, line: str) -> None:
        self.lines.append(line)


@dataclass
class KeptLogs:
    lines: list[str] = field(default_factory=list)

    groups: set[str] = field(default_factory=set)

    def stream(self, group: str, name: str) -> KeptStream:
        self.groups.add(group)
        return KeptStream(name, self.lines)

    def platform(self, kind: str) -> list[dict[str, Any]]:
        told = [json.loads(line) for line in self.lines if line.startswith('{"time"')]
        return [line["record"] for line in told if line["type"] == f"platform.{kind}"]


def function(name: str, **changes: Any) -> Function:
    settings: dict[str, Any] = {
        "logical_id": name.title(),
        "name": f"toys-{name}",
        "handler": "app.handler",
        "code": TOYS / name,
        "runtime": "python3.13",
        "environment": {"COLOUR": "green"},
        "timeout": 20.0,
        "memory": 256,
        "layers": (TOYS / "layer",),
        "log_group": f"/toys/{name}",
        "log_format": "JSON",
        "log_level": "INFO",
    }
    return Function(**{**settings, **changes})


@contextmanager
def some_children() -> Iterator[Children]:
    children = Children()
    children.open()
    try:
        yield children
    finally:
        children.close()


@asynccontextmanager
async def pool(
    toy: Function, home: Path, *, size: int = 1, plain: bool = False, logs: KeptLogs | None = None
) -> AsyncIterator[WorkerPool]:
    host = Host("http://127.0.0.1:1", home)
    with some_children() as children:
        opened = WorkerPool(toy, host, children, (logs or KeptLogs()).stream, size, plain=plain)
        await opened.open()
        try:
            yield opened
        finally:
            await opened.close()


async def ask(opened: WorkerPool, **event: Any) -> Outcome:
    return await opened.invoke(json.dumps(event).encode(), TRACE)


def answer(outcome: Outcome) -> Any:
    assert isinstance(outcome, Answer), outcome
    return json.loads(outcome.payload)


def failure(outcome: Outcome) -> Failure:
    assert isinstance(outcome, Failure), outcome
    return outcome


async def until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)
