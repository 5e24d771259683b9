"""`Cache-Control` of a response and of a request (RFC 9111 section 5.2, RFC 5861), and a request's `Pragma`.

Rule: of two readings the stricter. A directive said twice counts at its strictest, one inside a quoted string not; a
malformed number is no time at all, and what is no directive is `no-cache`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias

Directive: TypeAlias = tuple[str, str | None]
"""Name in lower case, and argument. A malformed one has the argument "", which is no number."""

# RFC 9111 section 1.2.2: what is too large to be held counts as 2^31.
MOST_SECONDS: Final = 2**31

_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105  # the grammar's word
# No possessive quantifiers: Python 3.11 before 3.11.5 matches some of them wrongly. What follows a part never begins as
# the part does, so that no field takes more than linear time to be refused.
_MEMBER: Final = re.compile(
    rf'[ \t]*(?:(?P<name>{_TOKEN})(?:=(?:(?P<token>{_TOKEN})|"(?P<quoted>(?:[^"\\]|\\.)*)"))?[ \t]*)?(?:,|\Z)',
    re.DOTALL,
)
_NAME: Final = re.compile(rf"[ \t]*({_TOKEN})")
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_DIGITS: Final = re.compile(r"[0-9]+")


def delta_seconds(text: str) -> int | None:
    """RFC 9111 section 1.2.2: at most 2^31. None for what is no run of digits."""
    if not _DIGITS.fullmatch(text):
        return None
    digits = text.lstrip("0")
    return min(MOST_SECONDS, int(digits or "0")) if len(digits) <= 10 else MOST_SECONDS


@dataclass(frozen=True, slots=True)
class Directives:
    """All of a message's, in the order they came."""

    named: tuple[Directive, ...] = ()

    @classmethod
    def parse(cls, values: Iterable[str]) -> Directives:
        """Of the values of all `Cache-Control` fields."""
        return cls(tuple(directive for value in values for directive in _directives(value)))

    def __contains__(self, name: str) -> bool:
        return any(name == found for found, _ in self.named)

    def shortest(self, name: str, bare: timedelta = timedelta(0)) -> timedelta | None:
        """The least of its arguments: a malformed one is no time at all, none is `bare`. None where it is not said."""
        spans = [
            bare if argument is None else timedelta(seconds=delta_seconds(argument) or 0)
            for found, argument in self.named
            if found == name
        ]
        return min(spans) if spans else None

    def longest(self, name: str) -> timedelta | None:
        """The greatest of its arguments, a malformed or missing one being without end."""
        spans = [delta_seconds(argument or "") for found, argument in self.named if found == name]
        return timedelta(seconds=max(MOST_SECONDS if span is None else span for span in spans)) if spans else None


@dataclass(frozen=True, slots=True)
class RequestDirectives:
    """What a client asks of the cache (RFC 9111 section 5.2.1, RFC 5861 section 4). None: not said."""

    no_cache: bool = False
    no_store: bool = False
    only_if_cached: bool = False
    max_age: timedelta | None = None
    min_fresh: timedelta | None = None
    max_stale: timedelta | None = None
    stale_if_error: timedelta | None = None

    @classmethod
    def parse(cls, cache_control: Iterable[str], pragma: Iterable[str] = (), *, may_refresh: bool) -> RequestDirectives:
        """Of the values of all fields of these names.

        Without `may_refresh` what causes calls of the upstream is not heard: no-cache, no-store, max-age, min-fresh.
        """
        fields = list(cache_control)
        said = Directives.parse(fields)
        # RFC 9111 section 5.4: Pragma counts only where there is no Cache-Control.
        no_cache = "no-cache" in (said if fields else Directives.parse(pragma))
        # RFC 9111 section 5.2.1.2: without an argument, a stale response of any age.
        max_stale = said.shortest("max-stale", bare=timedelta(seconds=MOST_SECONDS))
        return cls(
            no_cache=may_refresh and no_cache,
            no_store=may_refresh and "no-store" in said,
            only_if_cached="only-if-cached" in said,
            max_age=said.shortest("max-age") if may_refresh else None,
            min_fresh=said.longest("min-fresh") if may_refresh else None,
            max_stale=max_stale,
            stale_if_error=said.shortest("stale-if-error"),
        )


def _directives(value: str) -> Iterator[Directive]:
    """Of one field's value."""
    at = 0
    while at < len(value):
        member = _MEMBER.match(value, at)
        if member:
            at = member.end()
            if member["name"]:
                yield member["name"].lower(), _argument(member)
        else:
            end = value.find(",", at) + 1 or len(value)
            yield from _malformed(value[at:end])
            at = end


def _argument(member: re.Match[str]) -> str | None:
    quoted: str | None = member["quoted"]
    token: str | None = member["token"]
    return token if quoted is None else _ESCAPE.sub(r"\1", quoted)


def _malformed(part: str) -> Iterator[Directive]:
    name = _NAME.match(part)
    if name:
        yield name[1].lower(), ""
    # What else it holds cannot be told, nor whether what follows is inside a string: nothing is used on its word.
    yield "no-cache", ""
