"""Whose a request is whose token is refused: who proved to know its secret, and nobody else, has it on their record."""

from __future__ import annotations

from hallpass.domain.access import PassRecord, Person, PersonRecord
from hallpass.domain.standing import proven
from hallpass.domain.tokens import PresentedToken


def claimed_district(presented: PresentedToken, record: PassRecord | None) -> str | None:
    """The district that a request belongs to even if its token is refused: whose secret it knows, and no other's."""
    return record.district.id if record and proven(presented, record.token) else None


def claimed_person(presented: PresentedToken, record: PersonRecord | None) -> Person | None:
    """Whose a request is even if its token is refused: whose secret it knows, and nobody else's."""
    return record.person if record and proven(presented, record.token) else None
