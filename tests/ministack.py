"""A fixture: an embedded DynamoDB on loopback, which refuses more of what the real one refuses than moto does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from sandbox.aws import Aws
from sandbox.children import Children


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its endpoint, one for all tests of a worker."""
    children = Children()
    children.open()
    aws = Aws(children, tmp_path_factory.mktemp("ministack"), None)
    with asyncio.Runner() as runner:
        try:
            runner.run(aws.start())
            yield aws.endpoint
        finally:
            runner.run(aws.stop())
            children.close()
