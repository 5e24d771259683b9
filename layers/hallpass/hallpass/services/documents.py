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
from hallpass.domain.limits import limits_to_json
from hallpass.domain.links import schema_address
from hallpass.domain.openapi import openapi
from hallpass.domain.presets import ALL_DOCUMENTED_VIEW
from hallpass.domain.query import Format
from hallpass.domain.refusal import DELETED, SCHOOL, TYPE, is_pollable
from hallpass.domain.scope import AllSchools, IncidentType, Scope, filters_days
from hallpass.domain.scope_format import scope_to_json
from hallpass.domain.values import Json
from hallpass.domain.view import UnknownPresetError, view_of


def token_document(opened: Pass, now: datetime, base_url: str) -> HttpResponse:
    """RFC 7662 section 2.2 (times are seconds since 1970), with the scope, what it comes to today and what to ask."""
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
        "limits": limits_to_json(integration.limits),
        "window_today": window and {"from": window.first.isoformat(), "to": window.last.isoformat()},
        "dataset": integration.dataset,
        "may_ask": _may_ask(integration.scope),
        "shows": _shows(integration.scope.fields, base_url),
    }
    return _json("GET", body, "no-store")


def _may_ask(scope: Scope) -> dict[str, Json]:
    """By parameter: the values that are granted, `any`, or None where the token may not send it."""
    rows, view = scope.rows, view_of(scope.fields)
    schools: Json = "any" if isinstance(rows.schools, AllSchools) else sorted(rows.schools)
    dates = "any" if filters_days(scope.fields) else None
    precision = "day" if view.whole_days else "time"
    return {
        "type": [kind.value for kind in IncidentType if kind in rows.types] if view.shows(TYPE) else None,
        "deleted": ["1"] if rows.deleted and view.shows(DELETED) else None,
        "from": dates,
        "to": dates,
        "school": schools if view.shows(SCHOOL) else None,
        "modified_since": precision if is_pollable(rows, view) else None,
    }


def _shows(fields: str, base_url: str) -> dict[str, Json]:
    view = view_of(fields)
    return {
        "fields": fields,
        "schema": schema_address(base_url, fields),
        "whole_days": view.whole_days,
        "pseudonymised": view.pseudonymised,
        "formats": [form.value for form in Format],
    }


def health_document(method: str, version: str) -> HttpResponse:
    """That the function runs; it asks nothing of anybody, so it tells nothing about them."""
    return _json(method, {"status": "ok", "version": version}, "no-store")


def schema_document(method: str, fields: str | None) -> HttpResponse:
    """The JSON Schema of a view. Raises InvalidParametersError for a preset that does not exist."""
    try:
        view = view_of(fields or ALL_DOCUMENTED_VIEW)
    except UnknownPresetError as unknown:
        detail = "a preset and its version, such as all-documented@1, or a list of groups as `GET /v1/token` tells it"
        raise InvalidParametersError([{"name": "fields", "detail": detail}]) from unknown
    return _json(method, json_schema(view), "public, max-age=3600", "application/schema+json")


def openapi_document(method: str, base_url: str, version: str) -> HttpResponse:
    media_type = "application/vnd.oai.openapi+json;version=3.1"
    return _json(method, openapi(base_url, version), "public, max-age=3600", media_type)


def _json(method: str, body: object, cache: str, media_type: str = "application/json") -> HttpResponse:
    headers = (("Content-Type", media_type), ("Cache-Control", cache))
    return HttpResponse(200, headers, b"" if method == "HEAD" else orjson.dumps(body))
