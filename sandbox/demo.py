"""Something to try: a demo district, its vendors and their tokens, made as a person would make them.

The rule: the demo goes through the front door. The first operator comes from `hallpass bootstrap`, everything
else from the admin API; the sandbox writes nothing into the product's tables itself.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from sandbox.cloudformation import REGION
from sandbox.options import ROOT, Options
from sandbox.system import System

_AGREEMENT_DAYS = 365
_TOKEN_DAYS = 300
UPSTREAM = "upstream@1"
ALL_ROWS: Mapping[str, Any] = {
    "types": ["referral", "minor", "pending"],
    "schools": "all",
    "window": "unbounded",
    "deleted": True,
}

_NARROW_ROWS: Mapping[str, Any] = {"types": ["minor"], "window": {"days": 90}, "deleted": False}


class DemoError(Exception):
    """The demo could not be made."""


@dataclass(frozen=True, slots=True)
class Admin:
    """The admin API as somebody with a token sees it."""

    url: str
    token: str = field(repr=False)

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The answer's JSON. Raises DemoError with the problem's own words."""
        with requests.Session() as session:
            # A proxy of the caller's has no business between a machine and itself.
            session.trust_env = False
            headers = {"Authorization": f"Bearer {self.token}"}
            answer = session.request(method, f"{self.url}{path}", json=body, headers=headers, timeout=35)
        if not answer.ok:
            raise DemoError(f"the admin API refused {method} {path}: {answer.status_code} {_words(answer)}")
        return answer.json() if answer.content else None


def _words(answer: requests.Response) -> str:
    """What a problem document says, or the beginning of whatever came instead."""
    try:
        problem = answer.json()
        errors = [f"{entry['name']} {entry['detail']}" for entry in problem.get("errors", [])]
        return ". ".join(filter(None, dict.fromkeys([problem["title"], problem.get("detail"), *errors])))
    except (ValueError, KeyError, TypeError, AttributeError):
        return answer.text[:200]


def prepare(system: System, options: Options) -> dict[str, Any]:
    """What scripts need to know of this run; the demo in it is new, or the one that was kept. Raises DemoError."""
    kept = options.data / "demo.json" if options.data else None
    demo = _about(system)
    if options.demo:
        admin_url = demo["admin_url"]
        demo |= _still_there(kept, admin_url) or _make(system, admin_url)
    for path in filter(None, (options.demo_file, kept)):
        _write(path, demo)
    return demo


def _about(system: System) -> dict[str, Any]:
    return {
        "url": system.url,
        "admin_url": f"{system.url}/admin/v1",
        "upstream_url": system.upstream.url,
        "aws_endpoint": system.aws_endpoint,
        "lambda_endpoint": system.lambda_endpoint,
        "log_groups": {function.logical_id: function.log_group for function in system.template.functions},
        "environment": {function.logical_id: dict(function.environment) for function in system.template.functions},
    }


def _write(path: Path, demo: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # It holds working tokens of invented data, or with --upstream of real data: its owner's to read.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(demo, file, indent=2)
        file.write("\n")


def _still_there(kept: Path | None, admin_url: str) -> dict[str, Any] | None:
    """The demo of an earlier run whose state this run has, if the admin API agrees."""
    if kept is None or not kept.is_file():
        return None
    demo = json.loads(kept.read_text(encoding="utf-8"))
    try:
        found = Admin(admin_url, demo["operator"]["token"]).call("GET", f"/districts/{demo['district']['id']}")
    except (DemoError, KeyError):
        return None
    names = ("operator", "district", "integration", "integrations", "tokens")
    return {name: demo[name] for name in names} if found else None


def bootstrap(system: System) -> dict[str, str]:
    """The first operator: id and token, by the same command that a deployer runs. Raises DemoError."""
    environment = {
        **next(iter(system.template.functions)).environment,
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join(str(ROOT / folder) for folder in ("cli", "layers/hallpass")),
        "AWS_ENDPOINT_URL": system.aws_endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
    }
    command = [sys.executable, "-m", "hallpass_cli", "bootstrap", "--json", "--another", "--name", "Demo Operator"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DemoError(f"hallpass bootstrap failed: {(done.stderr or done.stdout).strip()[-500:]}")
    made: dict[str, str] = json.loads(done.stdout)
    return made


def _make(system: System, admin_url: str) -> dict[str, Any]:
    operator = bootstrap(system)
    admin = Admin(admin_url, operator["token"])
    new = {"name": "Example Valley Schools", "time_zone": "America/Chicago", "upstream_token": system.upstream.token}
    created = admin.call("POST", "/districts", {**new, "confirmed": True})
    district = created["district"]
    base = f"/districts/{district['id']}/integrations"
    narrow = {**_NARROW_ROWS, "schools": _largest_school(created["account"]["schools"])}
    integrations = {
        "all": _integration(admin, base, "Example Analytics", ALL_ROWS, "all-documented@1"),
        "upstream": _integration(admin, base, "Example Valley data team", ALL_ROWS, UPSTREAM),
        "pseudonymised": _integration(admin, base, "Example Research", ALL_ROWS, "pseudonymised@1"),
        "narrow": _integration(admin, base, "Example Hall Monitor", narrow, "all-documented@1"),
    }
    tokens = {name: _token(admin, f"{base}/{made['id']}/tokens") for name, made in integrations.items()}
    revoked = _token(admin, f"{base}/{integrations['all']['id']}/tokens")
    admin.call("POST", f"{base}/{integrations['all']['id']}/tokens/{revoked['id']}/revoke")
    return {
        "operator": {"id": operator["id"], "token": operator["token"]},
        "district": {"id": district["id"], "name": district["name"]},
        "integration": integrations["all"],
        "integrations": integrations,
        "tokens": {**tokens, "revoked": revoked},
    }


def _largest_school(schools: Sequence[Mapping[str, Any]]) -> list[str] | str:
    """The code of the school with the most incidents, of those that have a code; "all" if none has."""
    coded = [school for school in schools if school["code"]]
    return [max(coded, key=lambda school: int(school["incidents"]))["code"]] if coded else "all"


def _integration(admin: Admin, base: str, vendor: str, rows: Mapping[str, Any], fields: str) -> dict[str, Any]:
    ends = (datetime.now(UTC) + timedelta(days=_AGREEMENT_DAYS)).date()
    asked: dict[str, Any] = {
        "vendor": vendor,
        "contact": "someone@vendor.example",
        "purpose": "to try Hallpass",
        "agreement": {"id": "DEMO-1", "ends_on": ends.isoformat()},
        "scope": {"rows": dict(rows), "fields": fields},
    }
    if fields == UPSTREAM:
        asked["confirm"] = UPSTREAM
    made = admin.call("POST", base, asked)["integration"]
    return {"id": made["id"], "vendor": vendor, "fields": fields}


def _token(admin: Admin, path: str) -> dict[str, str]:
    expires = datetime.now(UTC).replace(microsecond=0) + timedelta(days=_TOKEN_DAYS)
    made = admin.call("POST", path, {"expires_at": expires.isoformat().replace("+00:00", "Z")})
    return {"id": made["id"], "token": made["token"]}
