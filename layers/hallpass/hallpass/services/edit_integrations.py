"""What was agreed with a vendor, and its changes: vendor, contact, purpose and agreement, each change a version.

Rule: no token outlives the agreement, whatever is written later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from hallpass.domain.access import Actor, Agreement, District, Integration
from hallpass.domain.attention import alive_tokens
from hallpass.domain.histories import Written
from hallpass.domain.preconditions import check_version
from hallpass.services.manage_access import Desk, refuse_ended, refuse_field, visible_integration
from hallpass.services.manage_scopes import check_statutory
from hallpass.services.manage_tokens import agreement_end

LONGEST_AGREEMENT = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Terms:
    """What is said of an integration beside its scope."""

    vendor: str
    contact: str
    purpose: str
    agreement: Agreement


def check_agreement(agreement: Agreement, today: date) -> None:
    """Raises BodyInvalidError."""
    if not today <= agreement.ends_on <= today + LONGEST_AGREEMENT:
        raise refuse_field("agreement.ends_on", "is a day that has not passed, at most 3660 days from today")


def edit(
    desk: Desk, actor: Actor, address: tuple[str, str], terms: Terms, seen: int | None = None
) -> tuple[Integration, Integration]:
    """Replaces the terms; the same ones stay as they are. `address`: district, integration. Answers before and after.

    Raises NotFoundError, VersionConflictError, BodyInvalidError, ConflictError when it has ended or another write won.
    """
    district, before = visible_integration(desk, actor, *address)
    check_version(before.version, seen)
    refuse_ended(before)
    if terms == terms_of(before):
        return before, before
    after = replace(
        before,
        vendor=terms.vendor,
        contact=terms.contact,
        purpose=terms.purpose,
        agreement=terms.agreement,
        version=before.version + 1,
    )
    if after.agreement != before.agreement:
        _check_change(desk, district, after)
    desk.registry.amend_integration(after, desk.clock.now(), actor.person.id)
    return before, after


def terms_of(integration: Integration) -> Terms:
    return Terms(integration.vendor, integration.contact, integration.purpose, integration.agreement)


def versions(desk: Desk, actor: Actor, address: tuple[str, str]) -> Sequence[Written]:
    """What it was, oldest first. Raises NotFoundError, UnavailableError."""
    _, integration = visible_integration(desk, actor, *address)
    return desk.registry.integration_history(integration.id)


def scopes(desk: Desk, actor: Actor, address: tuple[str, str]) -> Sequence[Written]:
    """The first version with each scope, oldest first. Raises NotFoundError, UnavailableError."""
    first: dict[int, Written] = {}
    for written in versions(desk, actor, address):
        first.setdefault(written.integration.scope_version, written)
    return list(first.values())


def _check_change(desk: Desk, district: District, after: Integration) -> None:
    """Raises BodyInvalidError."""
    today, end = desk.today(district), agreement_end(district, after)
    check_agreement(after.agreement, today)
    check_statutory(after.scope, after.agreement, today)
    alive = alive_tokens(after, desk.registry.tokens(after.id), desk.now())
    if any(token.expires_at > end for token in alive):
        raise refuse_field("agreement.ends_on", "is not before the end of a token: revoke or rotate that one first")
