"""The control over HTTP, in JSON, on a path of its own: for a simulator in another process.

The rule: a thin translation of `Control`; bad input is a 400 with words, an unknown uuid a 404. These
requests are not recorded and no fault touches them.
"""

import json
from base64 import b64decode
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import date
from typing import Any

from aiohttp import web

from sandbox.simulator.account import UnknownIncidentError
from sandbox.simulator.catalogue import FAULTS
from sandbox.simulator.control import Control
from sandbox.simulator.options import settings_changes

PREFIX = "/_simulator/"

Route = Callable[[Control, web.Request], Awaitable[object]]


def _plain(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


async def _body(request: web.Request) -> dict[str, Any]:
    """The request's JSON object; raises ValueError for anything else."""
    body = json.loads(await request.text() or "{}")
    if not isinstance(body, dict):
        raise ValueError("a JSON object is expected")
    return body


async def _state(control: Control, _: web.Request) -> object:
    upstream = control.upstream
    accounts = {name: sum(1 for _ in data.rows) for name, data in upstream.accounts.items()}
    return {
        "settings": asdict(upstream.settings),
        "accounts": accounts,
        "requests": control.recording.total,
        "pages_rendered": upstream.rendered,
    }


async def _change_settings(control: Control, request: web.Request) -> object:
    control.change_settings(**settings_changes(await _body(request)))
    return asdict(control.upstream.settings)


async def _requests(control: Control, _: web.Request) -> object:
    kept = [request.as_json() for request in control.recording.kept()]
    return {"count": control.recording.total, "requests": kept}


async def _clear_requests(control: Control, _: web.Request) -> object:
    control.recording.clear()
    return {"count": 0}


async def _faults(control: Control, _: web.Request) -> object:
    return {"planned": [asdict(fault) for fault in control.queue.planned()], "known": FAULTS}


async def _add_fault(control: Control, request: web.Request) -> object:
    """Particulars as in `Fault`; `body` is text, or `body_base64` bytes; `headers` a list of pairs."""
    body = await _body(request)
    if "body_base64" in body:
        body["body"] = b64decode(body.pop("body_base64"))
    elif "body" in body:
        body["body"] = str(body["body"]).encode()
    if "headers" in body:
        body["headers"] = tuple((str(name), str(value)) for name, value in body["headers"])
    return asdict(control.fault(**body))


async def _clear_faults(control: Control, _: web.Request) -> object:
    control.clear_faults()
    return {"planned": []}


async def _incidents(control: Control, request: web.Request) -> object:
    return {"incidents": control.incidents(request.query.get("account"))}


async def _insert(control: Control, request: web.Request) -> object:
    """`{"type", "date", "account", "changes", "count"}`, all optional."""
    body = await _body(request)
    day = date.fromisoformat(body["date"]) if "date" in body else None
    kind, changes, account = body.get("type", "referral"), body.get("changes"), body.get("account")
    return {"uuids": [control.insert(kind, day, changes, account) for _ in range(int(body.get("count", 1)))]}


async def _edit(control: Control, request: web.Request) -> object:
    """`{"changes": {path: text or null}}`, `{"type": ...}` or both."""
    body, uuid = await _body(request), request.match_info["rest"].partition("/")[2]
    changes = dict(body.get("changes", {}))
    if "type" in body:
        control.retype(uuid, body["type"])
    if changes:
        control.edit(uuid, changes)
    return {"uuid": uuid}


async def _delete(control: Control, request: web.Request) -> object:
    """Mark deleted; with `?gone=1` take it out without a trace."""
    uuid = request.match_info["rest"].partition("/")[2]
    if request.query.get("gone") == "1":
        control.remove(uuid)
    else:
        control.delete(uuid)
    return {"uuid": uuid}


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "state"): _state,
    ("PATCH", "settings"): _change_settings,
    ("GET", "requests"): _requests,
    ("DELETE", "requests"): _clear_requests,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "incidents"): _incidents,
    ("POST", "incidents"): _insert,
    ("PATCH", "incidents/{uuid}"): _edit,
    ("DELETE", "incidents/{uuid}"): _delete,
}
"""Method and path behind the prefix."""


async def handle_control(control: Control, request: web.Request) -> web.Response:
    """Answer one control request."""
    name, slash, _ = request.match_info["rest"].partition("/")
    route = ROUTES.get((request.method, f"{name}/{{uuid}}" if slash else name))
    if route is None:
        known = [f"{method} {PREFIX}{path}" for method, path in ROUTES]
        return _json({"error": "no such control", "known": known}, 404)
    try:
        return _json(await route(control, request))
    except UnknownIncidentError as error:
        return _json({"error": f"no incident {error}"}, 404)
    except (ValueError, TypeError, KeyError) as error:
        return _json({"error": str(error)}, 400)


def _json(value: object, status: int = 200) -> web.Response:
    return web.json_response(value, status=status, dumps=lambda v: json.dumps(v, default=_plain))
