"""A store of sessions in doubt raises: nobody is let in, nothing is made. And what is stored ends by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hallpass.domain.errors import UnavailableError

from tests.records import NOW, PERSON_ID
from tests.sessions.conftest import Stores
from tests.sessions.test_contract import CLAIM, HELD, INVITED

CALLS: dict[str, Callable[[Stores], object]] = {
    "add a session": lambda stores: stores.sessions.add_session(HELD),
    "read a session": lambda stores: stores.sessions.session(PERSON_ID, "Ses1"),
    "end a session": lambda stores: stores.sessions.end_session(PERSON_ID, "Ses1"),
    "add an invitation": lambda stores: stores.invitations.add_invitation(INVITED),
    "read an invitation": lambda stores: stores.invitations.invitation("Person09"),
    "list invitations": lambda stores: stores.invitations.invitations(),
    "withdraw an invitation": lambda stores: stores.invitations.withdraw("Person09"),
    "take a key": lambda stores: stores.outcomes.claim(CLAIM, NOW),
    "keep an outcome": lambda stores: stores.outcomes.finish(CLAIM, 201, "{}"),
    "give a key back": lambda stores: stores.outcomes.release(CLAIM),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_without_its_table_everything_is_unavailable(stored: Stores, call: Callable[[Stores], object]) -> None:
    assert stored.client is not None
    stored.client.delete_table(TableName=stored.table)
    with pytest.raises(UnavailableError):
        call(stored)


READS = {
    "session": lambda stores: stores.sessions.session(PERSON_ID, "Ses1"),
    "invitation": lambda stores: stores.invitations.invitation("Person09"),
    "outcome": lambda stores: stores.outcomes.claim(CLAIM, NOW),
}


def items(stores: Stores) -> list[dict[str, Any]]:
    assert stores.client is not None
    return [dict(item) for item in stores.client.scan(TableName=stores.table)["Items"]]


@pytest.fixture
def filled(stored: Stores) -> Stores:
    stored.sessions.add_session(HELD)
    stored.invitations.add_invitation(INVITED)
    stored.outcomes.claim(CLAIM, NOW)
    return stored


@pytest.mark.parametrize("read", READS.values(), ids=READS)
@pytest.mark.parametrize("broken", ["schema", "digest", "fingerprint"])
def test_what_is_broken_is_in_doubt(filled: Stores, read: Callable[[Stores], object], broken: str) -> None:
    assert filled.client is not None
    for item in items(filled):
        name = broken if broken in item else "schema"
        filled.client.put_item(TableName=filled.table, Item=item | {name: {"S": "canary"}})
    with pytest.raises(UnavailableError):
        read(filled)


def test_everything_is_swept_a_day_after_its_end(filled: Stores) -> None:
    ends = {HELD.expires_at, INVITED.expires_at, CLAIM.until}
    assert {int(item["ttl"]["N"]) for item in items(filled)} == {int(end.timestamp()) + 86_400 for end in ends}


def test_a_key_that_is_given_back_while_somebody_asks_is_in_doubt(
    filled: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(filled.outcomes._table), "get", lambda *_: None)  # type: ignore[attr-defined]  # the real one
    with pytest.raises(UnavailableError):
        filled.outcomes.claim(CLAIM, NOW)
