"""Integrations: a vendor's grant at a district, under an agreement that has an end.

Rule: a change is written over the version that was read; stopping is one write and waits for no reading.
The view that withholds nothing is granted only to who names it twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hallpass.domain.access import Actor, District, Integration, Status
from hallpass.domain.errors import ConflictError, UnavailableError
from hallpass.domain.preconditions import check_version
from hallpass.domain.scope import Scope
from hallpass.services.edit_integrations import Terms, check_agreement
from hallpass.services.manage_access import (
    Desk,
    add_under_new_id,
    refuse_ended,
    visible_district,
    visible_integration,
)
from hallpass.services.manage_scopes import check_scope, with_key

_VENDOR_PART = 4


@dataclass(frozen=True, slots=True)
class IntegrationDraft:
    """What is said about a new integration. `confirm`: what was typed to say that it is meant.

    `draft`: it is not usable before it is activated.
    """

    terms: Terms
    scope: Scope
    confirm: str | None
    draft: bool = False


def create_integration(desk: Desk, actor: Actor, district_id: str, draft: IntegrationDraft) -> Integration:
    """Raises NotFoundError, BodyInvalidError, ConflictError, UnavailableError."""
    district = visible_district(desk, actor, district_id)
    refuse_ended(district)
    today = desk.today(district)
    check_scope(draft.scope, draft.confirm, draft.terms.agreement, today)
    check_agreement(draft.terms.agreement, today)

    def add() -> str:
        integration = with_key(desk, _integration(desk, actor, district, draft))
        desk.registry.add_integration(integration)
        return integration.id

    return visible_integration(desk, actor, district_id, add_under_new_id(add))[1]


def integrations(desk: Desk, actor: Actor, district_id: str) -> Sequence[Integration]:
    """Raises NotFoundError."""
    return desk.registry.integrations(visible_district(desk, actor, district_id).id)


def set_status(
    desk: Desk, actor: Actor, address: tuple[str, str], status: Status, seen: int | None = None
) -> tuple[Integration, Integration]:
    """Pauses or resumes; what is so already stays so. `address`: district, integration. Answers before and after.

    Raises NotFoundError, VersionConflictError, ConflictError when it has ended, is a draft, or another write won.
    """
    _, before = visible_integration(desk, actor, *address)
    check_version(before.version, seen)
    refuse_ended(before)
    if before.status is Status.DRAFT:
        raise ConflictError("The integration is a draft: activate it first.")
    return before, _with_status(desk, before, status)


def activate(
    desk: Desk, actor: Actor, address: tuple[str, str], seen: int | None = None
) -> tuple[Integration, Integration]:
    """Makes a draft usable; what is active already stays so. Answers before and after.

    Raises NotFoundError, VersionConflictError, ConflictError when it has ended, is paused, or another write won.
    """
    _, before = visible_integration(desk, actor, *address)
    check_version(before.version, seen)
    refuse_ended(before)
    if before.status is Status.PAUSED:
        raise ConflictError("The integration is paused: resume it.")
    return before, _with_status(desk, before, Status.ACTIVE)


def _with_status(desk: Desk, before: Integration, status: Status) -> Integration:
    if before.status is status:
        return before
    after = replace(before, status=status, version=before.version + 1)
    desk.registry.save_integration(after)
    return after


def stop(desk: Desk, actor: Actor, district_id: str, integration_id: str) -> tuple[Integration, int | None]:
    """Revokes every token of the integration at once. Answers with how many were alive. Raises NotFoundError."""
    visible_integration(desk, actor, district_id, integration_id)
    stopped = desk.registry.stop_tokens(integration_id)
    return stopped, _ended_by(desk, stopped)


def _ended_by(desk: Desk, stopped: Integration) -> int | None:
    """None when they cannot be counted: that is no reason to call what is stopped not stopped."""
    try:
        listed = desk.registry.tokens(stopped.id)
    except UnavailableError:
        return None
    now, generation = desk.now(), stopped.token_generation - 1
    return sum(token.generation == generation and token.alive(now) for token in listed)


def _integration(desk: Desk, actor: Actor, district: District, draft: IntegrationDraft) -> Integration:
    return Integration(
        id=district.id + desk.new_id(_VENDOR_PART),
        district_id=district.id,
        vendor=draft.terms.vendor,
        contact=draft.terms.contact,
        purpose=draft.terms.purpose,
        agreement=draft.terms.agreement,
        scope=draft.scope,
        scope_version=1,
        pseudonym_epoch=1,
        status=Status.DRAFT if draft.draft else Status.ACTIVE,
        created_at=desk.clock.now(),
        created_by=actor.person.id,
        token_generation=1,
        version=1,
    )
