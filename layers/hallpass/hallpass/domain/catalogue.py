"""What each group, victims' level and way with numbers is called, with an example and a warning.

Rule: the one table of these words; command line, console and docs take them from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hallpass.domain.field_groups import Numbers, Victims
from hallpass.domain.schema import Group


@dataclass(frozen=True, slots=True)
class Card:
    """`label`: in plain words; `example`: invented; `warning`: what a data officer should weigh ("" for nothing)."""

    label: str
    example: str
    warning: str = ""


_BY_NAME = "Granted only by this name."
_FOR_A_YEAR = f"{_BY_NAME} The agreement then ends within 366 days."

GROUPS: Mapping[Group, Card] = MappingProxyType(
    {
        Group.ENVELOPE: Card(
            "The record itself: its id, type, when it last changed, whether it is deleted or was bounced",
            "uuid 0c6f…, minor, changed 2025-10-02T15:04:05",
            "The id is the same for every vendor: two can join their records by it, unless it is pseudonymised.",
        ),
        Group.CONTEXT: Card(
            "When, where and what: date, time, school, location, subject, arrangement, offense",
            "2025-10-02 10:25, school 007 Example Elementary, Playground",
            "Date, place and offense together often point to one event that people at the school remember.",
        ),
        Group.STUDENT_NUMBERS: Card(
            "Offenders' student numbers",
            "0000042",
            "Identifies a child to everybody who has the student register.",
        ),
        Group.STUDENT_NAMES: Card("Offenders' names", "Example O'Student", "Identifies a child to everybody."),
        Group.DEMOGRAPHICS: Card(
            "Offenders' grade, gender, race and ethnicity",
            "grade 05, F",
            "In a small school these alone can point to one child.",
        ),
        Group.SPECIAL_EDUCATION: Card(
            "Offenders' special education: IEP, plan, English learner",
            "iep true",
            f"Disability status; every access must be recorded (34 CFR 300.614). {_BY_NAME}",
        ),
        Group.HOMELESS: Card(
            "Whether an offender is homeless", "homeless true", f"Protected by law (McKinney-Vento). {_FOR_A_YEAR}"
        ),
        Group.FOSTER: Card(
            "Whether an offender is in foster care", "foster false", f"Sensitive family status. {_FOR_A_YEAR}"
        ),
        Group.FRPL: Card(
            "Whether an offender gets free or reduced-price meals",
            "frpl true",
            f"Disclosing it without the right is a crime (42 USC 1758). {_FOR_A_YEAR}",
        ),
        Group.HARM: Card(
            "Injuries and weapons of offenders", "injury 0 None; weapon 3 Example object", "Health and violence data."
        ),
        Group.DISCIPLINE: Card(
            "Offenders' offenses, actions taken and their schedules",
            "offense 045; action A1, half a day, served 2025-10-03",
            "A disciplinary record can follow a child for years.",
        ),
        Group.NARRATIVE: Card(
            "Free text: descriptions of incidents and details of actions",
            "An invented event and its invented course.",
            "May hold anything about anybody, other children's names too. Nothing is blacked out in it.",
        ),
        Group.STAFF: Card(
            "Staff: who wrote, who assigned, employees among the victims; with numbers",
            "Staff Member One, s-0001",
            "Names of employees; under pseudonyms their numbers only.",
        ),
        Group.ATTRIBUTES: Card("How many extra attributes a record has", "2", "Never what they are: undocumented."),
    }
)

VICTIMS: Mapping[Victims, Card] = MappingProxyType(
    {
        Victims.NONE: Card("Nothing about victims", "no victims member at all"),
        Victims.PRESENCE: Card("How many victims there were", "two empty entries"),
        Victims.PSEUDONYMISED: Card(
            "Each student victim's pseudonym and nothing else",
            "p1-4kq…",
            "Shows that the same child was a victim again.",
        ),
        Victims.AS_OFFENDERS: Card(
            "The same groups as of offenders", "name and number, where those are granted", "Victims are children too."
        ),
    }
)

NUMBERS: Mapping[Numbers, Card] = MappingProxyType(
    {
        Numbers.KEPT: Card("As the upstream sends them", "0000042", "The same for every vendor."),
        Numbers.DROPPED: Card("Left out, of students and of staff", "no number"),
        Numbers.PSEUDONYMISED: Card(
            "Replaced by a keyed pseudonym of this integration, uuids too; times keep their day",
            "p1-4kqz7m2c…",
            "Pseudonymised data is still personal data: dates, schools and offenses can tell who it was.",
        ),
    }
)
