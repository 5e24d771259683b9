"""What is kept of which responses."""

from __future__ import annotations

import pytest
from hallpass.domain.cache_directives import RequestDirectives
from hallpass.domain.http_caching import Headers, Received, UpstreamControl
from hallpass.domain.kept_fields import MOST_BYTES, caching_fields, end_to_end, storable, varying
from hypothesis import given

from tests.domain.caching_material import HEADERS, RECEIVED, T0, received, saying

HONOUR, OVERRIDE = UpstreamControl.HONOUR, UpstreamControl.OVERRIDE

# name: (response, kept if honoured, kept if overridden)
KEPT = {
    "nothing said": (received(), True, True),
    "no-store": (saying("no-store"), False, True),
    "no-store in capitals among others": (saying("max-age=9, No-StOrE"), False, True),
    "no-store in another field": (saying("max-age=9", ("cache-control", "no-store")), False, True),
    "no-store with an argument": (saying('no-store="a"'), False, True),
    "no-store inside a string": (saying('x="no-store"'), True, True),
    "no-store in an unfinished string": (saying('x="a, no-store'), False, True),
    "private": (saying("private"), True, True),
    "private and no-cache": (saying("private, no-cache"), True, True),
    "must-understand of a status we do": (saying("must-understand, no-store"), True, True),
    "must-understand with an argument is another": (saying("must-understand=1, no-store"), False, True),
    "Vary: *": (received(("Vary", "*")), False, False),
    "Vary: * in a list": (received(("Vary", "Accept, *")), False, False),
    "Vary: * in another field": (received(("Vary", "Accept"), ("vary", " *\t")), False, False),
    "Vary of names": (received(("Vary", "Accept, X-*")), True, True),
    "404": (received(("Cache-Control", "max-age=9"), status=404), False, False),
    "206": (received(("Cache-Control", "max-age=9"), status=206), False, False),
    "304": (received(status=304), False, False),
    "103": (received(("Cache-Control", "max-age=9"), status=103), False, False),
}


@pytest.mark.parametrize(("response", "honoured", "overridden"), KEPT.values(), ids=KEPT)
def test_kept(response: Received, honoured: bool, overridden: bool) -> None:
    assert storable(response, HONOUR) is honoured
    assert storable(response, OVERRIDE) is overridden


def test_what_answers_a_request_that_says_no_store_is_not_kept() -> None:
    for control in UpstreamControl:
        assert storable(received(), control, RequestDirectives())
        assert not storable(received(), control, RequestDirectives(no_store=True))


def test_what_a_response_varies_by() -> None:
    assert varying((("Vary", "Accept, ,X-A"), ("VARY", "accept"))) == {"accept", "x-a"}
    assert varying(()) == frozenset()


def test_the_fields_that_caching_needs() -> None:
    needed: Headers = (
        ("Cache-Control", "max-age=9"), ("CACHE-CONTROL", "private"), ("Expires", "0"), ("Date", "x"), ("Age", "1"),
        ("ETag", '"é"'), ("Last-Modified", "y"), ("Vary", "Accept"),
    )  # fmt: skip
    others: Headers = (("Set-Cookie", "a=b"), ("Content-Type", "a/b"), ("Pragma", "no-cache"), ("X", "\x00"))
    assert caching_fields((*others, *needed, *others)) == needed


TOO_MUCH: dict[str, Headers] = {
    "one long field": (("ETag", '"' + "a" * MOST_BYTES + '"'),),
    "many fields": (("Cache-Control", "private"),) * 205,
    "a control character": (("ETag", '"\x00"'),),
    "a line break": (("ETag", '"a"\n'),),
    "a character that no field has": (("ETag", '"\u0100"'),),
    "half a character": (("ETag", '"\ud800"'),),
}


@pytest.mark.parametrize("headers", TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_cannot_be_kept_is_not_used_again(headers: Headers) -> None:
    kept = caching_fields(headers)
    assert not any(storable(Received(200, kept, T0, T0), control) for control in UpstreamControl)


def test_as_much_as_may_be_kept_is() -> None:
    fits = (("ETag", "a" * (MOST_BYTES - 4)),)
    assert caching_fields(fits) == fits
    over = (("ETag", "a" * (MOST_BYTES - 3)),)
    assert caching_fields(over) != over


@given(RECEIVED)
def test_what_is_kept_is_bounded_and_says_as_much(response: Received) -> None:
    kept = Received(response.status, caching_fields(response.headers), response.requested_at, T0)
    assert sum(len(name) + len(value) for name, value in kept.headers) <= MOST_BYTES
    for control in UpstreamControl:
        assert storable(response, control) or not storable(kept, control)


CONNECTIONS: dict[str, tuple[Headers, list[str]]] = {
    "fields of the connection": ((("Keep-Alive", "1"), ("A", "1"), ("transfer-encoding", "x"), ("TE", "x")), ["A"]),
    "those of a proxy": ((("Proxy-Authenticate", "x"), ("Proxy-Authorization", "x"), ("A", "1")), ["A"]),
    "what Connection names": ((("Connection", "x, a"), ("connection", "C"), ("A", ""), ("B", ""), ("c", "")), ["B"]),
    "all others, in order, each as often as it came": ((("B", "1"), ("A", "2"), ("B", "3")), ["B", "A", "B"]),
}  # fmt: skip


@pytest.mark.parametrize(("headers", "names"), CONNECTIONS.values(), ids=CONNECTIONS)
def test_end_to_end(headers: Headers, names: list[str]) -> None:
    assert [name for name, _ in end_to_end(headers)] == names


@given(HEADERS)
def test_end_to_end_takes_away_and_changes_nothing(headers: Headers) -> None:
    assert end_to_end(headers) == headers
