"""What every store of claim links does, fake and real alike: a link is used with its token, or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hallpass.domain.access import Integration, Token
from hallpass.domain.claim_links import TOLD_FOR, ClaimLink
from hallpass.domain.errors import ConflictError, NotFoundError, UnavailableError

from tests.records import INTEGRATION_ID, NOW, PERSON_ID, a_token, an_integration
from tests.sessions.conftest import Stores, over
from tests.sessions.test_doubt import items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LINK = ClaimLink(
    id="Clm1",
    integration_id=INTEGRATION_ID,
    digest=b"c" * 32,
    made_at=NOW,
    made_by=PERSON_ID,
    made_with="Ptk1",
    expires_at=NOW + timedelta(hours=24),
    token_expires_at=NOW + timedelta(days=200),
    generation=1,
)
SOURCE = "192.0.2.7"


GRANTED: Integration = an_integration()


def issued(number: int = 1, at: datetime = NOW) -> Token:
    return a_token(f"New{number}", issued_at=at)


@pytest.fixture
def kept(stores: Stores) -> Stores:
    """With a link, and the integration that it is of."""
    stores.registry.add_integration(GRANTED)
    stores.claims.add_link(LINK)
    return stores


def test_a_link_is_found_as_it_was_added(kept: Stores) -> None:
    assert kept.claims.link(INTEGRATION_ID, "Clm1") == LINK
    with pytest.raises(ConflictError):
        kept.claims.add_link(LINK)
    assert kept.claims.link(INTEGRATION_ID, "Clm2") is None
    assert kept.claims.link("D1stVnd9", "Clm1") is None


def test_links_are_listed_oldest_first_and_of_their_integration_alone(kept: Stores) -> None:
    later = replace(LINK, id="Clm0", made_at=NOW + timedelta(seconds=1))
    for one in (later, replace(LINK, integration_id="D1stVnd9")):
        kept.claims.add_link(one)
    assert kept.claims.links(INTEGRATION_ID) == [LINK, later]


def test_the_first_withdrawal_stays_on_record(kept: Stores) -> None:
    for seconds, by in ((1, PERSON_ID), (2, "Person09")):
        kept.claims.withdraw_link(LINK, NOW + timedelta(seconds=seconds), by)
    told = replace(LINK, withdrawn_at=NOW + timedelta(seconds=1), withdrawn_by=PERSON_ID)
    assert kept.claims.link(INTEGRATION_ID, "Clm1") == told
    with pytest.raises(NotFoundError):
        kept.claims.withdraw_link(replace(LINK, id="Clm9"), NOW, PERSON_ID)
    assert kept.claims.link(INTEGRATION_ID, "Clm9") is None


def test_a_link_is_used_once_and_its_token_is_there(kept: Stores) -> None:
    new = issued()
    kept.claims.redeem(LINK, new, GRANTED, SOURCE)
    used = replace(LINK, claimed_at=NOW, claimed_from=SOURCE, token_id="New1")
    assert kept.claims.link(INTEGRATION_ID, "Clm1") == used
    assert kept.registry.tokens(INTEGRATION_ID) == [new]
    assert kept.registry.integration(INTEGRATION_ID) == replace(GRANTED, version=GRANTED.version + 1)
    with pytest.raises(ConflictError):
        kept.claims.redeem(LINK, issued(2), replace(GRANTED, version=GRANTED.version + 1), SOURCE)
    with pytest.raises(ConflictError):
        kept.claims.withdraw_link(LINK, NOW, PERSON_ID)
    assert (kept.claims.link(INTEGRATION_ID, "Clm1"), kept.registry.tokens(INTEGRATION_ID)) == (used, [new])


@pytest.mark.parametrize("cause", ["withdrawn", "over", "not there", "stopped", "changed"])
def test_what_does_not_hold_any_more_has_neither_a_token_nor_a_use(kept: Stores, cause: str) -> None:
    link, seen, at = LINK, GRANTED, NOW
    if cause == "withdrawn":
        kept.claims.withdraw_link(LINK, NOW, PERSON_ID)
    elif cause == "over":
        at = LINK.expires_at
    elif cause == "not there":
        link = replace(LINK, id="Clm9")
    elif cause == "stopped":
        seen = kept.registry.stop_tokens(INTEGRATION_ID)
    else:
        kept.registry.save_integration(replace(GRANTED, version=GRANTED.version + 1))
    with pytest.raises(ConflictError):
        kept.claims.redeem(link, issued(at=at), seen, SOURCE)
    assert kept.registry.tokens(INTEGRATION_ID) == []
    there = kept.claims.link(INTEGRATION_ID, link.id)
    assert (there is None) == (cause == "not there")
    assert there is None or there.token_id is None


def test_of_many_at_once_one_has_the_token(stood_in: DynamoDBClient) -> None:
    kept = over(stood_in)
    kept.registry.add_integration(GRANTED)
    kept.claims.add_link(LINK)

    def redeem(number: int) -> str | None:
        try:
            kept.claims.redeem(LINK, issued(number), GRANTED, SOURCE)
        except ConflictError:
            return None
        return f"New{number}"

    with ThreadPoolExecutor(8) as pool:
        won = [token_id for token_id in pool.map(redeem, range(8)) if token_id]
    assert len(won) == 1
    assert [one.id for one in kept.registry.tokens(INTEGRATION_ID)] == won
    found = kept.claims.link(INTEGRATION_ID, "Clm1")
    assert found is not None
    assert found.token_id == won[0]


CALLS = {
    "add": lambda stores: stores.claims.add_link(LINK),
    "read": lambda stores: stores.claims.link(INTEGRATION_ID, "Clm1"),
    "list": lambda stores: stores.claims.links(INTEGRATION_ID),
    "withdraw": lambda stores: stores.claims.withdraw_link(LINK, NOW, PERSON_ID),
    "redeem": lambda stores: stores.claims.redeem(LINK, issued(), GRANTED, SOURCE),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_without_its_table_everything_is_unavailable(stored: Stores, call: object) -> None:
    assert stored.client is not None
    assert callable(call)
    stored.registry.add_integration(GRANTED)
    stored.client.delete_table(TableName=stored.table)
    with pytest.raises(UnavailableError):
        call(stored)
    assert stored.registry.tokens(INTEGRATION_ID) == []


def test_a_link_is_told_of_for_a_while_after_its_end(stored: Stores) -> None:
    stored.claims.add_link(LINK)
    [item] = items(stored)
    assert int(item["ttl"]["N"]) == int((LINK.expires_at + TOLD_FOR).timestamp())


@pytest.mark.parametrize("broken", ["schema", "digest", "generation", "expires_at"])
def test_what_is_broken_is_in_doubt(stored: Stores, broken: str) -> None:
    assert stored.client is not None
    stored.claims.add_link(LINK)
    [item] = items(stored)
    stored.client.put_item(TableName=stored.table, Item=item | {broken: {"S": "canary"}})
    with pytest.raises(UnavailableError):
        stored.claims.link(INTEGRATION_ID, "Clm1")
