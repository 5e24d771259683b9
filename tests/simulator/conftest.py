"""Simulators for these tests: a small one nobody changes, and one for each test that does."""

from collections.abc import Iterator

import pytest
import requests

from sandbox.simulator import Account, RunningSimulator, Settings, running_simulator

SMALL = Settings(
    incidents=90,
    page_size=20,
    accounts=(Account("demo", "demo-token"), Account("other", "other-token", incidents=30)),
)


@pytest.fixture(scope="module")
def steady() -> Iterator[RunningSimulator]:
    """Shared by a module's tests, which only read."""
    with running_simulator(SMALL) as simulator:
        yield simulator


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    """A test's own."""
    with running_simulator(SMALL) as simulator:
        yield simulator


@pytest.fixture
def client() -> Iterator[requests.Session]:
    """A session with the first account's token and nothing from the environment."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = "Bearer demo-token"
        yield session
