"""The vendor's query: parsed strictly from the raw query string, with every bad parameter named.

Rule: unknown, repeated or malformed is an error, never ignored; no value is ever echoed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import unquote_to_bytes

from hallpass.domain.errors import InvalidParametersError, TokenInQueryError
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.scope import IncidentType

MOST_ERRORS = 20
_TOKEN_LIKE = re.compile(r"hp_(live|test|admin)_")
_TOKEN_NAMES = frozenset({"access_token", "token", "api_key", "apikey", "bearer", "authorization"})
_SHOWABLE_NAME = re.compile(r"[A-Za-z_\-\[\]]{1,40}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_PAGE = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


class Format(StrEnum):
    """What a representation is written in."""

    XML = "xml"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class IncidentQuery:
    """What the vendor asked for. `format`: only where the path leaves it open."""

    upstream: UpstreamQuery
    page: int
    format: Format | None

    def parameters(self, page: int) -> tuple[tuple[str, str], ...]:
        """The canonical parameters of this query at `page`: what links and the audit line carry."""
        pairs = list(self.upstream.parameters())
        if self.format is not None:
            pairs.append(("format", self.format.value))
        return (*pairs, ("page", str(page)))

    @classmethod
    def parse(cls, raw_query: str) -> IncidentQuery:
        """Raises InvalidParametersError naming every bad parameter, TokenInQueryError for a token in the URL."""
        values, errors = _read(raw_query, tuple(_READERS))
        read: dict[str, str | int | date | bool] = {}
        for name, text in values.items():
            try:
                read[name] = _READERS[name](text)
            except ValueError as wrong:
                errors[name] = str(wrong)
        first, last = read.get("from"), read.get("to")
        if ("from" in values) != ("to" in values):
            errors.setdefault("from" if "to" in values else "to", "`from` and `to` go together")
        if isinstance(first, date) and isinstance(last, date) and first > last:
            errors["from"] = "`from` is after `to`"
        _raise(errors)
        kind, form = read.get("type"), read.get("format")
        return cls(
            UpstreamQuery(
                IncidentType(kind) if isinstance(kind, str) else None,
                "deleted" in read,
                first if isinstance(first, date) else None,
                last if isinstance(last, date) else None,
            ),
            int(str(read.get("page", 1))),
            Format(form) if isinstance(form, str) else None,
        )


def single_parameter(raw_query: str, name: str) -> str | None:
    """The value of the one parameter an address takes. Raises InvalidParametersError for any other."""
    values, errors = _read(raw_query, (name,))
    _raise(errors)
    return values.get(name)


def no_parameters(raw_query: str) -> None:
    """For addresses that take none. Raises InvalidParametersError."""
    _, errors = _read(raw_query, ())
    _raise(errors)


def refuse_tokens(raw_query: str) -> None:
    """Raises TokenInQueryError for a parameter that carries a token, or is named as one that would."""
    if any(name.lower() in _TOKEN_NAMES or _TOKEN_LIKE.search(name + value) for name, value in _pairs(raw_query)):
        raise TokenInQueryError


def _pairs(raw_query: str) -> list[tuple[str, str]]:
    return [_decode(part) for part in raw_query.split("&") if part]


def _read(raw_query: str, known: tuple[str, ...]) -> tuple[dict[str, str], dict[str, str]]:
    """Values and errors by name. A value that is not UTF-8 is an error; `;` separates nothing."""
    refuse_tokens(raw_query)
    pairs = _pairs(raw_query)
    counts = Counter(name for name, _ in pairs)
    errors: dict[str, str] = {}
    values: dict[str, str] = {}
    listed = ", ".join(known) or "none"
    for name, value in pairs:
        if name not in known:
            shown = name if _SHOWABLE_NAME.fullmatch(name) else "(a name that is not shown)"
            errors[shown] = f"unknown; the parameters are: {listed}"
        elif counts[name] > 1:
            errors[name] = "repeated; send it once"
        else:
            values[name] = value
    return values, errors


def _decode(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return _percent_decode(name), _percent_decode(value)


def _percent_decode(text: str) -> str:
    # What is no UTF-8, a lone surrogate included, becomes U+FFFD, which no parameter's grammar admits.
    return unquote_to_bytes(text.replace("+", " ").encode("utf-8", "surrogatepass")).decode("utf-8", "replace")


def _raise(errors: Mapping[str, str]) -> None:
    if errors:
        told = [{"name": name, "detail": detail} for name, detail in sorted(errors.items())]
        more = [{"name": "(more)", "detail": f"{len(told) - MOST_ERRORS} more parameters are not known"}]
        raise InvalidParametersError(told if len(told) <= MOST_ERRORS else told[:MOST_ERRORS] + more)


def _page(text: str) -> int:
    if not _PAGE.fullmatch(text):
        raise ValueError("a whole number from 1, in plain digits")
    return int(text)


def _type(text: str) -> str:
    if text not in set(IncidentType):
        raise ValueError("one of referral, minor, pending")
    return text


def _deleted(text: str) -> bool:
    if text != "1":
        raise ValueError("`1`, or leave it out")
    return True


def _date(text: str) -> date:
    # date.fromisoformat also reads 20250101 and 2025-W01-1: the upstream documents YYYY-MM-DD alone.
    if not _DATE.fullmatch(text):
        raise ValueError("a date as YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("a real date as YYYY-MM-DD") from None


def _format(text: str) -> str:
    if text not in set(Format):
        raise ValueError("one of xml, json")
    return text


_READERS: Mapping[str, Callable[[str], str | int | date | bool]] = {
    "page": _page,
    "type": _type,
    "deleted": _deleted,
    "from": _date,
    "to": _date,
    "format": _format,
}
