"""The small documents of the data plane: what a token may do, health, the JSON Schema, OpenAPI."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import orjson

from hallpass.domain.access import Pass
from hallpass.domain.errors import InvalidParametersError
from hallpass.domain.grant import resolve
from hallpass.domain.http import HttpResponse
from hallpass.domain.json_schema import json_schema
from hallpass.domain.openapi import openapi
from hallpass.domain.scope_format import scope_to_json
from hallpass.domain.view import ALL_DOCUMENTED_VIEW, UnknownPresetError, preset_view


def token_document(opened: Pass, now: datetime) -> HttpResponse:
    """RFC 7662 section 2.2 (times are seconds since 1970), with the scope and what it comes to today."""
    token, integration, district = opened.token, opened.integration, opened.district
    today = now.astimezone(ZoneInfo(district.time_zone)).date()
    window = resolve(integration.scope.rows.window, today)
    body = {
        "active": True,
        "token_type": "Bearer",
        "token_id": token.id,
        "client_id": integration.id,
        "district": district.id,
        "iat": int(token.issued_at.timestamp()),
        "nbf": int(token.starts_at.timestamp()),
        "exp": int(token.expires_at.timestamp()),
        "expires_at": f"{token.expires_at:%Y-%m-%dT%H:%M:%SZ}",
        "scope": scope_to_json(integration.scope),
        "window_today": window and {"from": window.first.isoformat(), "to": window.last.isoformat()},
        "dataset": integration.dataset,
    }
    return _json("GET", body, "no-store")


def health_document(method: str, version: str) -> HttpResponse:
    """That the function runs; it asks nothing of anybody, so it tells nothing about them."""
    return _json(method, {"status": "ok", "version": version}, "no-store")


def schema_document(method: str, fields: str | None) -> HttpResponse:
    """The JSON Schema of a view. Raises InvalidParametersError for a preset that does not exist."""
    try:
        view = preset_view(fields or ALL_DOCUMENTED_VIEW)
    except UnknownPresetError as unknown:
        detail = "a preset and its version, such as all-documented@1"
        raise InvalidParametersError([{"name": "fields", "detail": detail}]) from unknown
    return _json(method, json_schema(view), "public, max-age=3600", "application/schema+json")


def openapi_document(method: str, base_url: str, version: str) -> HttpResponse:
    media_type = "application/vnd.oai.openapi+json;version=3.1"
    return _json(method, openapi(base_url, version), "public, max-age=3600", media_type)


def _json(method: str, body: object, cache: str, media_type: str = "application/json") -> HttpResponse:
    headers = (("Content-Type", media_type), ("Cache-Control", cache))
    return HttpResponse(200, headers, b"" if method == "HEAD" else orjson.dumps(body))
