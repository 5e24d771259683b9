"""What a district decides about how much a vendor may ask for.

Rule: a change is written over the version that was read, and holds on the vendor's next request.
"""

from __future__ import annotations

from dataclasses import replace

from hallpass.domain.access import Actor, Integration
from hallpass.domain.limits import Limits
from hallpass.domain.preconditions import check_version
from hallpass.services.manage_access import Desk, refuse_ended, visible_integration


def set_limits(
    desk: Desk, actor: Actor, address: tuple[str, str], limits: Limits, seen: int | None = None
) -> tuple[Integration, Integration]:
    """`address`: district, integration. `seen`: the version that the change is meant for; None: any.

    Answers before and after; the same limits stay as they are. Raises NotFoundError, VersionConflictError,
    ConflictError when it has ended or another write won.
    """
    _, before = visible_integration(desk, actor, *address)
    check_version(before.version, seen)
    refuse_ended(before)
    if before.limits == limits:
        return before, before
    after = replace(before, limits=limits, version=before.version + 1)
    desk.registry.save_integration(after)
    return before, after
