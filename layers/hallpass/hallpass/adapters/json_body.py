"""A request's JSON body, read once and strictly before anything is made of it.

Rule: UTF-8, one object, each name once, no larger than any documented body; what is wrong with it is told
without any of it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from hallpass.domain.errors import BodyInvalidError

MAX_BODY_BYTES = 256 * 1024


def check_json_body(event: Mapping[str, Any], content_type: str | None) -> tuple[bytes, Mapping[str, Any]]:
    """The event's body, and the one JSON object (RFC 8259) that it is. Raises BodyInvalidError."""
    if (content_type or "").split(";")[0].strip().lower() != "application/json":
        _refuse("is sent as Content-Type: application/json")
    body = _decoded(event)
    if not body or len(body) > MAX_BODY_BYTES:
        _refuse(f"is a JSON object of at most {MAX_BODY_BYTES} bytes")
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_each_once, parse_constant=_no_constant)
    # RecursionError: brackets in brackets, by the thousand.
    except (ValueError, RecursionError) as error:
        raise _invalid("is a JSON object in UTF-8, each name once") from error
    if not isinstance(value, dict):
        _refuse("is a JSON object")
    return body, value


def _decoded(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except ValueError as error:
        raise _invalid("is a JSON object in UTF-8") from error


def _each_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("RFC 8259 has no NaN and no Infinity")


def _invalid(detail: str) -> BodyInvalidError:
    return BodyInvalidError([{"name": "body", "detail": detail}])


def _refuse(detail: str) -> NoReturn:
    raise _invalid(detail)
