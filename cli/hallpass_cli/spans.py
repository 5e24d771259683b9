"""Spans of days, and the questions about them: in parts that one call takes, each followed to its end.

Rule: whoever asks for a long span gets all of it; who stops early is told so by the one who stops.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import typer
from hallpass.domain.row_query import MOST_DAYS
from hallpass.domain.scope import DateRange
from hallpass.domain.scope_format import day_from_json

from hallpass_cli.api import AdminApi, Document
from hallpass_cli.failures import UsageError

USUAL_DAYS = 7

First = Annotated[str, typer.Option("--from", metavar="DAY", help="The first day, YYYY-MM-DD, of UTC.")]
Last = Annotated[str, typer.Option("--to", metavar="DAY", help="The last day, included.")]


def day(option: str, text: str) -> date:
    """Raises UsageError."""
    try:
        return day_from_json(text, option)
    except ValueError as error:
        raise UsageError(f"{option} is a day as 2026-12-31.") from error


def span(first: str | None, last: str | None) -> DateRange:
    """Without a last day until today, without a first one the USUAL_DAYS up to the last. Raises UsageError."""
    end = datetime.now(UTC).date() if last is None else day("--to", last)
    try:
        begin = end - timedelta(days=USUAL_DAYS - 1) if first is None else day("--from", first)
    except OverflowError as error:
        raise UsageError("--to is a day that has days before it.") from error
    if begin > end:
        raise UsageError("--to is a day from --from on.")
    return DateRange(begin, end)


def parts(whole: DateRange, *, newest: bool = False) -> Iterator[DateRange]:
    """Spans that one call takes, which together are the whole, in order."""
    days = (whole.last - whole.first).days + 1
    starts = range(0, days, MOST_DAYS)
    for start in reversed(starts) if newest else starts:
        stop = min(start + MOST_DAYS, days) - 1
        yield DateRange(whole.first + timedelta(days=start), whole.first + timedelta(days=stop))


def asked(part: DateRange) -> dict[str, str]:
    return {"from": part.first.isoformat(), "to": part.last.isoformat()}


def answers(api: AdminApi, path: str, body: Mapping[str, Any]) -> Iterator[Document]:
    """To one question, each from where the one before stopped. Raises RefusedError, UnreachableError."""
    cursor: dict[str, Any] = {}
    while True:
        answer = api.post(path, {**body, **cursor})
        yield answer
        if answer["next"] is None:
            return
        cursor = {"cursor": answer["next"]}
