"""Content negotiation (RFC 9110 sections 12.4 and 12.5): which media type and which content coding to send.

Rule: the most specific range decides, then the quality, then our own order; `q=0` excludes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hallpass.domain.errors import NotAcceptableError
from hallpass.domain.query import Format

# In our order of preference; the first is what a client gets that states none.
MEDIA_TYPES: tuple[tuple[str, Format], ...] = (
    ("application/xml", Format.XML),
    ("text/xml", Format.XML),
    ("application/json", Format.JSON),
    ("application/x-ndjson", Format.NDJSON),
    ("text/csv", Format.CSV),
)
PROBLEM_TYPES: tuple[tuple[str, Format], ...] = (
    ("application/problem+json", Format.JSON),
    ("application/problem+xml", Format.XML),
    ("application/json", Format.JSON),
    *MEDIA_TYPES[:2],
)
# RFC 9110 section 12.4.2, and a weight without its leading zero: Java's HttpURLConnection sends `*/*; q=.2`.
_WEIGHT = re.compile(r"[Qq]=(0?\.[0-9]{1,3}|0\.?|1(?:\.0{0,3})?)")
_RANGE = re.compile(r"[A-Za-z0-9!#$&^_.+*-]+(?:/[A-Za-z0-9!#$&^_.+*-]+)?")


@dataclass(frozen=True, slots=True)
class _Preference:
    name: str
    quality: float


def choose_format(accept: str | None) -> tuple[str, Format]:
    """The media type and format for an `Accept` value. Raises NotAcceptableError listing what there is."""
    chosen = _best(accept, MEDIA_TYPES)
    if chosen is None:
        raise NotAcceptableError([name for name, _ in MEDIA_TYPES])
    return chosen


def choose_problem_format(accept: str | None, fallback: Format) -> Format:
    """What an error is written in: `fallback` unless the client prefers the other.

    An error is sent even where nothing it could be is accepted.
    """
    chosen = _best(accept, sorted(PROBLEM_TYPES, key=lambda offer: offer[1] is not fallback))
    return chosen[1] if chosen else fallback


def accepts_gzip(accept_encoding: str | None) -> bool:
    """RFC 9110 section 12.5.3. No field: identity, since a client that wants gzip says so."""
    preferences = _preferences(accept_encoding)
    named = [wish.quality for wish in preferences if wish.name in ("gzip", "x-gzip")]
    anything = [wish.quality for wish in preferences if wish.name == "*"]
    return max(named or anything or [0.0]) > 0


def _best(accept: str | None, offered: Sequence[tuple[str, Format]]) -> tuple[str, Format] | None:
    preferences = _preferences(accept)
    if not preferences:
        return offered[0]
    ranked = [(_quality(name, preferences), -place) for place, (name, _) in enumerate(offered)]
    quality, place = max(ranked)
    return offered[-place] if quality > 0 else None


def _quality(media_type: str, preferences: Sequence[_Preference]) -> float:
    """RFC 9110 section 12.5.1: the most specific range that matches has the say."""
    for name in (media_type, media_type.split("/", maxsplit=1)[0] + "/*", "*/*"):
        matching = [wish.quality for wish in preferences if wish.name == name]
        if matching:
            return max(matching)
    return 0.0


def _preferences(field: str | None) -> list[_Preference]:
    """The elements that parse; a malformed one is passed over."""
    wishes = []
    for element in (field or "").split(","):
        name, *parameters = (part.strip() for part in element.split(";"))
        weights = [_WEIGHT.fullmatch(part) for part in parameters if part[:2].lower() == "q="]
        if _RANGE.fullmatch(name) and all(weights):
            quality = float(weights[0][1]) if weights and weights[0] else 1.0
            wishes.append(_Preference(name.lower(), quality))
    return wishes
