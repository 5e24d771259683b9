"""The tables of docs/test-tokens.md and of docs/vendors.md that are the code's own, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hallpass.domain.status_words import EXPIRED, INTEGRATIONS, NOT_YET, TOKENS, Meaning
from hallpass.domain.synthetic import VENDORS, Vendor

from press.provocations import PROVOCATIONS, USUAL, Provocation


def tokens() -> str:
    """Test tokens that open pages: a row for each."""
    return _table(("token", "opens"), [(f"`{each.token}`", each.words) for each in _opening()])


def problems() -> str:
    """How each problem is provoked."""
    rows = [(f"`{slug}`", _told(each)) for slug, each in sorted(PROVOCATIONS.items())]
    return _table(("problem", "send"), rows)


def states() -> str:
    """The statuses of integrations and tokens."""
    of_tokens = {
        **{status.value: words for status, words in TOKENS.items()},
        "not yet valid": NOT_YET,
        "expired": EXPIRED,
    }
    rows = [
        *(("your token", f"`{name}`" if name in TOKENS else name, *_meant(words)) for name, words in of_tokens.items()),
        *(("your integration", f"`{status}`", *_meant(words)) for status, words in INTEGRATIONS.items()),
    ]
    return _table(("of", "state", "means", "you are answered"), rows)


def _opening() -> Iterator[Vendor]:
    return (vendor for vendor in VENDORS.values() if vendor.name not in PROVOCATIONS)


def _meant(meaning: Meaning) -> tuple[str, str]:
    return meaning.words, f"`{meaning.answered}`" if meaning.answered else "incidents"


def _told(each: Provocation) -> str:
    method = "" if each.method == "GET" else f"{each.method} "
    parts = [f"`{method}{each.target}`", *(f"`{name}: {value}`" for name, value in each.headers)]
    parts.append(_token_words(each))
    return " with ".join(part for part in parts if part)


def _token_words(each: Provocation) -> str:
    if each.token is not None:
        return f"`{each.token}`" if each.token else "no token"
    return "" if each.vendor == USUAL else f"`{each.bearer}`"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
