"""What an answer's fields show, in plain words: for a register of agreements, and for who asks about a child.

Rule: the words are the catalogue's; a name that it does not know any more is told as it was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from hallpass.domain.catalogue import GROUPS, NUMBERS, VICTIMS
from hallpass.domain.custom_fields import custom_fields, is_custom
from hallpass.domain.presets import PRESETS
from hallpass.domain.schema import Group
from hallpass.domain.scope import AllSchools, DateRange, IncidentType, RollingWindow, Rows, ScopeInvalidError, Unbounded


def field_words(fields: str) -> Sequence[str]:
    """Of a preset's name or a list of groups in its one spelling."""
    if fields in PRESETS:
        return [PRESETS[fields].card.label]
    if not is_custom(fields):
        return [fields]
    try:
        custom = custom_fields(fields)
    except ScopeInvalidError:
        return [fields]
    groups = [GROUPS[group].label for group in Group if group in custom.groups]
    victims, numbers = VICTIMS[custom.victims].label, NUMBERS[custom.numbers].label
    return [*groups, f"Of victims: {_small(victims)}", f"Numbers: {_small(numbers)}"]


def row_words(rows: Rows) -> Sequence[str]:
    """Which incidents a scope lets through."""
    types = ", ".join(kind.value for kind in IncidentType if kind in rows.types)
    schools = "all" if isinstance(rows.schools, AllSchools) else ", ".join(sorted(rows.schools))
    deleted = "with the deleted ones" if rows.deleted else "without the deleted ones"
    return [f"Types: {types}", f"Schools: {schools}", f"Dates: {_window_words(rows)}", f"Incidents {deleted}"]


def _window_words(rows: Rows) -> str:
    match rows.window:
        case DateRange(first, last):
            return f"{first.isoformat()} to {last.isoformat()}"
        case RollingWindow(days):
            return f"the last {days} days"
        case Unbounded():
            return "without a bound"
        case _:
            assert_never(rows.window)


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]
