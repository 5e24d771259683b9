"""AWS credentials of nobody, and one data plane for the whole folder: pages that were fetched stay."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.simulator import Settings
from tests.aws_tables import CREDENTIALS
from tests.vendor.deployed import Deployed, deployed


@pytest.fixture(scope="module")
def house() -> Iterator[Deployed]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**CREDENTIALS, "POWERTOOLS_METRICS_NAMESPACE": "Hallpass"}.items():
            patch.setenv(name, value)
        with deployed(Settings(incidents=60, unknown="both")) as running:
            yield running
