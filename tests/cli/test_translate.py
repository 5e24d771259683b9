"""`hallpass translate`: a page of XML in other words, without a server."""

from __future__ import annotations

import json
import re
import shlex
import socket
from pathlib import Path

import pytest
from hallpass.domain.csv_writer import render_csv
from hallpass.domain.json_doc import EXAMPLE_PAGE
from hallpass.domain.json_writer import render_ndjson
from hallpass.domain.reading import read_page
from hallpass.domain.view import view_of
from hallpass_cli.main import app
from typer.testing import CliRunner, Result

ODD = EXAMPLE_PAGE.replace("<time>", "<canary-name>canary-value</canary-name><time>")
MODEL = read_page(EXAMPLE_PAGE.encode())


@pytest.fixture
def page(tmp_path: Path) -> str:
    file = tmp_path / "page.xml"
    file.write_text(EXAMPLE_PAGE, encoding="utf-8")
    return str(file)


def run(*arguments: str, typed: bytes = b"") -> Result:
    nobody = {"HALLPASS_URL": None, "HALLPASS_TOKEN": None}
    return CliRunner().invoke(app, ["translate", *arguments], input=typed, env=nobody)


def test_a_page_becomes_json_without_a_network(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("it called somebody")

    monkeypatch.setattr(socket.socket, "connect", never)
    done = run(page)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout_bytes)
    assert (told["count"], told["page"], told["total_pages"], told["dataset"]) == (1, 1, 3, "offline")
    assert told["incidents"][0]["school"] == {"code": "007", "name": "Example Elementary"}
    assert "iep" not in told["incidents"][0]["offenders"][0]["student"], "only by name"
    assert "Values that are not what is documented, and are null: 1." in done.stderr


def test_lines_and_csv_are_those_of_the_gateway(page: str) -> None:
    view = view_of("identified@1")
    expected = {"ndjson": render_ndjson(MODEL.incidents, view), "csv": render_csv(MODEL.incidents, view)}
    for form, rendered in expected.items():
        assert run(page, "--format", form, "--preset", "identified@1").stdout_bytes == rendered.body


def test_the_commands_of_the_docs_do_what_they_say(page: str) -> None:
    docs = (Path(__file__).parents[2] / "docs/vendors.md").read_text(encoding="utf-8")
    lines = re.findall(r"^hallpass translate page\.xml (.*)$", docs, re.MULTILINE)
    assert len(lines) == 2
    for line in lines:
        done = run(page, *shlex.split(line))
        assert (done.exit_code, bool(done.stdout_bytes)) == (0, True)


def test_a_pipe_will_do() -> None:
    piped = run("-", "--preset", "no-people@1", typed=EXAMPLE_PAGE.encode())
    assert "offenders" not in json.loads(piped.stdout_bytes)["incidents"][0]
    assert piped.stderr == ""


def test_everything_documented_is_shown_under_the_upstreams_view(page: str) -> None:
    told = json.loads(run(page, "--preset", "upstream@1").stdout_bytes)
    assert told["incidents"][0]["offenders"][0]["student"]["iep"] is False


def test_what_is_not_documented_is_left_out_and_told_without_its_value() -> None:
    done = run("-", "--format", "csv", typed=ODD.encode())
    assert "Left out, for it is not documented: incident/~" in done.stderr
    assert "1 times." in done.stderr
    assert "canary" not in done.stderr
    assert b"canary" not in done.stdout_bytes


WRONG = [
    (["-", "--format=xml"], EXAMPLE_PAGE.encode(), "one of json, ndjson, csv"),
    (["-", "--preset=unknown@1"], EXAMPLE_PAGE.encode(), "no such preset"),
    (["-", "--preset=pseudonymised@1"], EXAMPLE_PAGE.encode(), "a key that only Hallpass has"),
    (["-"], b"<!DOCTYPE x><incidents/>", "is no page of EducatorsHandbook.com's (doctype)"),
    (["-"], b"canary", "is no page of EducatorsHandbook.com's"),
    (["missing.xml"], b"", "could not be read"),
]


@pytest.mark.parametrize(("arguments", "typed", "said"), WRONG)
def test_what_cannot_be_translated_is_told(arguments: list[str], typed: bytes, said: str) -> None:
    done = run(*arguments, typed=typed)
    assert (done.exit_code, said in done.stderr) == (2, True), done.stderr
    assert "canary" not in done.stderr
