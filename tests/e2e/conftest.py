"""One running sandbox for the folder: the command a person starts, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from sandbox.running import Running, running


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Running]:
    with running("--incidents", "8000") as started:
        yield started


@pytest.fixture(scope="session")
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session
