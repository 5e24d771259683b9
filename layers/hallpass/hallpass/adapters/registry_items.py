"""Registry items <-> districts and integrations.

Rule: what an item says is what the type says; a scope and a cache policy are kept in their one JSON shape.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from hallpass.adapters.item_reader import SCHEMA, Item, ItemReader, flag, number, text
from hallpass.adapters.registry_keys import district_key, integration_key, version_key
from hallpass.domain.access import (
    Agreement,
    District,
    Integration,
    Status,
)
from hallpass.domain.audit import time_text
from hallpass.domain.cache_policy import CachePolicy
from hallpass.domain.cache_policy_format import (
    PolicyInvalidError,
    policy_from_json,
    policy_to_json,
    stale_cap_of,
    whole_seconds,
)
from hallpass.domain.erasure import ErasedInAll
from hallpass.domain.errors import UnavailableError
from hallpass.domain.histories import Written
from hallpass.domain.limits import Limits, limits_from_json, limits_to_json
from hallpass.domain.scope import Scope, ScopeInvalidError
from hallpass.domain.scope_format import scope_from_json, scope_to_json

NewItem = dict[str, dict[str, Any]]


def district_item(district: District) -> NewItem:
    item: NewItem = {
        **district_key(district.id),
        "schema": number(SCHEMA),
        "id": text(district.id),
        "name": text(district.name),
        "time_zone": text(district.time_zone),
        "account_epoch": number(district.account_epoch),
        "status": text(district.status),
        "created_at": text(time_text(district.created_at)),
        "created_by": text(district.created_by),
        "version": number(district.version),
        "cache": text(_json(policy_to_json(district.cache))),
    }
    if district.erased.begun:
        item["erased"] = text(_json(asdict(district.erased)))
    return item | _end_items(district)


def read_district(item: Item) -> District:
    reader = ItemReader(item)
    return District(
        id=reader.text("id"),
        name=reader.text("name"),
        time_zone=reader.text("time_zone"),
        account_epoch=reader.number("account_epoch"),
        status=reader.choice("status", Status),
        created_at=reader.time("created_at"),
        created_by=reader.text("created_by"),
        version=reader.number("version"),
        cache=_read_policy(reader.optional_text("cache")),
        ended_at=reader.optional_time("ended_at"),
        ended_by=reader.optional_text("ended_by"),
        erased=_read_erased(reader.optional_text("erased"), reader.choice("status", Status)),
    )


def _end_items(ended: District | Integration) -> NewItem:
    item: NewItem = {}
    if ended.ended_at is not None:
        item["ended_at"] = text(time_text(ended.ended_at))
    if ended.ended_by is not None:
        item["ended_by"] = text(ended.ended_by)
    return item


def integration_item(integration: Integration) -> NewItem:
    item: NewItem = {
        **integration_key(integration.id),
        "schema": number(SCHEMA),
        "id": text(integration.id),
        "district_id": text(integration.district_id),
        "vendor": text(integration.vendor),
        "contact": text(integration.contact),
        "purpose": text(integration.purpose),
        "agreement_id": text(integration.agreement.id),
        "agreement_ends_on": text(integration.agreement.ends_on.isoformat()),
        "scope": text(_json(scope_to_json(integration.scope))),
        "scope_version": number(integration.scope_version),
        "pseudonym_epoch": number(integration.pseudonym_epoch),
        "status": text(integration.status),
        "created_at": text(time_text(integration.created_at)),
        "created_by": text(integration.created_by),
        "token_generation": number(integration.token_generation),
        "version": number(integration.version),
        "may_refresh": flag(integration.may_refresh),
        "limits": text(_json(limits_to_json(integration.limits))),
    }
    if integration.stale_cap is not None:
        item["stale_cap"] = number(whole_seconds(integration.stale_cap))
    if integration.sealed_key is not None:
        item["sealed_key"] = {"B": integration.sealed_key}
    return item | _end_items(integration)


def read_integration(item: Item) -> Integration:
    reader = ItemReader(item)
    return Integration(
        id=reader.text("id"),
        district_id=reader.text("district_id"),
        vendor=reader.text("vendor"),
        contact=reader.text("contact"),
        purpose=reader.text("purpose"),
        agreement=Agreement(reader.text("agreement_id"), reader.day("agreement_ends_on")),
        scope=_read_scope(reader.text("scope")),
        scope_version=reader.number("scope_version"),
        pseudonym_epoch=reader.number("pseudonym_epoch"),
        status=reader.choice("status", Status),
        created_at=reader.time("created_at"),
        created_by=reader.text("created_by"),
        token_generation=reader.number("token_generation"),
        version=reader.number("version"),
        sealed_key=reader.optional_binary("sealed_key"),
        may_refresh=reader.flag("may_refresh", absent=False),
        stale_cap=_read_cap(reader.optional_number("stale_cap")),
        ended_at=reader.optional_time("ended_at"),
        ended_by=reader.optional_text("ended_by"),
        limits=_read_limits(reader.optional_text("limits")),
    )


def version_item(written: Written) -> NewItem:
    """A version keeps no key: one that is destroyed stays so."""
    bare = replace(written.integration, sealed_key=None)
    told: NewItem = {"written_at": text(time_text(written.at)), "written_by": text(written.by)}
    return {**integration_item(bare), **version_key(bare.id, bare.version), **told}


def read_version(item: Item) -> Written:
    reader = ItemReader(item)
    return Written(read_integration(item), reader.time("written_at"), reader.text("written_by"))


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _read_policy(stored: str | None) -> CachePolicy:
    # Districts from before there were policies have the usual one.
    if stored is None:
        return CachePolicy()
    try:
        return policy_from_json(json.loads(stored))
    except ValueError as error:
        raise UnavailableError from error


def _read_erased(stored: str | None, status: Status) -> ErasedInAll:
    # Who ended a district before this was counted erased what nobody knows.
    if stored is None:
        return ErasedInAll(begun=int(status is Status.ENDED))
    try:
        sums = json.loads(stored)
        if any(type(count) is not int or count < 0 for count in sums.values()):
            raise UnavailableError
        return ErasedInAll(**sums)
    except (ValueError, TypeError, AttributeError) as error:
        raise UnavailableError from error


def _read_limits(stored: str | None) -> Limits:
    # Integrations from before there were limits have the usual ones.
    if stored is None:
        return Limits()
    try:
        return limits_from_json(json.loads(stored))
    except ValueError as error:
        raise UnavailableError from error


def _read_cap(seconds: int | None) -> timedelta | None:
    try:
        return None if seconds is None else stale_cap_of(seconds)
    except PolicyInvalidError as error:
        raise UnavailableError from error


def _read_scope(stored: str) -> Scope:
    try:
        return scope_from_json(json.loads(stored))
    except (ScopeInvalidError, ValueError) as error:
        raise UnavailableError from error
