"""A scope: the rows and the fields that an integration was granted.

Rule: blank means none, never all. Everything wide (all schools, no date bound, pending, deleted) is said explicitly.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from hallpass.domain.presets import UPSTREAM_VIEW
from hallpass.domain.scope_error import ScopeInvalidError
from hallpass.domain.view import UnknownPresetError, view_of

__all__ = [
    "AllSchools", "DateRange", "IncidentType", "RollingWindow", "Rows", "Schools", "Scope", "ScopeInvalidError",
    "Unbounded", "Window",
]  # fmt: skip

DATE = "incident/date"
LAST_MODIFIED = "incident/@last-modified"


class IncidentType(StrEnum):
    """The upstream's values of `type`. `pending` incidents are unreviewed accusations."""

    REFERRAL = "referral"
    MINOR = "minor"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def overlaps(self, other: DateRange) -> bool:
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True, slots=True)
class RollingWindow:
    """The last `days` days up to and including today, in the district's time zone."""

    days: int

    def on(self, today: date) -> DateRange:
        return DateRange(today - timedelta(days=self.days - 1), today)


@dataclass(frozen=True, slots=True)
class Unbounded:
    """No date bound. Only ever said explicitly."""


@dataclass(frozen=True, slots=True)
class AllSchools:
    """Every school, also those to come. Only ever said explicitly."""


Window = DateRange | RollingWindow | Unbounded
Schools = frozenset[str] | AllSchools


@dataclass(frozen=True, slots=True)
class Rows:
    """Which incidents. Raises ScopeInvalidError when a part is blank."""

    types: frozenset[IncidentType]
    schools: Schools
    window: Window
    deleted: bool

    def __post_init__(self) -> None:
        if not self.types:
            raise ScopeInvalidError("rows.types", "name at least one of referral, minor, pending")
        if not isinstance(self.schools, AllSchools) and (not self.schools or "" in self.schools):
            raise ScopeInvalidError("rows.schools", 'name at least one school code, or say "all"')
        if isinstance(self.window, DateRange) and self.window.first > self.window.last:
            raise ScopeInvalidError("rows.window", "`from` is after `to`")
        if isinstance(self.window, RollingWindow) and not 1 <= self.window.days <= 3660:
            raise ScopeInvalidError("rows.window", "`days` is a number from 1 to 3660")

    @property
    def unrestricted(self) -> bool:
        everything = self.types == frozenset(IncidentType) and self.deleted
        return everything and isinstance(self.schools, AllSchools) and isinstance(self.window, Unbounded)


@dataclass(frozen=True, slots=True)
class Scope:
    """Rows x fields. `fields`: a preset and its version, or the one spelling of a list of groups.

    Raises ScopeInvalidError for what is refused.
    """

    rows: Rows
    fields: str

    def __post_init__(self) -> None:
        if self.fields == UPSTREAM_VIEW and not self.rows.unrestricted:
            raise ScopeInvalidError(
                "fields",
                "upstream@1 shows the upstream's own bytes, so it needs unrestricted rows: all three types, all "
                "schools, an unbounded window, and the deleted",
            )
        if isinstance(self.rows.window, DateRange) and not filters_days(self.fields):
            raise ScopeInvalidError(
                "fields", "a window from a day to a day needs `from` and `to`, so fields with envelope and context"
            )


def filters_days(fields: str) -> bool:
    """Whether a token with these fields may send `from` and `to`.

    The upstream does not say whether they filter on the incident's date or on its last change: both must be shown.
    Raises ScopeInvalidError for fields that there are not.
    """
    try:
        view = view_of(fields)
    except UnknownPresetError as unknown:
        raise ScopeInvalidError("fields", "names no preset and no list of groups") from unknown
    return view.shows(DATE) and view.shows(LAST_MODIFIED)
