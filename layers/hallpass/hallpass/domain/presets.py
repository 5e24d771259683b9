"""The presets: named, versioned, immutable sets of exact paths.

Rule: a preset is never edited. Widening or narrowing one makes a new version; tokens keep the one they were
granted. The exact path sets are golden files in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hallpass.domain.catalogue import Card
from hallpass.domain.field_groups import VICTIM, Numbers, Victims, paths_of_groups
from hallpass.domain.schema import BY_NAME_GROUPS, FIELDS, TABLE, VALUE_PATHS, Group, Kind

UPSTREAM_VIEW = "upstream@1"
ALL_DOCUMENTED_VIEW = "all-documented@1"
_REVISION = "2025-12"


@dataclass(frozen=True, slots=True)
class Preset:
    """`whole_days`: nothing below the day is shown; `pseudonymised`: identities are shown as pseudonyms."""

    name: str
    paths: frozenset[str]
    card: Card
    whole_days: bool = False
    pseudonymised: bool = False


def _by_groups(*groups: Group, numbers: Numbers = Numbers.KEPT) -> frozenset[str]:
    return paths_of_groups(frozenset(groups), Victims.NONE, numbers, _REVISION)


def _without_words(paths: frozenset[str]) -> frozenset[str]:
    """Codes, dates and numbers only: where somebody can type words, somebody has typed a name."""
    return frozenset(
        path for path in paths if FIELDS[path].is_attribute or FIELDS[path].kind not in (Kind.TEXT, Kind.CODED)
    )


_NO_PEOPLE = _without_words(_by_groups(Group.ENVELOPE, Group.CONTEXT)) - {"incident/@uuid", "incident/time"}
_PSEUDONYMISED = _without_words(
    _by_groups(Group.ENVELOPE, Group.CONTEXT, Group.STUDENT_NUMBERS, Group.DISCIPLINE, numbers=Numbers.PSEUDONYMISED)
) | {VICTIM}
_IDENTIFIED = _by_groups(
    Group.ENVELOPE,
    Group.CONTEXT,
    Group.STUDENT_NUMBERS,
    Group.STUDENT_NAMES,
    Group.DEMOGRAPHICS,
    Group.DISCIPLINE,
)
_BY_NAME = {field.path for field in TABLE if field.group in BY_NAME_GROUPS}
_DOCUMENTED = frozenset(path for path in VALUE_PATHS if FIELDS[path].since <= _REVISION)

_ALL = (
    Preset(
        "no-people@1",
        _NO_PEOPLE,
        Card(
            "Incidents without people: type, date, day of the last change, whether bounced or deleted, and the codes "
            "of school, location, subject, arrangement, offense",
            "2025-10-02, minor, school 007, location 12",
            "Codes only, no words and no ids. Date, school and offense can still point to an event people remember.",
        ),
        whole_days=True,
    ),
    Preset(
        "pseudonymised@1",
        _PSEUDONYMISED,
        Card(
            "Incidents and offenders under one pseudonym each, without names and numbers: dates and codes, offenses, "
            "actions, and how many victims",
            "offender p1-4kqz7m2c…, offense 045, action A1, half a day",
            "Pseudonymised, not anonymous: dates, schools and offenses can tell who it was. See the measured risk.",
        ),
        whole_days=True,
        pseudonymised=True,
    ),
    Preset(
        "identified@1",
        _IDENTIFIED,
        Card(
            "Offenders by name and number, with demographics, offenses and actions; no special education, free text, "
            "staff or victims",
            "Example O'Student, 0000042, grade 05, offense 045",
            "Names children: identifies them to everybody.",
        ),
    ),
    Preset(
        ALL_DOCUMENTED_VIEW,
        _DOCUMENTED - _BY_NAME,
        Card(
            "Everything documented, of victims and staff too, but for the four groups that are granted by name only",
            "all of the above, descriptions, names of staff and victims",
            "Free text and victims' names are in it.",
        ),
    ),
    Preset(
        UPSTREAM_VIEW,
        _DOCUMENTED,
        Card(
            "As XML the upstream's own bytes, also what it adds tomorrow; in the other formats everything documented",
            "everything",
            "For the district's own systems only. Needs unrestricted rows and its name typed once more.",
        ),
    ),
)
PRESETS: Mapping[str, Preset] = MappingProxyType({preset.name: preset for preset in _ALL})
