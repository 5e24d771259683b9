"""The one table of what the upstream documents: path -> kind, group, since when, JSON name.

Rule: what is not in the table does not exist for any view but the upstream's own bytes. Views, JSON, JSON Schema,
docs and the reader are all derived from it; nothing else spells an element's name.
Source: the upstream's public documentation and its history (revisions of 2017, 2020-04 and 2025-12).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """What stands at a path. The first seven hold a value, CODED a text beside its `@code`, the last two only nodes."""

    TEXT = "text"
    INT = "int"
    BOOL = "bool"
    FLOAT = "float"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    CODED = "coded"
    RECORD = "record"
    LIST = "list"


class Group(StrEnum):
    """The names under which fields are granted. Those of persons speak of offenders; victims have their own level."""

    ENVELOPE = "envelope"
    CONTEXT = "context"
    STUDENT_NUMBERS = "student_numbers"
    STUDENT_NAMES = "student_names"
    DEMOGRAPHICS = "demographics"
    SPECIAL_EDUCATION = "special_education"
    HOMELESS = "homeless"
    FOSTER = "foster"
    FRPL = "frpl"
    HARM = "harm"
    DISCIPLINE = "discipline"
    NARRATIVE = "narrative"
    STAFF = "staff"
    ATTRIBUTES = "attributes"


class Identity(StrEnum):
    """Whom or what a value tells apart wherever it occurs: each is a pseudonym domain of its own."""

    INCIDENT = "incident"
    STUDENT = "student"
    STAFF = "staff"


class Treatment(StrEnum):
    """What a view does to a value that it shows. Only the table of a view has treatments, never TABLE."""

    PSEUDONYM = "pseudonym"
    DAY = "day"
    CHECKED = "checked"


REVISIONS = ("2017", "2020-04", "2025-12")
"""The states of the upstream's documentation, oldest first; `since` is one of them."""

BY_NAME_GROUPS = frozenset({Group.SPECIAL_EDUCATION, Group.HOMELESS, Group.FOSTER, Group.FRPL})
"""Granted only by their own name, never as part of something wider."""

_STRUCTURE = frozenset({Kind.RECORD, Kind.LIST})


