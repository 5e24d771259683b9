"""What the deployment tests share: the translated template, and one build for each processor.

The rule: the slow things happen once, whatever the number of test processes.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.deploy import toolchain
from tests.deploy.deployed import Deployed


@pytest.fixture(scope="session")
def deployed() -> Deployed:
    """The template as CloudFormation."""
    return Deployed(toolchain.translate())


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def build_for(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> "BuildFor":
    """A function from a processor to the folder of its build."""
    base = tmp_path_factory.getbasetemp()
    return BuildFor(base if worker_id == "master" else base.parent)


class BuildFor:
    """`sam build` into a folder that all test processes share, at most once a processor."""

    def __init__(self, shared: Path) -> None:
        self._shared = shared

    def __call__(self, architecture: str) -> Path:
        toolchain.require_sam()
        folder = self._shared / f"built-{architecture}"
        with _alone(self._shared / f"built-{architecture}.lock"):
            if not (folder / "template.yaml").exists():
                toolchain.build(architecture, folder)
        return folder
