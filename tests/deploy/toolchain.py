"""The tools that deploy: sam in its own virtual environment, and a Python of the version that Lambda runs.

The rule: what is missing skips a test with the command that would supply it; what is there and fails, fails.
"""

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
SAM_BIN = ROOT / ".venv-sam" / "bin"
HERE = Path(__file__).resolve().parent

# Names as Lambda spells them.
OWN_ARCHITECTURE = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"


def run(command: Sequence[str | Path], environment: Mapping[str, str]) -> str:
    """What `command` printed; pytest fails with everything it said if it did not exit with 0."""
    done = subprocess.run(  # noqa: S603 - fixed commands of this repository
        [str(part) for part in command], cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.fail(f"{command[0]} exited with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def sam_environment(**more: str) -> dict[str, str]:
    """An environment for sam: no account, no telemetry, nothing of an outer make."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE", "MFLAGS"))}
    return {**inherited, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1", **more}


def require_sam() -> None:
    """Skips where `make test` has not installed sam."""
    if not (SAM_BIN / "sam").exists():
        pytest.skip("aws-sam-cli is not installed in .venv-sam; `make test` installs it")


def python_of_lambda() -> Path:
    """The folder of a Python 3.13; skips, with what the search said, where there is none."""
    found = subprocess.run(
        ["make", "--no-print-directory", "find-python3.13"],  # noqa: S607 - the make on the PATH, as everyone runs it
        cwd=ROOT, env=sam_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if found.returncode != 0:
        pytest.skip(found.stderr.strip().splitlines()[0])
    return Path(found.stdout.strip())


def translate(template: Path = TEMPLATE) -> dict[str, Any]:
    """The template as CloudFormation."""
    require_sam()
    translated: dict[str, Any] = json.loads(
        run([SAM_BIN / "python", HERE / "translate.py", template], sam_environment())
    )
    return translated


def build(architecture: str, folder: Path) -> None:
    """`sam build` for one processor into `folder`, as `make build` does it."""
    python = python_of_lambda()
    environment = sam_environment(LAYER_ARCHITECTURE=architecture, PATH=f"{python}{os.pathsep}{os.environ['PATH']}")
    override = f"Architecture={architecture}"
    run([SAM_BIN / "sam", "build", "--build-dir", folder, "--parameter-overrides", override], environment)
