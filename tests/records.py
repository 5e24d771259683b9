"""Invented districts, integrations, tokens and people, as the registry holds them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hallpass.domain.access import (
    Agreement,
    District,
    Integration,
    Person,
    Role,
    Status,
    Token,
    TokenStatus,
)
from hallpass.domain.scope import AllSchools, IncidentType, RollingWindow, Rows, Scope

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
DISTRICT_ID = "D1st"
INTEGRATION_ID = "D1stVnd1"
PERSON_ID = "Person01"
REFERRALS = Scope(
    Rows(frozenset({IncidentType.REFERRAL}), AllSchools(), RollingWindow(30), deleted=False), "all-documented@1"
)


def a_district(district_id: str = DISTRICT_ID, name: str = "Invented Unified") -> District:
    return District(district_id, name, "America/Chicago", 1, Status.ACTIVE, NOW, PERSON_ID, 1)


def an_integration(
    integration_id: str = INTEGRATION_ID, scope: Scope = REFERRALS, created_at: datetime = NOW
) -> Integration:
    return Integration(
        id=integration_id,
        district_id=integration_id[:4],
        vendor="Madeup Analytics",
        contact="pat@vendor.example",
        purpose="Attendance dashboards",
        agreement=Agreement("DPA-2026-01", date(2027, 6, 30)),
        scope=scope,
        scope_version=1,
        pseudonym_epoch=1,
        status=Status.ACTIVE,
        created_at=created_at,
        created_by=PERSON_ID,
        token_generation=1,
        version=1,
    )


def a_token(
    token_id: str = "Tok1",  # noqa: S107 - an id
    holder_id: str = INTEGRATION_ID,
    issued_at: datetime = NOW,
    expires_at: datetime = datetime(2026, 12, 1, tzinfo=UTC),
    generation: int = 1,
    digest: bytes = b"\x01" * 32,
) -> Token:
    return Token(
        id=token_id,
        holder_id=holder_id,
        digest=digest,
        status=TokenStatus.ACTIVE,
        starts_at=issued_at,
        expires_at=expires_at,
        issued_at=issued_at,
        issued_by=PERSON_ID,
        generation=generation,
    )


def a_person(person_id: str = PERSON_ID, role: Role = Role.OPERATOR, district_id: str | None = None) -> Person:
    return Person(person_id, "Ada Inventada", role, district_id, NOW, "bootstrap")
