"""Who received something about a person: each answer that held one of the person's incidents, and each recipient.

Rule: it knows the person by nothing. What cannot be told (incidents with persons without a number, times before the
records begin or after the index ends) is told beside every answer.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from hallpass.domain.ledger import Row
from hallpass.domain.outcome import served
from hallpass.domain.people import LEVELS, Person, Shown
from hallpass.domain.scope import DateRange
from hallpass.domain.secret import Secret

MOST_NUMBER = 128
Party = tuple[str | None, str | None]
"""An integration, or a person who administers."""


class Verdict(StrEnum):
    """`never-seen`: the number stood on no page that was prepared for a vendor; `seen-not-disclosed`: it did, and in
    no answer of the period.
    """

    NEVER_SEEN = "never-seen"
    NOT_DISCLOSED = "seen-not-disclosed"
    DISCLOSED = "disclosed"


SHOWN_WORDS: Mapping[Shown, str] = MappingProxyType(
    {
        Shown.IDENTIFIED: "by name or number",
        Shown.DESCRIBED: "the incident with its free text, which may name anybody",
        Shown.PSEUDONYMISED: "under a pseudonym",
        Shown.UNIDENTIFIED: "the incident, without name and number",
    }
)


@dataclass(frozen=True, slots=True)
class PersonAsked:
    """`number`: byte for byte as the upstream writes it. `period`: days in the district's time zone, or all."""

    person: Person
    number: Secret
    period: DateRange | None = None
    cursor: str | None = None

    def question(self, district_id: str) -> Sequence[str]:
        """Without the number: a cursor is kept in places that a number is kept out of."""
        period = self.period
        bounds = [period.first.isoformat(), period.last.isoformat()] if period else []
        return ["person", district_id, self.person.value, *bounds]


@dataclass(frozen=True, slots=True)
class Sent:
    """One answer that held an incident of the person's. `incidents`: all that it held, also those of others.

    `integration`: the vendor's that received it; None: it was shown in a preview to the admin `person`.
    """

    time: str
    request_id: str
    integration: str | None
    token: str | None
    agreement: str | None
    fields: str | None
    format: str | None
    incidents: int
    shown: Shown
    cached: bool
    stale: bool
    person: str | None = None

    @property
    def recipient(self) -> Party:
        return self.integration, self.person


@dataclass(frozen=True, slots=True)
class Recipient:
    """What an integration, or an admin in previews, received of the person, added up. Times as the ledger's."""

    integration: str | None
    person: str | None
    first: str
    last: str
    answers: int
    shown: Mapping[Shown, int]
    fields: Sequence[str]
    agreements: Sequence[str]
    formats: Sequence[str]


def sent(row: Row, shown: Shown) -> Sent:
    come_by = served(row.text("cache") or "")
    return Sent(
        time=str(row.facts["time"]),
        request_id=str(row.facts["request_id"]),
        integration=row.text("integration"),
        token=row.text("token"),
        agreement=row.text("agreement"),
        fields=row.text("fields_preset"),
        format=row.text("format"),
        incidents=row.number("incidents"),
        shown=shown,
        cached=come_by.hit or come_by.stale,
        stale=come_by.stale,
        person=row.text("actor"),
    )


def recipients(answers: Sequence[Sent]) -> Sequence[Recipient]:
    """In the order in which each received something first."""
    ordered = sorted(answers, key=lambda each: (each.time, each.request_id))
    of_each: dict[Party, list[Sent]] = {}
    for each in ordered:
        of_each.setdefault(each.recipient, []).append(each)
    return [_recipient(party, received) for party, received in of_each.items()]


def unusable_number(number: str) -> str | None:
    """The rule that a number breaks, or None. Nothing is trimmed: it is taken as the upstream writes it."""
    if not 1 <= len(number) <= MOST_NUMBER:
        return f"is a number of 1 to {MOST_NUMBER} characters, exactly as EducatorsHandbook.com writes it"
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in number):
        return "is a number on one line, without control characters"
    return None


def _recipient(party: Party, received: Sequence[Sent]) -> Recipient:
    shown = [each.shown for each in received]
    return Recipient(
        integration=party[0],
        person=party[1],
        first=received[0].time,
        last=received[-1].time,
        answers=len(received),
        shown={level: shown.count(level) for level in LEVELS if level in shown},
        fields=sorted({each.fields for each in received if each.fields}),
        agreements=sorted({each.agreement for each in received if each.agreement}),
        formats=sorted({each.format for each in received if each.format}),
    )
