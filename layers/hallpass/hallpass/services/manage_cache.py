"""What a district decides about its cache, and what an integration may do with it.

Rule: a change is written over the version that was read; walks that nobody checks have to be asked for by name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from hallpass.domain.access import Actor, District, Integration
from hallpass.domain.cache_policy import CachePolicy, Check
from hallpass.domain.preconditions import check_version
from hallpass.domain.stored import Stored
from hallpass.services.deadline import deadline
from hallpass.services.manage_access import (
    Desk,
    refuse_ended,
    refuse_field,
    visible_district,
    visible_integration,
)

UNCHECKED = "unchecked"


def stored(desk: Desk, actor: Actor, district_id: str, seconds: float) -> Stored:
    """How much of a district is kept, and how old. `seconds`: what the invocation has left.

    Raises NotFoundError, UnavailableError.
    """
    left = deadline(desk.clock, seconds)
    return desk.counter.count(visible_district(desk, actor, district_id).id, desk.clock.now(), left)


@dataclass(frozen=True, slots=True)
class Allowance:
    """An integration's: whether its vendor may have a page read anew, and its cap on stale-if-error (None: none)."""

    may_refresh: bool
    stale_cap: timedelta | None


def set_policy(
    desk: Desk, actor: Actor, district_id: str, policy: CachePolicy, confirm: str | None, seen: int | None = None
) -> tuple[District, District]:
    """Replaces a district's policy; the same one stays as it is. Answers before and after.

    `confirm`: what was typed to say that unchecked walks are meant. `seen`: the version that the change is meant for;
    None: any. Raises NotFoundError, BodyInvalidError, VersionConflictError, ConflictError when the district has ended
    or another write won.
    """
    before = visible_district(desk, actor, district_id)
    check_version(before.version, seen)
    refuse_ended(before)
    if policy.check is Check.OFF and confirm != UNCHECKED:
        raise refuse_field("confirm", f"is {UNCHECKED} when the check is off: a vendor may miss incidents unnoticed")
    if policy == before.cache:
        return before, before
    after = replace(before, cache=policy, version=before.version + 1)
    desk.registry.save_district(after)
    return before, after


def set_allowance(
    desk: Desk, actor: Actor, address: tuple[str, str], allowance: Allowance, seen: int | None = None
) -> tuple[Integration, Integration]:
    """`address`: district, integration. `seen`: as above. Answers before and after.

    Raises NotFoundError, VersionConflictError, ConflictError when it has ended or another write won.
    """
    _, before = visible_integration(desk, actor, *address)
    check_version(before.version, seen)
    refuse_ended(before)
    if (before.may_refresh, before.stale_cap) == (allowance.may_refresh, allowance.stale_cap):
        return before, before
    after = replace(
        before, may_refresh=allowance.may_refresh, stale_cap=allowance.stale_cap, version=before.version + 1
    )
    desk.registry.save_integration(after)
    return before, after
