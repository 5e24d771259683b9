"""What the upstream sent and nobody documented: a district sees it, and says what came of looking into it.

Rule: a review releases nothing. A path is withheld until a release of Hallpass knows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hallpass.domain.access import Actor
from hallpass.domain.quarantine import Finding, QuarantinedPath, Review
from hallpass.services.manage_access import Desk, refuse_ended, visible_district


def quarantine(desk: Desk, actor: Actor, district_id: str) -> Sequence[QuarantinedPath]:
    """Raises NotFoundError, UnavailableError."""
    return desk.quarantine.quarantine(visible_district(desk, actor, district_id).id)


def review(
    desk: Desk, actor: Actor, district_id: str, path: str, finding: Finding
) -> tuple[QuarantinedPath, QuarantinedPath]:
    """`path`: as it is listed. Answers before and after; a word that somebody says again keeps its first time.

    Raises NotFoundError, UnavailableError, ConflictError when the district has ended.
    """
    district = visible_district(desk, actor, district_id)
    refuse_ended(district)
    said = Review(actor.person.id, desk.now(), finding)
    before = desk.quarantine.review(district.id, path, said)
    if before.review is not None and before.review.says_the_same_as(said):
        return before, before
    return before, replace(before, review=said)
