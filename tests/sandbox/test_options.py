"""What somebody may type after `python -m sandbox`: what is wrong is one line, and nothing is started for it."""

from pathlib import Path

import pytest

from sandbox.main import main
from sandbox.options import Options, parse
from sandbox.preconditions import check

PARAMETERS = "template.yaml has no parameter Nope; it has UpstreamUrl, "
UPSTREAM = "must be https://, or http:// on this machine"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        pytest.param(["--port", "65536"], 2, "--port: must be a number from 0 to 65535", id="a port too high"),
        pytest.param(["--port", "-1"], 2, "--port: must be a number from 0 to 65535", id="a port too low"),
        pytest.param(["--port", "http"], 2, "--port: must be a number from 0 to 65535", id="a port in words"),
        pytest.param(["--workers", "0"], 2, "--workers: must be a number from 1", id="no workers"),
        pytest.param(["--incidents", "-1"], 2, "--incidents: must be a number from 0", id="fewer incidents than none"),
        pytest.param(["--upstream", "ftp://x"], 2, UPSTREAM, id="an upstream of another scheme"),
        pytest.param(["--upstream", "http://up.invalid/x"], 2, UPSTREAM, id="an upstream in the clear"),
        pytest.param(["--upstream", "http://127.0.0.1:1@up.invalid/x"], 2, UPSTREAM, id="an upstream in disguise"),
        pytest.param(["--upstream", "https://x:port/"], 2, UPSTREAM, id="an upstream with no such port"),
        pytest.param(["--upstream", "https:///x"], 2, UPSTREAM, id="an upstream without a host"),
        pytest.param(["--parameter", "x"], 2, "--parameter: must be NAME=VALUE", id="a parameter without a value"),
        pytest.param(["--parameter", "Nope=1"], 1, PARAMETERS, id="a parameter that the template has not"),
        pytest.param(["--data", "{file}"], 1, "{file} is a file and must be a folder", id="state in a file"),
        pytest.param(["--data", "{file}/x"], 1, "--data {file}/x cannot be written", id="state below a file"),
        pytest.param(["--demo-file", "{file}/x"], 1, "{file} is a file and must be a folder", id="the demo in a file"),
        pytest.param(["--demo-file", "{file}/x/y"], 1, "cannot be written", id="the demo below a file"),
        pytest.param(["--demo-file", "{folder}"], 1, "{folder} is a folder: name a file", id="the demo as a folder"),
        pytest.param(["--unheard-of"], 2, "unrecognized arguments: --unheard-of", id="an option there is not"),
    ],
)
def test_what_cannot_be_is_one_line(
    arguments: list[str], code: int, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = {"file": str(tmp_path / "file"), "folder": str(tmp_path)}
    (tmp_path / "file").touch()
    rest = [] if "--demo-file" in arguments else ["--demo-file", str(tmp_path / "demo.json")]
    try:
        ended: object = main([*(argument.format(**places) for argument in arguments), *rest])
    except SystemExit as error:
        ended = error.code
    said = capsys.readouterr()
    assert (ended, said.out, len(said.err.splitlines())) == (code, "", 1)
    assert said.err.startswith("sandbox: ")
    assert words.format(**places) in said.err


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder that nobody can write into is Linux's")
@pytest.mark.parametrize("option", ["--data", "--demo-file"])
def test_a_place_that_even_root_cannot_make_is_one_line(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--demo-file", str(tmp_path / "demo.json"), option, "/proc/x"]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"sandbox: {option} /proc/x cannot be written: ")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    "url",
    ["https://up.invalid/x", "http://127.0.0.1:8080/x", "http://localhost:8080/x", "http://[::1]:8080/x"],
)
def test_a_token_may_be_sent_over_tls_or_on_this_machine(url: str) -> None:
    assert parse(["--upstream", url]).upstream == url


def test_what_can_be_is_made_ready_for_its_owner_alone(tmp_path: Path) -> None:
    demo_file = tmp_path / "new" / "demo.json"
    check(Options(data=tmp_path / "data", demo_file=demo_file, parameters={"ThrottleRate": "1"}))
    assert [oct(folder.stat().st_mode & 0o777) for folder in (tmp_path / "data", demo_file.parent)] == ["0o700"] * 2
    assert not demo_file.exists()


def test_the_help_says_what_is_usual_and_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert not [word for word in ("None", "True", "False", "[]", "default") if word in shown]
    for option in ("--data DIR", "--upstream URL", "--demo-file FILE", "--port N", "(8787)", "(8000)"):
        assert option in shown