@dataclass(frozen=True, slots=True)
class Field:
    """A row. `path` from `incident` down, an attribute with `@`; `group` is None where only structure stands.

    `json` is the member's name in its parent; `text_json` the name of the element's own text where the element is
    an object in JSON because it has attributes ("" where its text is the member's value). `victim`: about a victim;
    `identity`: what the value identifies; `treatment`: what a view does to it.
    """

    path: str
    kind: Kind
    group: Group | None
    since: str
    json: str
    text_json: str = ""
    victim: bool = False
    identity: Identity | None = None
    treatment: Treatment | None = None

    @property
    def name(self) -> str:
        """The XML name, without `@`."""
        return self.path.rpartition("/")[2].removeprefix("@")

    @property
    def parent(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def is_attribute(self) -> bool:
        return self.path.rpartition("/")[2].startswith("@")

    @property
    def holds_value(self) -> bool:
        return self.kind not in _STRUCTURE

    @property
    def names_a_person(self) -> bool:
        """Whether the text is somebody's name: a student's, or that of somebody of the staff."""
        return self.group is Group.STUDENT_NAMES or (self.group is Group.STAFF and not self.is_attribute)


def _field(path: str, kind: Kind, group: Group | None = None, since: str = "2017", text_json: str = "") -> Field:
    name = path.rpartition("/")[2].removeprefix("@")
    return Field(path, kind, group, since, name.replace("-", "_"), text_json)


def _coded(path: str, group: Group, since: str = "2017") -> Iterator[Field]:
    yield _field(path, Kind.CODED, group, since, "name")
    yield _field(f"{path}/@code", Kind.TEXT, group, since)


def _person(path: str, since: str = "2017", *, dated: bool = True) -> Iterator[Field]:
    """Somebody of the staff: a name, a number and, for those who act, when they did."""
    yield _field(path, Kind.TEXT, Group.STAFF, since, "name")
    if dated:
        yield _field(f"{path}/@datetime", Kind.DATETIME, Group.STAFF, since)
    yield replace(_field(f"{path}/@district-id", Kind.TEXT, Group.STAFF, since), identity=Identity.STAFF)


def _bag(path: str) -> Iterator[Field]:
    """An `attributes` element: its children are not documented, so only its own count is data."""
    yield _field(path, Kind.RECORD, None, "2025-12")
    yield _field(f"{path}/@count", Kind.INT, Group.ATTRIBUTES, "2025-12")


def _student(path: str) -> Iterator[Field]:
    yield _field(path, Kind.RECORD)
    yield replace(_field(f"{path}/@district-id", Kind.TEXT, Group.STUDENT_NUMBERS), identity=Identity.STUDENT)
    yield _field(f"{path}/name", Kind.TEXT, Group.STUDENT_NAMES)
    for name in ("grade", "gender", "race", "ethnicity"):
        yield _field(f"{path}/{name}", Kind.TEXT, Group.DEMOGRAPHICS)
    for name in ("iep", "plan", "ell"):
        yield _field(f"{path}/{name}", Kind.BOOL, Group.SPECIAL_EDUCATION)
    for group in (Group.HOMELESS, Group.FOSTER, Group.FRPL):
        yield _field(f"{path}/{group.value}", Kind.BOOL, group, "2025-12")


def _coded_list(path: str, item: str, group: Group) -> Iterator[Field]:
    yield _field(path, Kind.LIST)
    yield from _coded(f"{path}/{item}", group)


def _action(path: str) -> Iterator[Field]:
    yield _field(path, Kind.RECORD)
    yield _field(f"{path}/@code", Kind.TEXT, Group.DISCIPLINE)
    yield _field(f"{path}/@cost", Kind.BOOL, Group.DISCIPLINE)
    yield _field(f"{path}/name", Kind.TEXT, Group.DISCIPLINE)
    yield _field(f"{path}/duration", Kind.FLOAT, Group.DISCIPLINE, text_json="value")
    yield _field(f"{path}/duration/@day-length", Kind.INT, Group.DISCIPLINE)
    yield _field(f"{path}/schedule", Kind.LIST)
    yield _field(f"{path}/schedule/event", Kind.RECORD)
    yield _field(f"{path}/schedule/event/date", Kind.DATE, Group.DISCIPLINE)
    yield _field(f"{path}/schedule/event/start", Kind.TIME, Group.DISCIPLINE)
    yield _field(f"{path}/schedule/event/end", Kind.TIME, Group.DISCIPLINE)
    yield _field(f"{path}/schedule/event/served", Kind.BOOL, Group.DISCIPLINE)
    yield _field(f"{path}/details", Kind.TEXT, Group.NARRATIVE)
    yield from _bag(f"{path}/attributes")
    yield from _person(f"{path}/assigned-by")


def _offenders(path: str) -> Iterator[Field]:
    yield _field(path, Kind.LIST)
    offender = f"{path}/offender"
    yield _field(offender, Kind.RECORD)
    yield from _student(f"{offender}/student")
    yield from _coded(f"{offender}/injury", Group.HARM)
    yield from _coded_list(f"{offender}/offenses", "offense", Group.DISCIPLINE)
    yield from _coded_list(f"{offender}/weapons", "weapon", Group.HARM)
    yield _field(f"{offender}/actions", Kind.LIST)
    yield from _action(f"{offender}/actions/action")


def _victims(path: str) -> Iterator[Field]:
    yield _field(path, Kind.LIST)
    victim = f"{path}/victim"
    yield _field(victim, Kind.RECORD)
    yield from _student(f"{victim}/student")
    yield from _person(f"{victim}/employee", "2025-12", dated=False)
    yield from _coded(f"{victim}/injury", Group.HARM, "2020-04")
    yield from _bag(f"{victim}/attributes")


def _rows() -> Iterator[Field]:
    """The table, in the upstream's document order."""
    yield _field("incident", Kind.RECORD)
    yield replace(_field("incident/@uuid", Kind.TEXT, Group.ENVELOPE), identity=Identity.INCIDENT)
    yield _field("incident/@type", Kind.TEXT, Group.ENVELOPE)
    yield _field("incident/@last-modified", Kind.DATETIME, Group.ENVELOPE)
    yield _field("incident/@bounced", Kind.INT, Group.ENVELOPE, "2020-04")
    yield _field("incident/@deleted", Kind.INT, Group.ENVELOPE)
    yield _field("incident/date", Kind.DATE, Group.CONTEXT)
    yield _field("incident/time", Kind.TIME, Group.CONTEXT)
    yield from _person("incident/written-by")
    for name in ("school", "location", "subject", "arrangement", "offense"):
        yield from _coded(f"incident/{name}", Group.CONTEXT)
    yield _field("incident/description", Kind.TEXT, Group.NARRATIVE)
    yield from _bag("incident/attributes")
    yield from _offenders("incident/offenders")
    for field in _victims("incident/victims"):
        yield replace(field, victim=True)


TABLE: tuple[Field, ...] = tuple(_rows())
FIELDS: Mapping[str, Field] = MappingProxyType({field.path: field for field in TABLE})

ROOT = "incidents"
ROOT_ATTRIBUTES = ("count", "page", "total-pages")
LIST_COUNT = "count"
"""The attribute of every list wrapper: never stored, always counted anew."""


VALUE_PATHS = frozenset(field.path for field in TABLE if field.holds_value)
"""Every path at which a value is documented."""
GRANTABLE_PATHS = frozenset(field.path for field in TABLE if field.kind is not Kind.LIST)
"""What a view may name: values, and records, whose presence alone says how many there are. A list follows from both."""
