"""The commands everyone types: what they install agrees, and what a machine lacks is said in a line.

The rule: the Makefile runs in an empty folder with invented interpreters; the checkout's environment is not touched.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy import toolchain

LAYER = "layers/hallpass/requirements.txt"
REQUIREMENTS = ("requirements/run.txt", "requirements/test.txt", "requirements/sam.txt", LAYER)
# Stand-ins for interpreters that lack something; each answers only the questions that come before what it lacks.
OLD = "exit 1"
BARE = """case "$2" in *version_info*) exit 0;; esac; exit 1"""
OFFLINE = """if [ "$2" = venv ]; then mkdir -p "$3/bin"; printf '#!/bin/sh\\n[ "$2" != pip ]\\n' > "$3/bin/python"
chmod +x "$3/bin/python"; fi"""


def pins(file: str) -> set[str]:
    """`name==version ; marker` of every requirement."""
    lines = (toolchain.ROOT / file).read_text(encoding="utf-8").splitlines()
    return {line.removesuffix(" \\") for line in lines if line and not line.startswith(" ")}


@pytest.mark.parametrize("file", REQUIREMENTS)
def test_requirements_are_pinned_and_hashed_and_name_no_host(file: str) -> None:
    text = (toolchain.ROOT / file).read_text(encoding="utf-8")
    assert all("==" in pin for pin in pins(file))
    assert text.count("\n    --hash=sha256:") >= len(pins(file))
    assert "://" not in text


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [("requirements/run.txt", "requirements/test.txt"), (LAYER, "requirements/run.txt")],
    ids=["what runs is what is tested", "what is deployed is what runs"],
)
def test_versions_agree(smaller: str, larger: str) -> None:
    assert pins(smaller) <= pins(larger)


@pytest.mark.parametrize(
    ("interpreter", "said"),
    [
        pytest.param(OLD, r"needs Python 3\.11 or newer", id="an interpreter that is too old"),
        pytest.param(BARE, r"package python3-venv", id="an interpreter without venv"),
        pytest.param(OFFLINE, r"is there a network\?", id="no package index in reach"),
    ],
)
def test_what_a_machine_lacks_is_said_in_a_line(interpreter: str, said: str, tmp_path: Path) -> None:
    shutil.copy(toolchain.ROOT / "Makefile", tmp_path)
    for file in REQUIREMENTS:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    python = tmp_path / "python-of-this-machine"
    python.write_text(f"#!/bin/sh\n{interpreter}\n", encoding="utf-8")
    python.chmod(0o755)
    done = subprocess.run(  # noqa: S603 - the project's own Makefile
        ["make", "run", f"PYTHON={python}"],  # noqa: S607 - the make on the PATH, as everyone runs it
        cwd=tmp_path, env=toolchain.sam_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert re.search(said, done.stderr)
    assert "Traceback" not in done.stderr


def test_help_names_every_command() -> None:
    makefile = (toolchain.ROOT / "Makefile").read_text(encoding="utf-8")
    [phony] = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    listed = toolchain.run(["make", "--no-print-directory"], toolchain.sam_environment())
    assert {line.split()[1] for line in listed.splitlines()} == set(phony.split()) - {"find-python3.13"}
