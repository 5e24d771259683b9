"""The vendor's query: parsed strictly from the raw query string, with every bad parameter named.

Rule: unknown, repeated or malformed is an error, never ignored; no value is ever echoed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import unquote_to_bytes, urlencode

from hallpass.domain.errors import InvalidParametersError, TokenInQueryError
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.parameters import READERS, Format, Value
from hallpass.domain.scope import IncidentType
from hallpass.domain.since import Since

__all__ = ["Format", "IncidentQuery", "no_parameters", "parameters", "refuse_tokens", "single_parameter"]

MOST_ERRORS = 20
MOST_SCHOOLS = 100
# Of the schools as they stand in a URL: an answer repeats them in four links, and the gateway passes 10,240 bytes of
# headers in all.
LONGEST_SCHOOLS = 1_500
_TOKEN_LIKE = re.compile(r"hp_(live|test|admin|session|invite|claim)_")
SNAPSHOT_TAKES = ("type", "deleted", "from", "to")
"""What `/v1/snapshot` takes: it is of a whole walk, not of a page or a poll."""
_TOKEN_NAMES = frozenset({"access_token", "token", "api_key", "apikey", "bearer", "authorization"})
_SHOWABLE_NAME = re.compile(r"[A-Za-z_\-\[\]]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class IncidentQuery:
    """What the vendor asked for. `format`: only where the path leaves it open.

    `schools`, `since`: our own filters, which the upstream never sees. `dataset`: what the vendor's copy belongs to.
    """

    upstream: UpstreamQuery
    page: int = 1
    format: Format | None = None
    schools: frozenset[str] = frozenset()
    since: Since | None = None
    dataset: str | None = None
    snapshot: str | None = None

    def parameters(self, page: int, snapshot: str | None) -> tuple[tuple[str, str], ...]:
        """The canonical parameters of this query at `page` of a snapshot (None: of whichever is current): for links."""
        pairs = list(self.filters())
        if self.dataset is not None:
            pairs.append(("dataset", self.dataset))
        if snapshot is not None:
            pairs.append(("snapshot", snapshot))
        if self.format is not None:
            pairs.append(("format", self.format.value))
        return (*pairs, ("page", str(page)))

    def filters(self) -> tuple[tuple[str, str], ...]:
        """What decides which incidents are asked for, in the one order that is linked, logged and stored."""
        schools = [("school", code) for code in sorted(self.schools)]
        since = [("modified_since", self.since.text())] if self.since else []
        return (*self.upstream.parameters(), *schools, *since)

    @classmethod
    def parse(cls, raw_query: str, takes: tuple[str, ...] = tuple(READERS)) -> IncidentQuery:
        """`takes`: the parameters there are.

        Raises InvalidParametersError naming every bad parameter, TokenInQueryError for a token in the URL.
        """
        texts, errors = _read(raw_query, takes, repeatable={"school"})
        read: dict[str, Value] = {}
        for name, (text, *more) in texts.items():
            try:
                read[name] = READERS[name](text)
                for further in more:
                    READERS[name](further)
            except ValueError as wrong:
                errors[name] = str(wrong)
        errors |= {name: detail for name, detail in _together(texts, read) if name not in errors}
        _raise(errors)
        return _query(read, frozenset(texts.get("school", ())))


def _together(texts: Mapping[str, Sequence[str]], read: Mapping[str, Value]) -> list[tuple[str, str]]:
    """What is wrong between parameters that are right by themselves."""
    wrong: list[tuple[str, str]] = []
    first, last = read.get("from"), read.get("to")
    if ("from" in texts) != ("to" in texts):
        wrong.append(("from" if "to" in texts else "to", "`from` and `to` go together"))
    if isinstance(first, date) and isinstance(last, date) and first > last:
        wrong.append(("from", "`from` is after `to`"))
    if ("modified_since" in texts) != ("dataset" in texts):
        missing = "dataset" if "modified_since" in texts else "modified_since"
        wrong.append((missing, "`modified_since` and `dataset` go together: both come from the last answer"))
    schools = texts.get("school", ())
    if len(set(schools)) != len(schools) or len(schools) > MOST_SCHOOLS:
        wrong.append(("school", f"up to {MOST_SCHOOLS} codes, each once"))
    elif len(urlencode([("school", code) for code in schools])) > LONGEST_SCHOOLS:
        wrong.append(
            ("school", f"up to {LONGEST_SCHOOLS} characters in all, as they stand in the address; ask in parts")
        )
    return wrong


def _query(read: Mapping[str, Value], schools: frozenset[str]) -> IncidentQuery:
    kind, form, since = read.get("type"), read.get("format"), read.get("modified_since")
    first, last, dataset, snapshot = (read.get(name) for name in ("from", "to", "dataset", "snapshot"))
    return IncidentQuery(
        UpstreamQuery(
            IncidentType(kind) if isinstance(kind, str) else None,
            "deleted" in read,
            first if isinstance(first, date) else None,
            last if isinstance(last, date) else None,
        ),
        int(str(read.get("page", 1))),
        Format(form) if isinstance(form, str) else None,
        schools,
        since if isinstance(since, Since) else None,
        dataset if isinstance(dataset, str) else None,
        snapshot if isinstance(snapshot, str) else None,
    )


def single_parameter(raw_query: str, name: str) -> str | None:
    """The value of the one parameter an address takes. Raises InvalidParametersError for any other."""
    values, errors = _read(raw_query, (name,))
    _raise(errors)
    return values[name][0] if name in values else None


def no_parameters(raw_query: str) -> None:
    """For addresses that take none. Raises InvalidParametersError."""
    _, errors = _read(raw_query, ())
    _raise(errors)


def parameters(raw_query: str, names: tuple[str, ...]) -> dict[str, str]:
    """The values of an address's parameters, each once. Raises InvalidParametersError for any other."""
    values, errors = _read(raw_query, names)
    _raise(errors)
    return {name: value[0] for name, value in values.items()}


def refuse_tokens(raw_query: str) -> None:
    """Raises TokenInQueryError for a parameter that carries a token, or is named as one that would."""
    if any(name.lower() in _TOKEN_NAMES or _TOKEN_LIKE.search(name + value) for name, value in _pairs(raw_query)):
        raise TokenInQueryError


def _pairs(raw_query: str) -> list[tuple[str, str]]:
    return [_decode(part) for part in raw_query.split("&") if part]


def _read(
    raw_query: str, known: tuple[str, ...], repeatable: Collection[str] = ()
) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Values and errors by name. A value that is not UTF-8 is an error; `;` separates nothing."""
    refuse_tokens(raw_query)
    pairs = _pairs(raw_query)
    counts = Counter(name for name, _ in pairs)
    errors: dict[str, str] = {}
    values: dict[str, list[str]] = {}
    listed = ", ".join(known) or "none"
    for name, value in pairs:
        if name not in known:
            shown = name if _SHOWABLE_NAME.fullmatch(name) else "(a name that is not shown)"
            errors[shown] = f"unknown; the parameters are: {listed}"
        elif counts[name] > 1 and name not in repeatable:
            errors[name] = "repeated; send it once"
        else:
            values.setdefault(name, []).append(value)
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
