"""Exchanges through a cache, as public suites of cache tests write them: what the origin says, a pause, what is seen.

The traps in which caches were seen to fall: lists and malformed values of `Age`, `Vary: *` in a list, fields updated
by a 304, clocks that differ, malformed dates, a 103 as the last word, directives said twice, in quotes, or stale.
"""

from __future__ import annotations

from dataclasses import dataclass

from hallpass.domain.http_caching import Headers

from tests.domain.caching_material import at
from tests.domain.http_cache_origin import answer
from tests.http_cache import Response

LONG = ("Cache-Control", "max-age=3600")
SHORT = ("Cache-Control", "max-age=2")
TAG = ("ETag", '"v1"')
MODIFIED = ("Last-Modified", at(-900))
CHECK: Headers = (("If-None-Match", '"v1"'),)
BAD_DATE = "Mon, 02 Mar 2026 16:00:00 UTC"
NOT_ASKED = answer(status=500, body=b"not to be asked")


@dataclass(frozen=True, slots=True)
class Exchange:
    """After `pause` seconds a GET with the fields `asks`; `origin` is what the origin would say (None: it fails).

    `seen`: what the origin saw, "nothing", "plain" or "conditions"; `body`, `status` and `has` of what came back.
    """

    origin: Response | None
    seen: str = "plain"
    body: bytes = b"one"
    status: int = 200
    pause: float = 3
    asks: Headers = ()
    has: Headers = ()


def first(*headers: tuple[str, str], asks: Headers = ()) -> Exchange:
    return Exchange(answer(*headers), asks=asks)


def reused(*has: tuple[str, str], asks: Headers = ()) -> Exchange:
    return Exchange(NOT_ASKED, "nothing", asks=asks, has=has)


def asked_again(*, asks: Headers = ()) -> Exchange:
    return Exchange(answer(body=b"two"), body=b"two", asks=asks)


def checked(*headers: tuple[str, str], has: Headers = (), asks: Headers = ()) -> Exchange:
    return Exchange(answer(*headers, status=304, body=b""), "conditions", asks=asks, has=has)


def failing(status: int | None, body: bytes, comes: int = 200, seen: str = "plain") -> Exchange:
    return Exchange(answer(status=status, body=b"") if status else None, seen, body=body, status=comes)


