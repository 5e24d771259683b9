"""One stored item, read attribute by attribute.

Rule: an item of another schema, or one that lacks or misspells anything, is in doubt: UnavailableError.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from hallpass.domain.errors import UnavailableError

SCHEMA = 1
# Of one width, so that stored times compare as text.
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"
_Enum = TypeVar("_Enum", bound=StrEnum)

Item = Mapping[str, Any]


def text(value: str) -> dict[str, str]:
    return {"S": value}


def number(value: int) -> dict[str, str]:
    return {"N": str(value)}


def flag(value: bool) -> dict[str, bool]:
    return {"BOOL": value}


class ItemReader:
    """Reads a low-level item (`{"name": {"S": ...}}`). Every method raises UnavailableError."""

    def __init__(self, item: Item) -> None:
        self._item = item
        if self.number("schema") != SCHEMA:
            raise UnavailableError

    def text(self, name: str) -> str:
        return str(self._value(name, "S"))

    def optional_text(self, name: str) -> str | None:
        return self.text(name) if name in self._item else None

    def binary(self, name: str) -> bytes:
        return bytes(self._value(name, "B"))

    def optional_binary(self, name: str) -> bytes | None:
        return self.binary(name) if name in self._item else None

    def number(self, name: str) -> int:
        try:
            return int(self._value(name, "N"))
        except ValueError as error:
            raise UnavailableError from error

    def optional_number(self, name: str) -> int | None:
        return self.number(name) if name in self._item else None

    def flag(self, name: str, *, absent: bool) -> bool:
        """`absent`: what it is when there is none."""
        return bool(self._value(name, "BOOL")) if name in self._item else absent

    def time(self, name: str) -> datetime:
        try:
            return datetime.strptime(self.text(name), _TIME).replace(tzinfo=UTC)
        except ValueError as error:
            raise UnavailableError from error

    def optional_time(self, name: str) -> datetime | None:
        return self.time(name) if name in self._item else None

    def day(self, name: str) -> date:
        try:
            return date.fromisoformat(self.text(name))
        except ValueError as error:
            raise UnavailableError from error

    def choice(self, name: str, kind: type[_Enum]) -> _Enum:
        try:
            return kind(self.text(name))
        except ValueError as error:
            raise UnavailableError from error

    def _value(self, name: str, kind: str) -> Any:
        try:
            return self._item[name][kind]
        except (KeyError, TypeError) as error:
            raise UnavailableError from error
