"""The programs of docs/quickstart.md, as they stand there, ready to be run.

The rule: what runs one is there wherever the tests are, but for curl and PHP: those skip with the word what is missing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

from press.site import SOURCES

QUICKSTART = SOURCES / "quickstart.md"
LANGUAGES = ("python", "javascript", "php")
_SUFFIX = {"python": ".py", "javascript": ".mjs", "php": ".php"}


def code(language: str) -> str:
    """The one block of that language; of `sh` all, in order."""
    found = re.findall(rf"```{language}\n(.*?)```", QUICKSTART.read_text(encoding="utf-8"), re.DOTALL)
    assert len(found) == (2 if language == "sh" else 1)
    return "".join(found)


def runtime(language: str) -> str:
    if language == "python":
        return sys.executable
    if language == "javascript":
        # The Node that drives the browser in the tests.
        return str(compute_driver_executable()[0])
    php = shutil.which("php")
    if php is None or "curl" not in run([php, "-m"], {}).stdout.split():
        pytest.skip("PHP with its curl extension is not installed; on Debian: php-cli and php-curl")
    return php


def run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    kept = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(command, env=kept, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603


def run_program(language: str, folder: Path, url: str, token: str) -> subprocess.CompletedProcess[str]:
    program = folder / f"read{_SUFFIX[language]}"
    program.write_text(code(language), encoding="utf-8")
    return run([runtime(language), str(program)], {"URL": url, "TOKEN": token})
