"""Which tokens there are: what every roster does, and what the real one asks and reads."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.adapters.patience import LEAST
from hallpass.adapters.registry_roster import RegistryRoster
from hallpass.domain.access import Token, TokenStatus
from hallpass.domain.bad_tokens import HEARD_OF_SECONDS, ROSTER_SECONDS
from hallpass.domain.tokens import PresentedToken, TokenKind
from hallpass.ports import Registry, Roster

from tests.aws_tables import create_table
from tests.fakes import MemoryRegistry, SetClock
from tests.limits.conftest import client_of
from tests.quota_fakes import MemoryRoster
from tests.records import INTEGRATION_ID, NOW, a_district, a_person, a_token, an_integration
from tests.store.wire import Wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_NUMBERS = itertools.count(1)
GOOD, BAD = b"\x01" * 32, b"\x02" * 32


@dataclass(frozen=True, slots=True)
class Hall:
    registry: Registry
    roster: Roster
    clock: SetClock

    def may(self, holder: str = INTEGRATION_ID, token: str = "Tok1", digest: bytes = GOOD) -> bool:  # noqa: S107 - an id
        return self.roster.may_hold(PresentedToken(TokenKind.LIVE, holder, token, digest))

    def add(self, token: Token) -> None:
        seen = self.registry.integration(token.holder_id)
        assert seen is not None
        self.registry.add_token(token, seen)


def filled(registry: Registry, roster: Roster, clock: SetClock) -> Hall:
    registry.add_district(a_district())
    registry.add_integration(an_integration())
    hall = Hall(registry, roster, clock)
    hall.add(a_token())
    return hall


def over(client: DynamoDBClient) -> Hall:
    table, clock = create_table(client, f"registry-{next(_NUMBERS)}"), SetClock()
    return filled(DynamoDbRegistry(client, table), RegistryRoster(client, table, clock), clock)


@pytest.fixture(params=["memory", "moto", "ministack"])
def hall(request: pytest.FixtureRequest) -> Hall:
    if request.param == "memory":
        registry = MemoryRegistry()
        return filled(registry, MemoryRoster(registry), SetClock())
    return over(client_of(request))


@pytest.fixture
def stored(dynamodb: DynamoDBClient) -> Hall:
    return over(dynamodb)


CASES = [
    pytest.param("the token", INTEGRATION_ID, "Tok1", GOOD, id="the token"),
    pytest.param("another secret", INTEGRATION_ID, "Tok1", BAD, id="another secret"),
    pytest.param("another token", INTEGRATION_ID, "Tok2", GOOD, id="another token"),
    pytest.param("another vendor", "D1stVnd2", "Tok1", GOOD, id="another vendor"),
    pytest.param("another district", "D2ndVnd1", "Tok1", GOOD, id="another district"),
    pytest.param("nothing", "0000Vnd1", "0000", bytes(32), id="no digest at all"),
]


@pytest.mark.parametrize(("case", "holder", "token", "digest"), CASES)
def test_only_a_token_with_its_secret_may_be_there(
    hall: Hall, case: str, holder: str, token: str, digest: bytes
) -> None:
    assert hall.may(holder, token, digest) is (case == "the token")


def test_a_token_is_there_before_anybody_holds_it(hall: Hall) -> None:
    assert not hall.may(token="Tok2", digest=BAD)
    hall.add(a_token("Tok2", digest=BAD))
    hall.clock.move(timedelta(seconds=HEARD_OF_SECONDS * LEAST))
    assert hall.may(token="Tok2", digest=BAD)


def test_a_new_districts_token_is_there_as_well(hall: Hall) -> None:
    assert not hall.may("D2ndVnd1")
    hall.registry.add_district(a_district("D2nd"))
    hall.registry.add_integration(an_integration("D2ndVnd1"))
    hall.add(a_token(holder_id="D2ndVnd1"))
    hall.clock.move(timedelta(seconds=HEARD_OF_SECONDS * LEAST))
    assert hall.may("D2ndVnd1")


@pytest.mark.parametrize("how", ["revoked", "paused", "expired", "stopped"])
def test_what_does_not_hold_any_more_is_told_by_who_looks_it_up(hall: Hall, how: str) -> None:
    """Whoever knows its secret hears why, and its district has the row."""
    ways: dict[str, Callable[[], object]] = {
        "revoked": lambda: hall.registry.revoke_token(INTEGRATION_ID, "Tok1", NOW, "tests"),
        "paused": lambda: hall.registry.set_token_status(INTEGRATION_ID, "Tok1", TokenStatus.PAUSED),
        "expired": lambda: hall.clock.move(timedelta(days=1000)),
        "stopped": lambda: hall.registry.stop_tokens(INTEGRATION_ID),
    }
    ways[how]()
    hall.clock.move(timedelta(seconds=1))
    assert hall.may()


def test_a_thousand_bad_tokens_cost_what_one_costs(stored: Hall, dynamodb: DynamoDBClient) -> None:
    wire = Wire(dynamodb)
    for number in range(500):
        assert not stored.may(digest=number.to_bytes(32, "big"))
        assert not stored.may(f"{number:04}Vnd1")
    assert wire.operations == ["Query", "Query"]
    stored.clock.move(timedelta(seconds=ROSTER_SECONDS * 0.9))
    assert not stored.may(digest=BAD)
    assert len(wire.operations) == 2
    stored.clock.move(timedelta(seconds=ROSTER_SECONDS * 0.2))
    assert not stored.may(digest=BAD)
    assert len(wire.operations) == 4


@pytest.mark.parametrize("seconds", [-1, 600], ids=["a clock that was set back", "a container that was frozen"])
def test_a_list_is_old_when_either_clock_says_so(stored: Hall, seconds: int) -> None:
    assert not stored.may(token="Tok2", digest=BAD)
    stored.add(a_token("Tok2", digest=BAD))
    stored.clock.at += timedelta(seconds=seconds)
    assert stored.may(token="Tok2", digest=BAD)


def test_it_reads_digests_and_no_more(stored: Hall, dynamodb: DynamoDBClient) -> None:
    asked: list[tuple[str, str, str]] = []

    def hear(params: dict[str, object], **_: object) -> None:
        values: object = params["ExpressionAttributeValues"]
        assert isinstance(values, dict)
        asked.append((str(params["ProjectionExpression"]), str(params["Select"]), values[":pk"]["S"]))

    dynamodb.meta.events.register("before-parameter-build.dynamodb.Query", hear)
    stored.registry.add_person(a_person(), a_token(holder_id="Person01"))
    assert stored.may()
    assert not stored.may("peop0000")
    dynamodb.meta.events.unregister("before-parameter-build.dynamodb.Query", hear)
    assert {one[:2] for one in asked} == {("sk, digest", "SPECIFIC_ATTRIBUTES")}
    assert {one[2] for one in asked} == {"directory", "district#D1st"}


@pytest.mark.parametrize("failing", ["the directory", "the district"])
def test_what_cannot_be_read_denies_nothing(
    stored: Hall, dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    query = dynamodb.query

    def fail(**named: object) -> object:
        partition = str(named["ExpressionAttributeValues"])
        if ("directory" in partition) == (failing == "the directory"):
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "m"}}, "Query")
        return query(**named)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(dynamodb, "query", fail)
    assert stored.may(digest=BAD)
    monkeypatch.undo()
    assert not stored.may(digest=BAD)
