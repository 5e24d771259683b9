"""From the names a district grants by (groups, victims' level, numbers) to the paths that are shown.

Rule: what was granted is what the words meant on the day: a list of groups carries the revision of the upstream's
documentation that it was made under, and a path documented later is not in it.
"""

from __future__ import annotations

from collections.abc import Set
from enum import StrEnum

from hallpass.domain.schema import FIELDS, TABLE, Field, Group, Identity, Kind

VICTIM = "incident/victims/victim"
VICTIM_NUMBER = f"{VICTIM}/student/@district-id"


class Victims(StrEnum):
    """What is shown of victims, apart from what the groups show of offenders."""

    NONE = "none"
    PRESENCE = "presence"
    PSEUDONYMISED = "pseudonymised"
    AS_OFFENDERS = "as-offenders"


class Numbers(StrEnum):
    """What becomes of student and staff numbers that the groups grant."""

    KEPT = "kept"
    DROPPED = "dropped"
    PSEUDONYMISED = "pseudonymised"


def paths_of_groups(groups: Set[Group], victims: Victims, numbers: Numbers, revision: str) -> frozenset[str]:
    """The documented paths, as of `revision`, that these words grant."""
    granted = {field.path for field in TABLE if field.group in groups and field.since <= revision}
    shown = {path for path in granted if not FIELDS[path].victim or victims is Victims.AS_OFFENDERS}
    if victims is not Victims.NONE:
        shown.add(VICTIM)
    if victims is Victims.PSEUDONYMISED:
        shown.add(VICTIM_NUMBER)
    if numbers is Numbers.DROPPED:
        shown = {path for path in shown if FIELDS[path].identity not in (Identity.STUDENT, Identity.STAFF)}
    if numbers is Numbers.PSEUDONYMISED:
        shown = {path for path in shown if may_be_pseudonymised(FIELDS[path])}
    return frozenset(shown)


def may_be_pseudonymised(field: Field) -> bool:
    """Whether a pseudonymising view may show it: no name of a person, no free text, no time below the day."""
    return field.kind is not Kind.TIME and field.group is not Group.NARRATIVE and not field.names_a_person
