"""How an account's upstream has fared, on the pages table: one small item for all containers.

Rule: each attribute is read by itself, and one that is broken is as if it were not there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from hallpass.adapters.page_items import (
    FURTHEST_AHEAD,
    SWEEP_MARGIN,
    BrokenItemError,
    Item,
    StoredItem,
    Value,
    ahead,
    stamp,
    ttl,
)
from hallpass.adapters.page_items import read_number as _number
from hallpass.adapters.page_items import read_text as _text
from hallpass.adapters.page_items import read_time as _time
from hallpass.adapters.pages_table import PagesTable
from hallpass.domain.health import SEATS, Health
from hallpass.domain.listing import STORE_SCHEMA, Account
from hallpass.domain.pages import LONGEST_USE


class DynamoDbAccountStore:
    """`AccountStore` over the pages table."""

    def __init__(self, table: PagesTable) -> None:
        self._table = table

    def within(self, seconds_left: Callable[[], float]) -> DynamoDbAccountStore:
        return DynamoDbAccountStore(self._table.within(seconds_left))

    def health(self, account: Account) -> Health | None:
        def read() -> Health:
            item = self._table.get(_key(account), consistent=True)
            return _health(item, self._table.clock.now()) if item else Health()

        return self._table.or_miss(read, None)

    def note_refusal(self, account: Account, at: datetime) -> None:
        self._set(account, {"refused_at": stamp(at)})

    def note_fault(
        self, account: Account, fault: str, at: datetime, rest_until: datetime | None, listing: str = ""
    ) -> None:
        sets: dict[str, Value] = {"fault": fault, "faulted_at": stamp(at), "listing": listing}
        if rest_until is not None:
            sets["rest_until"] = stamp(rest_until)
        key, kept, gone = _key(account), sets | self._life(), ["probe_until"]
        countable = "attribute_not_exists(#faults) OR attribute_type(#faults, :number)"

        def note() -> bool:
            counted = self._table.update(key, kept, removes=gone, counts=["faults"], condition=countable)
            return counted or self._table.update(key, kept | {"faults": 1}, removes=gone)

        self._table.or_miss(note, False)

    def note_success(self, account: Account) -> None:
        self._set(account, {"faults": 0}, "probe_until")

    def take_probe(self, account: Account, faults: int, until: datetime, now: datetime) -> bool:
        condition = f"#faults = :faults AND ({_over('probe_until')})"
        values: dict[str, Value] = {":faults": faults, **_times(now)}
        sets = {"probe_until": stamp(until)} | self._life()
        key = _key(account)
        return self._table.or_miss(lambda: self._table.update(key, sets, condition=condition, values=values), False)

    def take_seat(self, account: Account, seat: int, until: datetime, now: datetime) -> bool | None:
        name, key = f"seat_{seat}", _key(account)
        condition, values = _over(name), _times(now)
        sets = {name: stamp(until)} | self._life()

        def take() -> bool | None:
            return self._table.update(key, sets, condition=condition, values=values)

        return self._table.or_miss(take, None)

    def leave_seat(self, account: Account, seat: int) -> None:
        self._set(account, {}, f"seat_{seat}")

    def _set(self, account: Account, sets: dict[str, Value], *removes: str) -> None:
        kept = sets | self._life()
        self._table.or_miss(lambda: self._table.update(_key(account), kept, removes=removes), False)

    def _life(self) -> dict[str, Value]:
        # As long as any page that was read before may be used.
        return {"schema": STORE_SCHEMA, "ttl": ttl(self._table.clock.now() + LONGEST_USE + SWEEP_MARGIN)}


def _key(account: Account) -> dict[str, str]:
    return {"pk": f"account#{account.district_id}#{account.epoch}", "sk": "health"}


def _over(name: str) -> str:
    """That what an attribute sets a time to is over, or says nothing."""
    return f"NOT attribute_type(#{name}, :text) OR #{name} <= :now OR #{name} > :ahead"


def _times(now: datetime) -> dict[str, Value]:
    return {":now": stamp(now), ":ahead": stamp(now + FURTHEST_AHEAD)}


def _health(item: Item, now: datetime) -> Health:
    return Health(
        refused_at=_moment(item, "refused_at", now),
        faults=_count(item),
        fault=_told(item, "fault"),
        faulted_at=_moment(item, "faulted_at", now),
        rest_until=_moment(item, "rest_until", now),
        probe_until=_moment(item, "probe_until", now),
        seats={seat: until for seat in range(SEATS) if (until := _moment(item, f"seat_{seat}", now)) is not None},
        listing=_told(item, "listing"),
    )


def _moment(item: StoredItem, name: str, now: datetime) -> datetime | None:
    try:
        moment = _time(item, name)
    except BrokenItemError:
        return None
    return None if ahead(moment, now) else moment


def _count(item: StoredItem) -> int:
    try:
        return _number(item, "faults")
    except BrokenItemError:
        return 0


def _told(item: StoredItem, name: str) -> str:
    try:
        return _text(item, name)
    except BrokenItemError:
        return ""
