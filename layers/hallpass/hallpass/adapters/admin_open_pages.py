"""What the admin API shows to everybody: its OpenAPI document, the same as a page, and the files of its sites.

Rule: they tell what there is to ask and nothing of anybody; none needs a token, and no document takes a parameter.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache

from hallpass.adapters.admin_addresses import Address
from hallpass.adapters.admin_openapi import openapi
from hallpass.adapters.admin_page import POLICY, page
from hallpass.adapters.static_files import site
from hallpass.domain.errors import MethodNotAllowedError
from hallpass.domain.http import HttpRequest, HttpResponse
from hallpass.domain.query import no_parameters

DOCUMENT, PAGE = "/admin/v1/openapi.json", "/admin/docs"
ACTIONS = {DOCUMENT: "docs.openapi", PAGE: "docs.page"}
SITES = {"claim": "claim.page"}
"""By the first part of the path: the action in the audit. Each is a directory under `hallpass/static`."""


def site_file(request: HttpRequest, name: str) -> HttpResponse:
    """A file of one of SITES. Raises NotFoundError, MethodNotAllowedError."""
    return site(name).answer(request)


def site_of(path: str) -> str | None:
    """Which of SITES a path is of."""
    name = path.split("/", 2)[1] if path.startswith("/") else ""
    return name if name in SITES else None


def open_page(request: HttpRequest, table: Sequence[Address], base_url: str, version: str) -> HttpResponse:
    """`base_url`: "" for the address that was called. Raises MethodNotAllowedError, InvalidParametersError."""
    if request.method not in {"GET", "HEAD"}:
        raise MethodNotAllowedError(["GET", "HEAD"])
    no_parameters(request.raw_query)
    content = _content(request.path, tuple(table), base_url or request.origin, version)
    if request.path == PAGE:
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", POLICY)]
    else:
        headers = [("Content-Type", "application/vnd.oai.openapi+json;version=3.1")]
    return HttpResponse(200, tuple(headers), b"" if request.method == "HEAD" else content)


@lru_cache(maxsize=4)
def _content(path: str, table: tuple[Address, ...], base_url: str, version: str) -> bytes:
    # Made once in a container: anybody may ask for it, as often as the gateway lets them.
    document = openapi(table, base_url, version)
    return page(document).encode() if path == PAGE else json.dumps(document, separators=(",", ":")).encode()
