"""What an integration shows: whether a scope may be granted, its change, and the keys of its pseudonyms.

Rule: a change is a new version over the version that was read, and the vendor's next request is under it. A key is
made for the integration that needs one, and destroyed with the need, its renewal or the integration's end.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hallpass.domain.access import Actor, Agreement, Integration, Status
from hallpass.domain.errors import ConflictError
from hallpass.domain.preconditions import check_version
from hallpass.domain.presets import UPSTREAM_VIEW
from hallpass.domain.schema import FIELDS, Group
from hallpass.domain.scope import Scope
from hallpass.domain.view import view_of
from hallpass.services.manage_access import Desk, refuse_ended, refuse_field, visible_integration

LONGEST_FOR_STATUTORY = timedelta(days=366)
STATUTORY_GROUPS = frozenset({Group.HOMELESS, Group.FOSTER, Group.FRPL})
"""Protected by statutes of their own: granted by name for a school year at most. upstream@1, which holds them too, goes
to nobody but the district."""


def check_scope(scope: Scope, confirm: str | None, agreement: Agreement, today: date) -> None:
    """`confirm`: what was typed to say that it is meant. Raises BodyInvalidError."""
    if scope.fields == UPSTREAM_VIEW:
        if confirm != UPSTREAM_VIEW:
            raise refuse_field("confirm", f"is {UPSTREAM_VIEW} when the fields are: it withholds nothing")
        return
    check_statutory(scope, agreement, today)


def check_statutory(scope: Scope, agreement: Agreement, today: date) -> None:
    """Raises BodyInvalidError."""
    if scope.fields == UPSTREAM_VIEW:
        return
    named = {FIELDS[path].group for path in view_of(scope.fields).paths} & STATUTORY_GROUPS
    if named and agreement.ends_on > today + LONGEST_FOR_STATUTORY:
        groups = ", ".join(sorted(group for group in named if group))
        raise refuse_field("scope.fields.groups", f"has {groups} only under an agreement that ends within 366 days")


def with_key(desk: Desk, integration: Integration) -> Integration:
    """The integration with the key that its scope needs, and without one that it does not. Raises UnavailableError.

    A key that is not needed is destroyed; whoever is shown pseudonyms again is shown others.
    """
    needed, there = view_of(integration.scope.fields).pseudonymised, integration.sealed_key is not None
    if needed == there:
        return integration
    if there:
        return replace(integration, sealed_key=None, pseudonym_epoch=integration.pseudonym_epoch + 1)
    return replace(integration, sealed_key=desk.keys.make(integration.id, integration.pseudonym_epoch))


def change_scope(
    desk: Desk, actor: Actor, address: tuple[str, str], scope: Scope, confirm: str | None, seen: int | None = None
) -> tuple[Integration, Integration]:
    """Replaces the scope; the same scope stays as it is. `address`: district, integration. Answers before and after.

    `seen`: the version that the change is meant for; None: any. Raises NotFoundError, BodyInvalidError,
    VersionConflictError, UnavailableError, ConflictError when it has ended or another write won.
    """
    district, before = visible_integration(desk, actor, *address)
    check_version(before.version, seen)
    refuse_ended(before)
    check_scope(scope, confirm, before.agreement, desk.today(district))
    if scope == before.scope:
        return before, before
    changed = replace(before, scope=scope, scope_version=before.scope_version + 1, version=before.version + 1)
    after = with_key(desk, changed)
    desk.registry.amend_integration(after, desk.clock.now(), actor.person.id)
    return before, after


def renew_pseudonyms(
    desk: Desk, actor: Actor, address: tuple[str, str], seen: int | None = None
) -> tuple[Integration, Integration]:
    """A new key, the old one destroyed: the same persons get pseudonyms that have nothing in common with the old.

    Raises NotFoundError, UnavailableError, ConflictError when it has ended, shows none, or another write won.
    """
    _, before = visible_integration(desk, actor, *address)
    check_version(before.version, seen)
    refuse_ended(before)
    if not view_of(before.scope.fields).pseudonymised:
        raise ConflictError("The integration's scope shows no pseudonyms.")
    epoch = before.pseudonym_epoch + 1
    after = replace(
        before, pseudonym_epoch=epoch, sealed_key=desk.keys.make(before.id, epoch), version=before.version + 1
    )
    desk.registry.save_integration(after)
    return before, after


def end_integration(
    desk: Desk, actor: Actor, address: tuple[str, str], seen: int | None = None
) -> tuple[Integration, Integration]:
    """For good: every token is revoked and the pseudonym key destroyed, in one write. Idempotent.

    Raises NotFoundError, ConflictError when another write won.
    """
    _, before = visible_integration(desk, actor, *address)
    check_version(before.version, seen)
    if before.status is Status.ENDED:
        return before, before
    after = replace(
        before,
        status=Status.ENDED,
        ended_at=desk.now(),
        ended_by=actor.person.id,
        sealed_key=None,
        token_generation=before.token_generation + 1,
        version=before.version + 1,
    )
    desk.registry.save_integration(after)
    return before, after
