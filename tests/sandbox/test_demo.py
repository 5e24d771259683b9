"""The product itself in the sandbox: the demo, what the welcome offers to try, the tour, and a restart."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from sandbox import tour, welcome
from sandbox.running import Running, running

FEW = ("--workers", "1", "--incidents", "300")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with running(*FEW) as started:
        yield started


def get(sandbox: Running, path: str, token: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {sandbox.demo['tokens'][token]['token']}"}
    return requests.get(f"{sandbox.url}{path}", headers=headers, timeout=35)


@pytest.mark.parametrize(
    ("token", "status"),
    [
        pytest.param("all", 200, id="everything that is documented"),
        pytest.param("upstream", 200, id="the upstream's bytes"),
        pytest.param("narrow", 200, id="one school's minor incidents"),
        pytest.param("revoked", 401, id="a revoked one"),
    ],
)
def test_the_demo_has_a_token_for_each_case(sandbox: Running, token: str, status: int) -> None:
    assert get(sandbox, "/v1/incidents.json", token).status_code == status


def test_the_welcomes_commands_work_when_pasted(sandbox: Running, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl on this machine")
    demo_file = tmp_path / "demo.json"
    demo_file.write_text(json.dumps(sandbox.demo))
    lines = [line.strip() for line in welcome.text(sandbox.demo, demo_file).splitlines()]
    titles = [line[2:] for line in lines if line.startswith("# ")]
    commands = [lines[number + 1] for number, line in enumerate(lines) if line.startswith("# ")]
    said: dict[str, str] = {}
    for title, command in zip(titles, commands, strict=True):
        done = subprocess.run(  # noqa: S602 - pasted into a shell is how they are meant
            command, shell=True, capture_output=True, text=True, check=False, timeout=60
        )
        assert (done.returncode, done.stderr) == (0, ""), title
        said[title] = done.stdout
    assert said["A page of incidents as XML ..."].startswith("<?xml")
    assert said["... and as JSON"].startswith('{"count":')
    assert said["Refused: more than its scope grants"].startswith("HTTP/1.1 403 ")
    assert said["Refused: a token that was revoked"].startswith("HTTP/1.1 401 ")
    [audit] = [text for title, text in said.items() if "audit log" in title]
    assert [json.loads(line)["type"] for line in audit.splitlines()] == ["audit"] * 5
    [tail] = [text for title, text in said.items() if "as they come in" in title]
    assert {"incidents.read", "token.issue"} <= {line.split()[2] for line in tail.splitlines()}, "of both functions"
    [doctor] = [text for title, text in said.items() if "all of it works" in title]
    assert doctor.splitlines()[-1] == "11 ok, 0 FAILED, 0 not checked"
    assert sandbox.demo["district"]["id"] in said["The control plane, with the operator's token"]


def test_every_claim_of_the_tour_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert tour.main(["--incidents", "300"]) == 0
    shown = capsys.readouterr().out
    assert [int(number) for number in re.findall(r"^(\d+)\. ", shown, re.MULTILINE)] == list(
        range(1, len(tour.STEPS) + 1)
    )


def test_the_tour_tells_what_it_is_without_starting_anything(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        tour.main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "Starts a Hallpass of its own, shows what it does, ends it." in shown
    assert "Ready in" not in shown


def test_with_a_data_folder_everything_survives_a_restart(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path / "data"))
    with running(*FEW, *data) as first:
        before = get(first, "/v1/incidents.json", "all")
        assert before.headers["Cache-Status"].startswith("hallpass; fwd=")
    with running(*FEW, *data) as second:
        assert second.demo["tokens"] == first.demo["tokens"]
        after = get(second, "/v1/incidents.json", "all")
        assert after.json() == before.json()
        assert after.headers["Cache-Status"].startswith("hallpass; hit")


def test_the_product_runs_where_awslambdaric_has_no_wheel() -> None:
    with running(*FEW, "--plain") as plain:
        answer = get(plain, "/v1/incidents.json", "all")
        assert answer.json()["count"] > 0
        refused = get(plain, "/v1/incidents.json?page=none", "all")
        assert (refused.status_code, refused.headers["Content-Type"]) == (400, "application/problem+json")
