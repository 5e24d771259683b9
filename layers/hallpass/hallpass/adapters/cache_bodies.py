"""The JSON bodies about the cache: times in whole seconds, each within its bounds, none left out."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from hallpass.adapters.admin_bodies import Day, Strict, Text
from hallpass.domain.cache_policy import BOUNDS, LONGEST_STALE, CachePolicy, Check
from hallpass.domain.cache_policy_format import whole_seconds
from hallpass.domain.erasure import PurgeMode, PurgeOrder
from hallpass.domain.http_caching import UpstreamControl
from hallpass.domain.leases import SNAPSHOT_ID
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.scope import IncidentType


def _within(name: str) -> Any:
    least, most = BOUNDS[name]
    return Field(ge=whole_seconds(least), le=whole_seconds(most))


def _snapshot(value: str) -> str:
    if not SNAPSHOT_ID.fullmatch(value):
        raise ValueError("is a snapshot's id as the audit and `Link` show it, such as 064c0bd7415c00-1a2b3c4d")
    return value


class PolicyBody(Strict):
    """A district's whole policy. `confirm`: `unchecked`, typed by a person, when the check is off."""

    fresh_for: Annotated[int, _within("fresh_for")]
    stale_while_revalidate: Annotated[int, _within("stale_while_revalidate")]
    stale_if_error: Annotated[int, _within("stale_if_error")]
    closed_after: Annotated[int, _within("closed_after")]
    closed_fresh_for: Annotated[int, _within("closed_fresh_for")]
    control: Literal["honour", "override"]
    check: Literal["guarded", "verified", "off"]
    confirm: Text | None = None

    def policy(self) -> CachePolicy:
        times = {name: timedelta(seconds=getattr(self, name)) for name in BOUNDS}
        return CachePolicy(**times, control=UpstreamControl(self.control), check=Check(self.check))


class AllowanceBody(Strict):
    """`stale_cap`: null is the district's."""

    may_refresh: bool
    stale_cap: Annotated[int, Field(ge=0, le=whole_seconds(LONGEST_STALE))] | None


class ListingBody(Strict):
    """The upstream's own parameters; what is left out, the listing was asked for without."""

    type: Literal["referral", "minor", "pending"] | None = None
    deleted: bool = False
    first: Annotated[Day | None, Field(alias="from")] = None
    last: Annotated[Day | None, Field(alias="to")] = None

    @model_validator(mode="after")
    def _in_order(self) -> ListingBody:
        if (self.first is None) != (self.last is None):
            raise ValueError("has `from` and `to` together, or neither")
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError("has a `from` that is not after its `to`")
        return self

    def query(self) -> UpstreamQuery:
        kind = None if self.type is None else IncidentType(self.type)
        return UpstreamQuery(kind, self.deleted, self.first, self.last)


class PurgeBody(Strict):
    """Without `listing` and `snapshot`: the whole district."""

    mode: Literal["soft", "hard"]
    listing: ListingBody | None = None
    snapshot: Annotated[str, AfterValidator(_snapshot)] | None = None

    def order(self) -> PurgeOrder:
        """Raises BodyInvalidError."""
        return PurgeOrder(PurgeMode(self.mode), self.listing.query() if self.listing else None, self.snapshot)


class WarmBody(Strict):
    """Without `listing`: those that are asked for, and the one without parameters."""

    listing: ListingBody | None = None

    def query(self) -> UpstreamQuery | None:
        return self.listing.query() if self.listing else None


class DeletionBody(Strict):
    """`confirm`: the district's id, typed by a person."""

    confirm: Text
