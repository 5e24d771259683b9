"""Sites of static files: which addresses there are, how each is sent, and that nothing else is to be had."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from hallpass.adapters.static_files import STATIC, site
from hallpass.domain.errors import MethodNotAllowedError, NotFoundError
from hallpass.domain.http import HttpRequest, HttpResponse
from hallpass.domain.static_site import MEDIA_TYPES, POLICY, StaticSite

LONG = b"/* a made-up sheet */\n" * 50
SITE = StaticSite(
    "/made-up",
    {
        "index.html": b"<!doctype html>",
        "paging.html": b"<p>pages</p>",
        "more/index.html": b"<p>more</p>",
        "made-up.css": LONG,
        "more/drawing.png": b"\x89PNG" + LONG,
    },
)
SITES = sorted(path.name for path in STATIC.iterdir())


def asked(path: str, method: str = "GET", query: str = "", **headers: str) -> HttpRequest:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpRequest(method, path, query, sent, "192.0.2.1", "r1", "https://hallpass.example")


@pytest.mark.parametrize(
    ("path", "body", "media_type"),
    [
        ("/made-up", b"<!doctype html>", "text/html; charset=utf-8"),
        ("/made-up/", b"<!doctype html>", "text/html; charset=utf-8"),
        ("/made-up/paging", b"<p>pages</p>", "text/html; charset=utf-8"),
        ("/made-up/more", b"<p>more</p>", "text/html; charset=utf-8"),
        ("/made-up/more/", b"<p>more</p>", "text/html; charset=utf-8"),
        ("/made-up/made-up.css", LONG, "text/css; charset=utf-8"),
        ("/made-up/more/drawing.png", b"\x89PNG" + LONG, "image/png"),
    ],
)
def test_a_file_is_sent_at_its_address_as_what_it_is(path: str, body: bytes, media_type: str) -> None:
    response = SITE.answer(asked(path))
    assert (response.status, response.body, response.header("content-type")) == (200, body, media_type)
    assert response.header("content-security-policy") == POLICY
    assert response.header("cache-control") == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/made-up/index.html", "/made-up/index", "/made-up/paging.html", "/made-up/other.css",
        "/made-up/../made-up.css", "/made-up//made-up.css", "/made-up/more/../made-up.css", "/made-up/./made-up.css",
        "/made-up/made-up.css/", "/made-up\\made-up.css", "/made-up/%2e%2e/made-up.css", "/made-up/made-up.css\0",
        "/other",
    ],
)  # fmt: skip
def test_there_is_nothing_else(path: str) -> None:
    with pytest.raises(NotFoundError):
        SITE.answer(asked(path))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "get"])
def test_files_are_only_read(method: str) -> None:
    with pytest.raises(MethodNotAllowedError) as refused:
        SITE.answer(asked("/made-up", method))
    assert ("Allow", "GET, HEAD") in refused.value.headers


def test_a_head_has_no_body_and_a_query_is_passed_over() -> None:
    whole, head = SITE.answer(asked("/made-up", query="utm_source=mail")), SITE.answer(asked("/made-up", "HEAD"))
    assert (head.headers, head.body) == (whole.headers, b"")


def coded(response: HttpResponse) -> tuple[str | None, str | None]:
    return response.header("content-encoding"), response.header("etag")


def test_each_coding_is_a_representation_of_its_own() -> None:
    plain = SITE.answer(asked("/made-up/made-up.css"))
    packed = SITE.answer(asked("/made-up/made-up.css", accept_encoding="gzip"))
    assert (coded(plain)[0], coded(packed)[0]) == (None, "gzip")
    assert gzip.decompress(packed.body) == plain.body == LONG
    assert coded(plain)[1] != coded(packed)[1]
    assert {one.header("vary") for one in (plain, packed)} == {"Accept-Encoding"}


@pytest.mark.parametrize("path", ["/made-up", "/made-up/more/drawing.png"], ids=["too short", "packed already"])
def test_what_gains_nothing_is_not_packed(path: str) -> None:
    assert SITE.answer(asked(path, accept_encoding="gzip")).header("content-encoding") is None


def test_who_has_it_is_told_so_without_a_body() -> None:
    tag = SITE.answer(asked("/made-up")).header("etag") or ""
    same = SITE.answer(asked("/made-up", if_none_match=tag))
    assert (same.status, same.body, same.header("etag")) == (304, b"", tag)
    assert SITE.answer(asked("/made-up", if_none_match='"other"')).status == 200


def test_a_kind_of_file_that_nobody_named_is_not_sent() -> None:
    with pytest.raises(KeyError):
        StaticSite("/made-up", {"notes.docx": b""})
    with pytest.raises(KeyError):
        StaticSite("/made-up", {"LICENSE": b""})


def addresses(html: str) -> list[str]:
    return re.findall(r"""(?:href|src|srcset|action|poster)=["']([^"']*)""", html)


@pytest.mark.parametrize("name", SITES)
def test_what_ships_obeys_the_policy_that_it_is_sent_with(name: str) -> None:
    """A browser would refuse the rest, and a page that needs it would be broken."""
    assert site(name) is site(name)
    for path in sorted((STATIC / name).rglob("*.html")):
        html = path.read_text()
        for address in addresses(html):
            if address.startswith(f"/{name}/"):
                assert site(name).answer(asked(address.partition("#")[0])).status == 200, address
        assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|[\"'](?:javascript|data):", html) == [], (
            path
        )
        assert [one for one in re.findall(r"<(?:script|link|img)[^>]*>", html) if "://" in one] == [], path


@pytest.mark.parametrize("name", SITES)
def test_every_shipped_file_is_of_a_known_kind(name: str) -> None:
    files = [path for path in (STATIC / name).rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= set(MEDIA_TYPES)
    assert any(path == Path(STATIC / name / "index.html") for path in files)
