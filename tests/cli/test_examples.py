"""Every command's help ends with an example, and every example is a command line that there is."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from hallpass_cli import sandbox
from hallpass_cli.examples import EXAMPLES
from hallpass_cli.main import app

from tests.cli.conftest import Terminal


def commands(group: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{above}{name} ")
        else:
            yield above + name, command


ALL = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("name", ALL)
def test_help_ends_with_an_example_that_the_command_takes(name: str) -> None:
    told = str(ALL[name].epilog)
    assert re.match("Examples?: ", told), name
    lines = [line.strip() for line in re.split(r" · |\n", re.sub("^Examples?: ", "", told)) if line.strip()]
    assert lines
    first = re.split(r" [|<>] ", lines[0])[0]
    words = shlex.split(first)
    at = 1 + len(name.split())
    assert words[:at] == ["hallpass", *name.split()]
    context = ALL[name].make_context(name, words[at:])
    assert context.info_name == name


def test_no_example_is_left_over() -> None:
    assert set(EXAMPLES) <= set(ALL)


def test_the_sandbox_is_started_with_what_is_said_to_it(terminal: Terminal, capfd: pytest.CaptureFixture[str]) -> None:
    assert terminal.run("sandbox", "--", "--help").exit_code == 0
    assert "usage:" in capfd.readouterr().out
    assert terminal.run("sandbox", "--", "--no-such-option").exit_code == 2


def test_a_machine_without_the_sandbox_is_told_how_to_have_it(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "find_spec", lambda _: None)
    result = terminal.run("sandbox")
    assert (result.exit_code, "pip install" in result.stderr) == (2, True)


def test_who_interrupts_the_sandbox_has_not_failed(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "call", interrupted)
    assert terminal.run("sandbox").exit_code == 0
