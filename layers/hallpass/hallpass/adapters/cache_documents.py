"""What was decided about a cache and what was erased of it, as the admin API's JSON and as the audit's words.

Rule: counts, ids and canonical parameters; nothing of what was erased.
"""

from __future__ import annotations

from typing import Any

from hallpass.domain.access import Integration
from hallpass.domain.cache_policy_format import whole_seconds
from hallpass.domain.erasure import SUMS, Erased, ErasedInAll, Marked, PurgeOrder
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.refresh_order import Warming

Document = dict[str, Any]


def allowance_document(integration: Integration) -> Document:
    cap = integration.stale_cap
    return {"may_refresh": integration.may_refresh, "stale_cap": None if cap is None else whole_seconds(cap)}


def allowance_words(integration: Integration) -> str:
    return " ".join(f"{name}={str(value).lower()}" for name, value in allowance_document(integration).items())


def marked_document(marked: Marked) -> Document:
    return {"finished": marked.finished, "stale": {"listings": marked.listings}}


def erased_document(erased: Erased) -> Document:
    """`proven`: everything that was deleted was read back and is gone. What was not is an error, and not told here."""
    counts = {name: count for name, count in erased.counts().items() if not name.startswith("left_")}
    return {"finished": erased.finished, "proven": erased.finished, "erased": counts}


def in_all_document(erased: ErasedInAll) -> Document:
    """`uncounted`: calls that were broken off or still run, whose work is in no sum."""
    sums = {name: getattr(erased, name) for name in SUMS}
    return {"calls": erased.begun, "uncounted": erased.begun - erased.counted, **sums}


def erased_words(erased: Erased) -> str:
    counts = " ".join(f"{name}={count}" for name, count in erased_document(erased)["erased"].items())
    return f"{counts} {'proven' if erased.finished else 'unfinished'}"


def purge_words(order: PurgeOrder) -> str:
    """What is to be purged, canonically."""
    if order.snapshot is not None:
        return f"snapshot {order.snapshot}"
    return listing_words(order.query)


def listing_words(query: UpstreamQuery | None) -> str:
    """None: all of the district."""
    return "district" if query is None else f"listing {query.canonical() or '(no parameters)'}"


def warming_document(warming: Warming, district_id: str, most_calls: int) -> Document:
    """`statistics`: the address that tells when it is done."""
    statistics = f"/admin/v1/districts/{district_id}/cache/statistics"
    asked = {"listings": warming.listings, "left_out": warming.left_out, "most_calls": most_calls}
    return {**asked, "statistics": statistics}
