"""What every test may use: golden files, and how hard Hypothesis looks."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.log_sink import complaints

GOLDEN = Path(__file__).parent / "golden"

# No deadline: a busy machine is no failure. The long profile is `make test-long`.
settings.register_profile("short", deadline=None, max_examples=100)
settings.register_profile("long", deadline=None, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write what the code says now into tests/golden")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that passed has failed all the same if what the product printed meanwhile is no log to be kept."""
    report = yield
    if report.passed and (found := list(complaints(report.capstdout + report.capstderr))):
        report.outcome, report.longrepr = "failed", "\n".join(["the product's log:", *found])
    return report


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, object], None]:
    """Compares a JSON value with its golden file. A changed file is a decision that a reviewer sees."""

    def compare(name: str, value: object) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        assert value == json.loads(path.read_text(encoding="utf-8"))

    return compare
