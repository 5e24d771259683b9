"""The admin API's address for an integration's limits.

Rule: all limits are said together, so that what was left out is never guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import Field

from hallpass.adapters.admin_bodies import Strict
from hallpass.adapters.admin_documents import integration_document
from hallpass.adapters.admin_routes import Answer, Call
from hallpass.domain.limits import LIMIT_BOUNDS, Limits, limits_words
from hallpass.services import manage_limits
from hallpass.services.manage_access import Desk


def _within(name: str) -> Any:
    least, most = LIMIT_BOUNDS[name]
    return Field(ge=least, le=most)


class LimitsBody(Strict):
    per_minute: Annotated[int, _within("per_minute")]
    burst: Annotated[int, _within("burst")]
    pages_a_day: Annotated[int, _within("pages_a_day")]

    def limits(self) -> Limits:
        return Limits(self.per_minute, self.burst, self.pages_a_day)


class LimitRoutes:
    """`call` gives the request being answered."""

    def __init__(self, desk: Desk, call: Callable[[], Call]) -> None:
        self._desk = desk
        self._call = call

    def set_limits(self, district_id: str, integration_id: str, body: Annotated[LimitsBody, Body()]) -> Answer:
        call, address = self._call(), (district_id, integration_id)
        before, after = manage_limits.set_limits(self._desk, call.actor, address, body.limits(), call.seen)
        call.trail.note(before=limits_words(before.limits), after=limits_words(after.limits))
        call.shows(after)
        return {"integration": integration_document(after)}, 200
