"""AWS credentials of nobody, for everything in this folder."""

from __future__ import annotations

import pytest

from tests.aws_tables import CREDENTIALS


@pytest.fixture(autouse=True)
def nobodys_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Hallpass")
