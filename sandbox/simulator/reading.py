"""The upstream's four parameters, read from a raw query string.

The rule: unknown parameters are ignored, as nothing in the documentation refuses them; a known one with
a value that cannot be meant is refused or ignored, as the settings say.
"""

import re
from datetime import date
from urllib.parse import parse_qsl

from sandbox.simulator.account import Query
from sandbox.simulator.rows import TYPES

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PAGE = re.compile(r"[0-9]{1,9}")


class BadParameterError(ValueError):
    """A documented parameter with a value outside its documented form."""


def read_query(raw_query: str, lenient: bool) -> Query:
    """Read a raw query string; raise BadParameterError, or with `lenient` go on as if not given."""
    given = dict(parse_qsl(raw_query, keep_blank_values=True))
    try:
        start, end = _read_dates(given)
    except BadParameterError:
        if not lenient:
            raise
        start = end = None
    return Query(
        page=_read_page(given.get("page", "1"), lenient),
        type=_read_word("type", given, TYPES, lenient),
        deleted=_read_word("deleted", given, ("1",), lenient) == "1",
        start=start,
        end=end,
    )


def _read_page(text: str, lenient: bool) -> int:
    if _PAGE.fullmatch(text) and int(text) >= 1:
        return int(text)
    if lenient:
        return 1
    raise BadParameterError("page must be a positive integer")


def _read_word(name: str, given: dict[str, str], words: tuple[str, ...], lenient: bool) -> str | None:
    text = given.get(name)
    if text is None or text in words:
        return text
    if lenient:
        return None
    raise BadParameterError(f"{name} must be one of {', '.join(words)}")


def _read_dates(given: dict[str, str]) -> tuple[date | None, date | None]:
    if "from" not in given and "to" not in given:
        return None, None
    return _read_date(given.get("from", "")), _read_date(given.get("to", ""))


def _read_date(text: str) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BadParameterError("from and to must both be dates, YYYY-MM-DD")
