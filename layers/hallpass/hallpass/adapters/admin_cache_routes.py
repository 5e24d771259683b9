"""The admin API's addresses for the cache: a district's policy, an integration's allowance; purging, warming, deletion.

Rule: a route calls one use case; what is loud in the audit is loud before the use case may refuse it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from hallpass.adapters.admin_documents import district_document, integration_document, stored_document, timestamp
from hallpass.adapters.admin_routes import Answer, Call
from hallpass.adapters.cache_bodies import AllowanceBody, DeletionBody, PolicyBody, PurgeBody, WarmBody
from hallpass.adapters.cache_documents import (
    allowance_words,
    erased_document,
    erased_words,
    in_all_document,
    listing_words,
    marked_document,
    purge_words,
    warming_document,
)
from hallpass.adapters.status_documents import afterwards_document
from hallpass.domain.cache_policy import Check
from hallpass.domain.cache_policy_format import policy_to_json, policy_words
from hallpass.domain.erasure import Erased
from hallpass.services import erase_district, manage_cache, purge_pages, warm_district
from hallpass.services.manage_access import Desk, visible_district


class CacheRoutes:
    """`call` gives the request being answered."""

    def __init__(self, desk: Desk, call: Callable[[], Call]) -> None:
        self._desk = desk
        self._call = call

    def show_policy(self, district_id: str) -> Answer:
        call = self._call()
        district = visible_district(self._desk, call.actor, district_id)
        call.shows(district)
        return {"cache": policy_to_json(district.cache), "version": district.version}, 200

    def show_statistics(self, district_id: str) -> Answer:
        call = self._call()
        return stored_document(manage_cache.stored(self._desk, call.actor, district_id, call.seconds)), 200

    def set_policy(self, district_id: str, body: Annotated[PolicyBody, Body()]) -> Answer:
        call, policy = self._call(), body.policy()
        if policy.check is Check.OFF:
            call.trail.action = "district.cache-unchecked"
        before, after = manage_cache.set_policy(self._desk, call.actor, district_id, policy, body.confirm, call.seen)
        call.trail.note(before=policy_words(before.cache), after=policy_words(after.cache))
        call.shows(after)
        return {"cache": policy_to_json(after.cache), "version": after.version}, 200

    def set_allowance(self, district_id: str, integration_id: str, body: Annotated[AllowanceBody, Body()]) -> Answer:
        call, address = self._call(), (district_id, integration_id)
        cap = None if body.stale_cap is None else timedelta(seconds=body.stale_cap)
        allowance = manage_cache.Allowance(body.may_refresh, cap)
        before, after = manage_cache.set_allowance(self._desk, call.actor, address, allowance, call.seen)
        call.trail.note(before=allowance_words(before), after=allowance_words(after))
        call.shows(after)
        return {"integration": integration_document(after)}, 200

    def purge(self, district_id: str, body: Annotated[PurgeBody, Body()]) -> Answer:
        call, order = self._call(), body.order()
        call.trail.action = f"district.purge-{order.mode}"
        call.trail.note(before=purge_words(order))
        purged = purge_pages.purge(self._desk, call.actor, district_id, order, call.seconds)
        if isinstance(purged.done, Erased):
            call.trail.note(after=erased_words(purged.done))
            told = erased_document(purged.done) | {"again_after": timestamp(purged.again_after)}
        else:
            call.trail.note(after=f"stale listings={purged.done.listings}")
            told = marked_document(purged.done)
        return {"mode": order.mode.value, **told}, 200 if purged.done.finished else 202

    def warm(self, district_id: str, body: Annotated[WarmBody, Body()]) -> Answer:
        call, query = self._call(), body.query()
        call.trail.note(before=listing_words(query))
        warming = warm_district.warm(self._desk, call.actor, district_id, query, call.seconds)
        call.trail.note(after=f"asked listings={warming.listings} left_out={warming.left_out}")
        told = warming_document(warming, district_id, self._desk.warm_calls)
        return told | {"asked_at": timestamp(warming.asked_at)}, 202

    def delete_district(self, district_id: str, body: Annotated[DeletionBody, Body()]) -> Answer:
        call = self._call()
        done = erase_district.erase_district(self._desk, call.actor, district_id, body.confirm, call.seconds)
        ended = f"{done.after.status} integrations={done.integrations} credential=erased {erased_words(done.erased)}"
        call.trail.note(before=done.before.status.value, after=ended)
        told = erased_document(done.erased) | {"again_after": timestamp(done.again_after)}
        told["erased_in_all"] = in_all_document(done.after.erased)
        document = {"district": district_document(done.after), "integrations_ended": done.integrations, **told}
        document |= afterwards_document(done.afterwards)
        return document | {"credential": "erased"}, 200 if done.erased.finished else 202
