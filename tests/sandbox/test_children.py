"""Children start only while there is somebody to end them, and the end reaches all of a child's own children."""

import asyncio
import sys
from pathlib import Path

import pytest

from sandbox.children import Children
from tests.sandbox.toy import some_children

FAMILY = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(99)"])
print("up", flush=True)
time.sleep(99)
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(99)"


@pytest.mark.parametrize(
    "program", [pytest.param(FAMILY, id="one with a child of its own"), pytest.param(STUBBORN, id="one that will not")]
)
def test_ending_a_child_ends_its_whole_group(program: str, tmp_path: Path) -> None:
    async def scenario() -> None:
        with some_children() as children:
            process = await children.start([sys.executable, "-c", program], {}, tmp_path)
            assert process.stdout is not None
            assert await process.stdout.readline() == b"up\n"
            await children.end(process, 0.2)
            # The pipe ends only when everybody who holds it is gone.
            assert await process.stdout.read() == b""

    asyncio.run(scenario())


def test_no_child_starts_when_nobody_would_end_it(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        asyncio.run(Children().start([sys.executable, "-c", ""], {}, tmp_path))
