"""What the sandbox says once it is ready: lines that work when pasted."""

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.options import ROOT, Options


def text(demo: Mapping[str, Any], demo_file: Path) -> str:
    """The welcome; short if there is no demo to try."""
    url = demo["url"]
    head = f"Hallpass answers at {url}\nIts upstream is {demo['upstream_url']}, its AWS is {demo['aws_endpoint']}."
    if "tokens" not in demo:
        return head
    tokens = {name: token["token"] for name, token in demo["tokens"].items()}
    tried = [
        ("A page of incidents as XML ...", _curl(tokens["all"], f"{url}/v1/incidents.xml") + " | head -c 900"),
        ("... and as JSON", _curl(tokens["all"], f"{url}/v1/incidents.json") + " | head -c 900"),
        (
            "The upstream's own bytes, for the district's own systems",
            _curl(tokens["upstream"], f"{url}/v1/incidents.xml") + " | head -c 900",
        ),
        ("What a narrow token may do, and what it gets", _curl(tokens["narrow"], f"{url}/v1/token")),
        (None, _curl(tokens["narrow"], f"{url}/v1/incidents.json") + " | head -c 900"),
        (
            "Refused: more than its scope allows",
            _curl(tokens["narrow"], f"{url}/v1/incidents.json?type=referral", "-i"),
        ),
        ("Refused: a token that was revoked", _curl(tokens["revoked"], f"{url}/v1/incidents.xml", "-i")),
        ("What these requests left in the audit log, a JSON line each", _logs(demo_file)),
        (
            "The control plane, with the operator's token",
            _curl(demo["operator"]["token"], f"{demo['admin_url']}/districts"),
        ),
    ]
    lines = [head, "", f"Urls, ids and tokens for scripts: {demo_file}", "", "Try, in another terminal:"]
    for title, command in tried:
        lines += ([""] if title else []) + ([f"  # {title}"] if title else []) + [f"  {command}"]
    return "\n".join([*lines, "", "Ctrl-C ends everything."])


def _logs(demo_file: Path) -> str:
    here = Path.cwd() == ROOT
    python = os.path.relpath(sys.executable, ROOT) if here else sys.executable
    command = f"{python} -m sandbox.logs --last 5"
    if demo_file != Options().demo_file:
        command += f" --demo-file {shlex.quote(str(demo_file))}"
    return command if here else f"(cd {shlex.quote(str(ROOT))} && {command})"


def _curl(token: str, url: str, *options: str) -> str:
    flags = " ".join(["-s", *options])
    return f"curl {flags} -H 'Authorization: Bearer {token}' '{url}'"
