"""Upstream adapters that retry without waiting, certificates for them, and a simulator of the upstream."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import trustme
from hallpass.adapters.requests_upstream import Jitter, RequestsUpstream

from sandbox.simulator import RunningSimulator, Settings, running_simulator
from tests.upstream.asking import Authority, MakeUpstream, WorkingClock


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    ca = trustme.CA()
    bundle = tmp_path_factory.mktemp("authority") / "authority.pem"
    ca.cert_pem.write_to_path(str(bundle))
    return Authority(ca, bundle)


@pytest.fixture
def make_upstream() -> Iterator[MakeUpstream]:
    """Adapters that retry without waiting, closed at the end of the test."""
    with ExitStack() as stack:

        def make(url: str, **options: Any) -> RequestsUpstream:
            options = {"jitter": Jitter(random=lambda: 0.0, sleep=lambda _: None), **options}
            upstream = RequestsUpstream(url, WorkingClock(), **options)
            stack.callback(upstream.close)
            return upstream

        yield make


@pytest.fixture(scope="session")
def simulator() -> Iterator[RunningSimulator]:
    """Shared: whoever orders a fault clears it."""
    with running_simulator(Settings(incidents=40)) as running:
        yield running
