"""Cold start is a feature: the data plane imports only what it runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.aws_tables import CREDENTIALS
from tests.vendor.deployed import ENVIRONMENT

ROOT = Path(__file__).parents[2]
HEAVY = (
    "pydantic",
    "aws_xray_sdk",
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.utilities.parameters",
)


def test_the_vendor_handler_imports_no_control_plane_library() -> None:
    code = "import functions.vendor_api.app, sys; print(*sorted(sys.modules))"
    environment = {
        **CREDENTIALS,
        **ENVIRONMENT,
        "UPSTREAM_URL": "https://upstream.example/incidents.xml",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'layers/hallpass'}",
    }
    done = subprocess.run(  # noqa: S603  # our own interpreter, our own words
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    loaded = done.stdout.split()
    assert "hallpass.services.vendor_api" in loaded
    assert [name for name in loaded if name.startswith(HEAVY)] == []