SCENARIOS: dict[str, list[Exchange]] = {
    "nothing said": [first(), asked_again()],
    "max-age": [first(LONG), reused(("Age", "3"))],
    "max-age in capitals": [first(("cache-control", "MaX-aGe=3600")), reused()],
    "max-age in quotes": [first(("Cache-Control", 'max-age="3600"')), reused()],
    "max-age in single quotes": [first(("Cache-Control", "max-age='3600'")), asked_again()],
    "max-age with leading zeros": [first(("Cache-Control", "max-age=003600")), reused()],
    "max-age beyond 2^31": [first(("Cache-Control", "max-age=99999999999")), reused()],
    "max-age with a fraction": [first(("Cache-Control", "max-age=3600.0")), asked_again()],
    "max-age with a letter behind": [first(("Cache-Control", "max-age=3600a")), asked_again()],
    "max-age with a space before the equals sign": [first(("Cache-Control", "max-age =3600")), asked_again()],
    "max-age with a space behind it": [first(("Cache-Control", "max-age= 3600")), asked_again()],
    "negative max-age": [first(("Cache-Control", "max-age=-3600")), asked_again()],
    "a stale max-age before a fresh one": [first(("Cache-Control", "max-age=1, max-age=3600")), asked_again()],
    "a fresh max-age before a stale one": [first(("Cache-Control", "max-age=3600, max-age=1")), asked_again()],
    "a fresh one in the field before": [first(LONG, ("Cache-Control", "max-age=1")), asked_again()],
    "a fresh one in the field behind": [first(("Cache-Control", "max-age=1"), LONG), asked_again()],
    "a fresh one inside quotes": [first(("Cache-Control", 'x="max-age=3600", max-age=1')), asked_again()],
    "a fresh one inside quotes behind": [first(("Cache-Control", 'max-age=1, x="max-age=3600"')), asked_again()],
    "a stale one inside quotes": [first(("Cache-Control", 'x="max-age=1", max-age=3600')), reused()],
    "an extension": [first(("Cache-Control", "foobar, max-age=3600")), reused()],
    "s-maxage alone": [first(("Cache-Control", "s-maxage=3600")), asked_again()],
    "s-maxage beside a shorter max-age": [first(("Cache-Control", "s-maxage=3600, max-age=1")), asked_again()],
    "max-age before an Expires of the past": [first(LONG, ("Expires", at(-900))), reused()],
    "max-age before a malformed Expires": [first(LONG, ("Expires", "0")), reused()],
    "max-age=0 before Expires": [first(("Cache-Control", "max-age=0"), ("Expires", at(900))), asked_again()],
    "private": [first(("Cache-Control", "private, max-age=3600")), reused()],
    "no-store": [first(("Cache-Control", "max-age=3600, No-StOrE")), asked_again()],
    "no-store that supersedes": [
        first(SHORT),
        Exchange(answer(("Cache-Control", "no-store"), body=b"two"), body=b"two"),
        failing(None, b"", comes=502),
    ],
    "no-cache": [first(("Cache-Control", "max-age=3600, no-cache"), TAG), checked(TAG)],
    "no-cache for one field": [first(("Cache-Control", 'max-age=3600, no-cache="a"'), ("A", "1")), asked_again()],
    "must-revalidate while fresh": [first(("Cache-Control", "max-age=3600, must-revalidate")), reused()],
    "Expires": [first(("Expires", at(900)), ("Date", at(0))), reused()],
    "Expires of now": [first(("Expires", at(3)), ("Date", at(3))), asked_again()],
    "Expires that is malformed": [first(("Expires", BAD_DATE), ("Date", at(3))), asked_again()],
    "Expires in capitals": [first(("Expires", at(900).upper())), asked_again()],
    "Expires in the form of RFC 850": [first(("Expires", "Monday, 02-Mar-26 16:00:00 GMT")), reused()],
    "Expires in the form of asctime": [first(("Expires", "Mon Mar  2 16:00:00 2026")), reused()],
    "Expires: 0": [first(("Expires", "0")), asked_again()],
    "Expires by a clock an hour fast": [first(("Expires", at(3605)), ("Date", at(3600))), reused(), asked_again()],
    "Expires by a clock an hour slow": [first(("Expires", at(-3500)), ("Date", at(-3600))), asked_again()],
    "max-age by a clock an hour slow": [first(LONG, ("Date", at(-3600))), asked_again()],
    "max-age by a clock an hour fast": [first(LONG, ("Date", at(3600))), reused(("Age", "3"))],
    "Date that is malformed": [first(LONG, ("Date", BAD_DATE)), reused(("Age", "3"))],
    "Age": [first(LONG, ("Age", "1800")), reused(("Age", "1803"))],
    "Age beyond its life": [first(LONG, ("Age", "7200")), asked_again()],
    "Age, and 0 behind": [first(LONG, ("Age", "7200, 0")), asked_again()],
    "Age, and 0 in a field behind": [first(LONG, ("Age", "7200"), ("Age", "0")), asked_again()],
    "Age 0, and more behind": [first(LONG, ("Age", "0, 7200")), reused(("Age", "3"))],
    "Age of letters": [first(LONG, ("Age", "abc")), reused(("Age", "3"))],
    "negative Age": [first(LONG, ("Age", "-7200")), reused(("Age", "3"))],
    "Age with a fraction": [first(LONG, ("Age", "7200.0")), reused(("Age", "3"))],
    "Vary: *": [first(LONG, ("Vary", "*")), asked_again()],
    "Vary: * in a list": [first(LONG, ("Vary", "Accept, *")), asked_again()],
    "Vary: * in a field behind": [first(LONG, ("Vary", "Accept"), ("Vary", "*")), asked_again()],
    "Vary of a field that is the same": [first(LONG, ("Vary", "A"), asks=(("A", "1"),)), reused(asks=(("a", "1"),))],
    "Vary of a field that differs": [first(LONG, ("Vary", "A"), asks=(("A", "1"),)), asked_again(asks=(("A", "2"),))],
    "Vary of a field that is gone": [first(LONG, ("Vary", "A"), asks=(("A", "1"),)), asked_again()],
    "404": [Exchange(answer(LONG, status=404), status=404), asked_again()],
    "206": [Exchange(answer(LONG, status=206), status=206), asked_again()],
    "103 as the last word": [Exchange(answer(LONG, status=103), status=502, body=b""), asked_again()],
    "less than was announced": [
        Exchange(answer(LONG, ("Content-Length", "5"), body=b"one"), status=502, body=b""), asked_again(),
    ],
    "fields of the connection": [
        first(LONG, ("Connection", "close, x"), ("X", "1"), ("Y", "1")),
        reused(("Connection", ""), ("X", ""), ("Y", "1")),
    ],
    "a tag is asked about": [first(SHORT, TAG), checked(SHORT, TAG), checked(LONG), reused(), reused()],
    "a date is asked about": [first(SHORT, MODIFIED), checked(LONG, MODIFIED), reused()],
    "what is new replaces what was": [
        first(SHORT, TAG), Exchange(answer(LONG, body=b"two"), "conditions", b"two"),
        Exchange(NOT_ASKED, "nothing", b"two"),
    ],
    "a 304 updates fields": [
        first(SHORT, TAG, ("A", "1"), ("B", "1"), ("Content-Type", "a/b")),
        checked(LONG, TAG, ("A", "2"), ("Content-Type", "c/d"), has=(("A", "2"), ("B", "1"), ("Content-Type", "c/d"))),
        reused(("A", "2"), ("B", "1"), ("Content-Type", "c/d"), LONG, ("Age", "3")),
    ],
    "a 304 does not update the content's own": [
        first(SHORT, TAG, ("Content-Length", "3"), ("Content-Encoding", "x")),
        checked(LONG, ("Content-Length", "0"), ("Content-Encoding", "y")),
        reused(("Content-Length", "3"), ("Content-Encoding", "x")),
    ],
    "a 304 ends an age": [first(SHORT, TAG, ("Age", "9000")), checked(LONG), reused(("Age", "3"))],
    "a 304 after a Date long past": [first(SHORT, TAG, ("Date", at(-9000))), checked(LONG), reused(("Age", "3"))],
    "a 304 that forbids keeping": [
        first(SHORT, TAG), checked(("Cache-Control", "no-store")), asked_again(),
    ],
    "a 304 that nobody asked for": [first(SHORT), Exchange(answer(status=304), body=b"one", status=200), asked_again()],
    "a failed origin": [first(SHORT), failing(None, b"one"), failing(503, b"one"), failing(500, b"one")],
    "a failed origin, nothing kept": [failing(None, b"", 502), failing(503, b"", 503)],
    "a failed origin, must-revalidate": [
        first(("Cache-Control", "max-age=2, must-revalidate")), failing(None, b"", 502), failing(504, b"", 504),
    ],
    "a failed origin, proxy-revalidate": [
        first(("Cache-Control", "max-age=2, proxy-revalidate")), failing(None, b"", 502),
    ],
    "a failed origin, no-cache": [first(("Cache-Control", "max-age=900, no-cache")), failing(None, b"", 502)],
    "a failed origin, too late": [
        first(("Cache-Control", "max-age=2, stale-if-error=4")), failing(None, b"one"), failing(None, b"", 502),
    ],
    "a refusing origin": [
        first(SHORT, TAG), Exchange(answer(status=403, body=b"no"), "conditions", b"no", 403), failing(None, b"", 502),
    ],
    "stale-while-revalidate": [
        first(("Cache-Control", "max-age=2, stale-while-revalidate=9")),
        Exchange(answer(LONG, body=b"two"), "plain", b"one", has=(("Age", "3"),)),
        Exchange(NOT_ASKED, "nothing", b"two"),
    ],
    "stale-while-revalidate with a tag": [
        first(("Cache-Control", "max-age=2, stale-while-revalidate=9"), TAG),
        checked(LONG), reused(("Age", "3")),
    ],
    "stale-while-revalidate from a failed origin": [
        first(("Cache-Control", "max-age=2, stale-while-revalidate=4")), failing(None, b"one"), failing(503, b"one"),
    ],
    "the client's max-age=0": [first(LONG, TAG), checked(LONG, asks=(("Cache-Control", "max-age=0"),))],
    "the client's max-age, and Age": [
        first(LONG, ("Age", "1800")), asked_again(asks=(("Cache-Control", "max-age=600"),)),
    ],
    "the client's no-cache": [first(LONG, TAG), checked(LONG, asks=(("Cache-Control", "no-cache"),))],
    "the client's Pragma": [first(LONG), asked_again(asks=(("Pragma", "no-cache"),))],
    "the client's min-fresh": [first(LONG), asked_again(asks=(("Cache-Control", "min-fresh=3599"),))],
    "the client's max-stale": [first(SHORT), reused(("Age", "3"), asks=(("Cache-Control", "max-stale=1"),))],
    "the client's max-stale, and too stale": [first(SHORT), asked_again(asks=(("Cache-Control", "max-stale=0"),))],
    "the client's only-if-cached": [
        Exchange(NOT_ASKED, "nothing", b"", 504, asks=(("Cache-Control", "only-if-cached"),)),
    ],
    "the client's no-store": [first(LONG, asks=(("Cache-Control", "no-store"),)), asked_again()],
    "the client has it already": [
        first(LONG, TAG, ("X", "1")),
        Exchange(NOT_ASKED, "nothing", b"", 304, asks=CHECK, has=(TAG, LONG, ("Age", "3"), ("X", ""))),
    ],
    "the client has it among others": [
        first(LONG, ("ETag", 'W/"v1"')),
        Exchange(NOT_ASKED, "nothing", b"", 304, asks=(("If-None-Match", '"v0"'), ("If-None-Match", '"v1"'))),
    ],
    "the client has another": [first(LONG, TAG), reused(asks=(("If-None-Match", '"v2"'),))],
    "the client has another, by the date the same": [
        first(LONG, TAG, MODIFIED), reused(asks=(("If-None-Match", '"v2"'), ("If-Modified-Since", at(0)))),
    ],
    "the client has it by its date": [
        first(LONG, MODIFIED),
        Exchange(NOT_ASKED, "nothing", b"", 304, asks=(("If-Modified-Since", at(-900)),), has=(MODIFIED,)),
    ],
    "the client has an older one by its date": [
        first(LONG, MODIFIED), reused(asks=(("If-Modified-Since", at(-901)),)),
    ],
    "the client's date is malformed": [first(LONG, MODIFIED), reused(asks=(("If-Modified-Since", BAD_DATE),))],
    "the client's conditions are not the cache's": [first(LONG, TAG, asks=(("If-None-Match", '"v0"'),)), reused()],
    "the client's range is not the cache's": [first(LONG, asks=(("Range", "bytes=0-1"),)), reused()],
}  # fmt: skip
