"""What the sandbox says once it is ready: lines that work when pasted."""

import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sandbox.cloudformation import REGION
from sandbox.options import ROOT, Options


def text(demo: Mapping[str, Any], demo_file: Path) -> str:
    """The welcome; short if there is no demo to try."""
    head = f"Hallpass answers at {demo['url']}\nIts upstream is {demo['upstream_url']}, its AWS {demo['aws_endpoint']}."
    if "tokens" not in demo:
        return head
    console = f"The console: {demo['url']}/console, with the operator's token {demo['operator']['token']}"
    scripts = f"Urls, ids and tokens for scripts: {demo_file}"
    lines = [
        head,
        console,
        f"For vendors' developers: {demo['url']}/docs",
        "",
        scripts,
        "",
        "Try, in another terminal:",
    ]
    for title, command in _to_try(demo, demo_file):
        lines += ["", f"  # {title}", f"  {command}"]
    return "\n".join([*lines, "", "Ctrl-C ends everything."])


def _to_try(demo: Mapping[str, Any], demo_file: Path) -> Iterator[tuple[str, str]]:
    xml, json = (f"{demo['url']}/v1/incidents.{form}" for form in ("xml", "json"))
    tokens = {name: token["token"] for name, token in demo["tokens"].items()}
    yield "A page of incidents as XML ...", _beginning(tokens["all"], xml)
    yield "... and as JSON", _beginning(tokens["all"], json)
    yield "The upstream's own bytes, for the district's own systems", _beginning(tokens["upstream"], xml)
    yield "As CSV, under pseudonyms", _beginning(tokens["pseudonymised"], f"{demo['url']}/v1/incidents.csv")
    yield "What a narrow token may do ...", _whole(tokens["narrow"], f"{demo['url']}/v1/token")
    yield "... and what it gets", _beginning(tokens["narrow"], json)
    yield "Refused: more than its scope grants", _whole(tokens["narrow"], f"{json}?type=referral", "-i")
    yield "Refused: a token that was revoked", _whole(tokens["revoked"], xml, "-i")
    yield (
        "What these requests left in the audit log, a JSON line each (metrics and errors too: --all)",
        _logs(demo_file),
    )
    yield "The same as they come in, by the command line (without --once until Ctrl-C)", _tail(demo)
    yield "Whether all of it works, by a token that is issued, used, revoked and refused", _doctor(demo)
    yield (
        "The control plane, with the operator's token",
        _whole(demo["operator"]["token"], f"{demo['admin_url']}/districts"),
    )


def _beginning(token: str, url: str) -> str:
    return f"{_curl(token, url)} | head -c 900; echo"


def _whole(token: str, url: str, *options: str) -> str:
    return f"{_curl(token, url, *options)}; echo"


def _logs(demo_file: Path) -> str:
    command = f"{_python()} -m sandbox.logs --last 5"
    if demo_file != Options().demo_file:
        command += f" --demo-file {shlex.quote(str(demo_file))}"
    return command if _here() else f"(cd {shlex.quote(str(ROOT))} && {command})"


def _tail(demo: Mapping[str, Any]) -> str:
    groups = " ".join(f"--log-group {demo['log_groups'][name]}" for name in ("VendorApiFunction", "AdminApiFunction"))
    aws = f"AWS_ENDPOINT_URL={demo['aws_endpoint']} AWS_REGION={REGION}"
    return f"{aws} AWS_ACCESS_KEY_ID=sandbox AWS_SECRET_ACCESS_KEY=sandbox {_hallpass()} audit tail --once {groups}"


def _doctor(demo: Mapping[str, Any]) -> str:
    who = f"HALLPASS_URL={demo['url']} HALLPASS_TOKEN={demo['operator']['token']}"
    return f"{who} {_hallpass()} doctor --only http --district {demo['district']['id']}"


def _hallpass() -> str:
    return f"{_python()} -m hallpass_cli"


def _python() -> str:
    return shlex.quote(os.path.relpath(sys.executable, ROOT) if _here() else sys.executable)


def _here() -> bool:
    return Path.cwd() == ROOT


def _curl(token: str, url: str, *options: str) -> str:
    flags = " ".join(["-s", *options])
    return f"curl {flags} -H 'Authorization: Bearer {token}' '{url}'"
