"""A list of groups of a district's own, as one name with one spelling.

Rule: one list, one spelling: `groups@2025-12:context,envelope:victims-none:numbers-kept`. It stands wherever a
preset's name stands, so that a scope, a link, a schema's address and an audit line say the same thing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hallpass.domain.field_groups import Numbers, Victims, paths_of_groups
from hallpass.domain.schema import REVISIONS, Group
from hallpass.domain.scope_error import ScopeInvalidError

_NAME = re.compile(r"groups@([0-9-]{4,7}):([a-z_,]{1,300}):victims-([a-z-]{1,20}):numbers-([a-z]{1,20})", re.ASCII)
_NO_PSEUDONYMS = {
    Group.NARRATIVE: "free text tells who it was, so it does not go with pseudonyms",
    Group.STUDENT_NAMES: "a name beside a pseudonym undoes it",
}


@dataclass(frozen=True, slots=True)
class CustomFields:
    """Groups, victims' level and what becomes of numbers, as documented in `revision`. Raises ScopeInvalidError."""

    groups: frozenset[Group]
    victims: Victims
    numbers: Numbers
    revision: str = REVISIONS[-1]

    def __post_init__(self) -> None:
        if self.revision not in REVISIONS:
            raise ScopeInvalidError("fields.revision", f"is one of {', '.join(REVISIONS)}")
        if not self.groups:
            raise ScopeInvalidError("fields.groups", f"names at least one of {', '.join(Group)}")
        numbered = Group.STUDENT_NUMBERS in self.groups or Group.STAFF in self.groups
        if self.numbers is Numbers.DROPPED and Group.STUDENT_NUMBERS in self.groups:
            raise ScopeInvalidError("fields.numbers", "is not dropped where student_numbers is among the groups")
        if self.numbers is Numbers.PSEUDONYMISED:
            self._check_pseudonymised(numbered=numbered)
        elif self.victims is Victims.PSEUDONYMISED:
            raise ScopeInvalidError("fields.victims", "is pseudonymised only where numbers are: say so in `numbers`")
        if not self.paths:
            raise ScopeInvalidError("fields.groups", "names groups that show something as of `revision`")

    def _check_pseudonymised(self, *, numbered: bool) -> None:
        for group, reason in _NO_PSEUDONYMS.items():
            if group in self.groups:
                raise ScopeInvalidError("fields.groups", f"is without {group}: {reason}")
        if not numbered and self.victims is not Victims.PSEUDONYMISED and Group.ENVELOPE not in self.groups:
            raise ScopeInvalidError("fields.numbers", "pseudonymises nothing of these groups: say kept or dropped")

    @property
    def paths(self) -> frozenset[str]:
        return paths_of_groups(self.groups, self.victims, self.numbers, self.revision)

    @property
    def name(self) -> str:
        """The one spelling."""
        groups = ",".join(sorted(self.groups))
        return f"groups@{self.revision}:{groups}:victims-{self.victims}:numbers-{self.numbers}"


def is_custom(name: str) -> bool:
    return name.startswith("groups@")


def custom_fields(name: str) -> CustomFields:
    """Reads the one spelling of a list. Raises ScopeInvalidError for any other."""
    match = _NAME.fullmatch(name)
    try:
        if match is not None:
            groups = frozenset(Group(group) for group in match[2].split(","))
            read = CustomFields(groups, Victims(match[3]), Numbers(match[4]), match[1])
            if read.name == name:
                return read
    except ValueError as unknown:
        if isinstance(unknown, ScopeInvalidError):
            raise
    raise ScopeInvalidError("fields", "is not the spelling of a list of groups")
