"""The vendor's parameters, one by one: what each may hold, and what is said of anything else.

Rule: one spelling for each value; what would be right is said, and what was sent never is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from hallpass.domain.leases import SNAPSHOT_ID
from hallpass.domain.school_code import MAX_SCHOOL_CODE, is_school_code
from hallpass.domain.scope import IncidentType
from hallpass.domain.since import Since

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_PAGE = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_DATASET = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}", re.ASCII)

Value: TypeAlias = str | int | date | bool | Since


class Format(StrEnum):
    """What a representation is written in."""

    XML = "xml"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


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
        raise ValueError(f"one of {', '.join(Format)}")
    return text


def _school(text: str) -> str:
    if not is_school_code(text):
        raise ValueError(
            f"a school's code, of 1 to {MAX_SCHOOL_CODE} characters without white space; repeat it for more"
        )
    return text


def _modified_since(text: str) -> Since:
    try:
        return Since.parse(text)
    except ValueError:
        detail = "a day as YYYY-MM-DD, or a time as YYYY-MM-DDThh:mm:ssZ (an offset's + is sent as %2B)"
        raise ValueError(detail) from None


def _dataset(text: str) -> str:
    if not _DATASET.fullmatch(text):
        raise ValueError("the `dataset` of an earlier answer, such as 1.1")
    return text


def _snapshot(text: str) -> str:
    if not SNAPSHOT_ID.fullmatch(text):
        raise ValueError("the `snapshot` of a link in an earlier answer")
    return text


READERS: Mapping[str, Callable[[str], Value]] = {
    "page": _page,
    "type": _type,
    "deleted": _deleted,
    "from": _date,
    "to": _date,
    "school": _school,
    "modified_since": _modified_since,
    "dataset": _dataset,
    "snapshot": _snapshot,
    "format": _format,
}
