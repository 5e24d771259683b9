"""The admin API's addresses for what nobody documented: the list, and what came of looking into it.

Rule: a path stands in the body and the answer alone; the record says it as a log would, with a hash for its name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import Field

from hallpass.adapters.admin_bodies import Strict, Text
from hallpass.adapters.admin_documents import Document, timestamp
from hallpass.adapters.admin_routes import Answer, Call
from hallpass.domain.paging import by_time_backwards
from hallpass.domain.quarantine import Finding, QuarantinedPath, Review, unnamed
from hallpass.services import review_quarantine
from hallpass.services.manage_access import Desk


class ReviewBody(Strict):
    """`path`: as it is listed. `as`: what came of looking into it."""

    path: Text
    found_as: Annotated[Literal["asked-upstream", "known-harmless", "contains-personal-data"], Field(alias="as")]


class QuarantineRoutes:
    """`call` gives the request being answered."""

    def __init__(self, desk: Desk, call: Callable[[], Call]) -> None:
        self._desk = desk
        self._call = call

    def show(self, district_id: str) -> Answer:
        call = self._call()
        found = review_quarantine.quarantine(self._desk, call.actor, district_id)
        page = call.cut(found, lambda one: by_time_backwards(one.last_seen, one.path))
        return {"quarantine": [quarantined_document(path) for path in page.items], "next": page.next}, 200

    def review(self, district_id: str, body: Annotated[ReviewBody, Body()]) -> Answer:
        call, finding = self._call(), Finding(body.found_as)
        before, after = review_quarantine.review(self._desk, call.actor, district_id, body.path, finding)
        call.trail.note(before=_told(before), after=_told(after))
        return {"quarantined": quarantined_document(after)}, 200


def quarantined_document(found: QuarantinedPath) -> Document:
    return {
        "path": found.path,
        "logged_as": unnamed(found.path),
        "first_seen": timestamp(found.first_seen),
        "last_seen": timestamp(found.last_seen),
        "nodes": found.nodes,
        "review": _review_document(found.review),
    }


def _review_document(review: Review | None) -> Document | None:
    if review is None:
        return None
    return {"by": review.by, "at": timestamp(review.at), "as": review.finding.value}


def _told(found: QuarantinedPath) -> str:
    """For the audit."""
    return f"{unnamed(found.path)}: {found.review.finding.value if found.review else 'not reviewed'}"
