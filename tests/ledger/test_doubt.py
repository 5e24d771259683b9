"""What ledger and index answer when their store fails, or holds what this version cannot read: nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import EndpointConnectionError
from hallpass.adapters.dynamodb_disclosure_index import DynamoDbDisclosureIndex
from hallpass.adapters.dynamodb_ledger import DynamoDbLedger
from hallpass.adapters.kms_ledger_keys import KmsLedgerKeys
from hallpass.adapters.ledger_items import people_of_parts, people_parts
from hallpass.domain.errors import UnavailableError
from hallpass.domain.ledger import Appearance
from hallpass.domain.people import People, Person, Shown

from tests.aws_tables import create_table
from tests.fakes import SetClock
from tests.ledger.conftest import sealed
from tests.ledger.material import AT, group, later, record, row, student
from tests.records import DISTRICT_ID, INTEGRATION_ID
from tests.store.wire import Fault, KilledError, Wire, answer_with, asked, fail, refuse, reply

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DAY = AT.date()
PEOPLE = group("S1", "S2", "u-1")
APPEARANCE = Appearance(DAY, INTEGRATION_ID, PEOPLE.name, Shown.IDENTIFIED)
ROW_PARTITION = f"row#{DISTRICT_ID}#{DAY}"


class Shelf:
    """The real adapters over moto, a wire between."""

    def __init__(self, dynamodb: DynamoDBClient) -> None:
        self.client, self.wire = dynamodb, Wire(dynamodb)
        self.tables = {name: create_table(dynamodb, name) for name in ("ledger", "index")}
        self.ledger = DynamoDbLedger(dynamodb, self.tables["ledger"], sealed)
        self.index = DynamoDbDisclosureIndex(dynamodb, self.tables["index"])

    def put(self, table: str, pk: str, sk: str, **told: object) -> None:
        """An item as somebody else might have written it."""
        item: dict[str, Any] = {"pk": {"S": pk}, "sk": {"S": sk}, **told}
        self.client.put_item(TableName=self.tables[table], Item=item)

    def rows(self) -> list[str]:
        return [found.key for found in self.ledger.rows(DISTRICT_ID, DAY).rows]


@pytest.fixture
def shelf(dynamodb: DynamoDBClient) -> Iterator[Shelf]:
    made = Shelf(dynamodb)
    made.ledger.open(DISTRICT_ID, AT)
    made.ledger.keep(DISTRICT_ID, PEOPLE)
    made.ledger.add(record(people=PEOPLE))
    made.index.add(DISTRICT_ID, row(people=PEOPLE), PEOPLE)
    made.index.advance(DISTRICT_ID, AT)
    yield made
    events: Any = made.client.meta.events
    events.unregister("before-send.dynamodb", made.wire._send)


CALLS: dict[str, Callable[[Shelf], object]] = {
    "add a row": lambda shelf: shelf.ledger.add(record(2)),
    "keep a set": lambda shelf: shelf.ledger.keep(DISTRICT_ID, group("S9")),
    "open an account": lambda shelf: shelf.ledger.open("D2nd", AT),
    "an account": lambda shelf: shelf.ledger.account(DISTRICT_ID),
    "all accounts": lambda shelf: shelf.ledger.accounts(),
    "rows": lambda shelf: shelf.ledger.rows(DISTRICT_ID, DAY),
    "a set": lambda shelf: shelf.ledger.people(DISTRICT_ID, PEOPLE.name),
    "file": lambda shelf: shelf.index.add(DISTRICT_ID, row(2, people=PEOPLE), PEOPLE),
    "advance": lambda shelf: shelf.index.advance(DISTRICT_ID, later(minutes=1)),
    "until": lambda shelf: shelf.index.indexed_until(DISTRICT_ID),
    "known": lambda shelf: shelf.index.known(DISTRICT_ID, student("S1")),
    "disclosures": lambda shelf: shelf.index.disclosures(DISTRICT_ID, APPEARANCE),
    "unnumbered": lambda shelf: shelf.index.unnumbered(DISTRICT_ID, Person.STUDENT),
    "received": lambda shelf: shelf.index.received(DISTRICT_ID),
    "see": lambda shelf: shelf.index.see(DISTRICT_ID, group("S11")),
}
FAULTS: dict[str, Fault] = {
    "no connection": fail(EndpointConnectionError(endpoint_url="https://invented.example")),
    "denied": refuse(400, "AccessDeniedException"),
    "no table": refuse(400, "ResourceNotFoundException"),
    "throttled": refuse(400, "ProvisionedThroughputExceededException"),
    "broken": refuse(500, "InternalServerError"),
    "no JSON": answer_with(b"<html>"),
    "an empty answer": answer_with(b""),
}
# What a put and a get that finds nothing are answered is {}, and so is what the SDK makes of an answer that is none.
SAYS_NOTHING = {"add a row", "keep a set", "open an account", "an account", "advance", "until"}
CASES = [
    pytest.param(call, fault, id=f"{call}, {name}")
    for call in CALLS
    for name, fault in FAULTS.items()
    if name not in ("no JSON", "an empty answer") or call not in SAYS_NOTHING
]


@pytest.mark.parametrize(("call", "fault"), CASES)
def test_a_store_that_fails_is_told_and_never_passes_for_an_empty_one(shelf: Shelf, call: str, fault: Fault) -> None:
    with shelf.wire.failing(fault), pytest.raises(UnavailableError):
        CALLS[call](shelf)
    CALLS[call](shelf)


def lost(operation: str) -> Fault:
    """The table did as it was asked the first time; its answer is lost, and the SDK asks again."""
    times = iter([True])

    def lose(called: str, request: AWSPreparedRequest) -> AWSResponse | None:
        if called != operation or not next(times, False):
            return None
        return reply(request, 500, json.dumps({"__type": "x#InternalServerError"}).encode())

    return lose


def test_a_row_whose_answer_was_lost_is_written_once_and_is_no_fault(shelf: Shelf) -> None:
    with shelf.wire.failing(lost("PutItem")):
        shelf.ledger.add(record(2))
    assert len(shelf.rows()) == 2


def test_a_row_is_never_written_over(shelf: Shelf) -> None:
    """Two requests with one id at the same instant: the second is not recorded, so it must not be answered."""
    with pytest.raises(UnavailableError):
        shelf.ledger.add(record(people=PEOPLE, source="192.0.2.99"))
    assert [found.text("source") for found in shelf.ledger.rows(DISTRICT_ID, DAY).rows] == ["192.0.2.7"]


def test_a_set_is_whole_or_not_there(shelf: Shelf) -> None:
    """Its first part is written last: who finds that finds all."""
    large = group(" ".join(f"S{number}" for number in range(30_000)))
    assert len(people_parts(large)) == 2
    puts: list[str] = []

    def die_at_the_second(_: str, request: AWSPreparedRequest) -> None:
        puts.append(asked(request)["Item"]["sk"]["S"])
        if len(puts) > 1:
            raise KilledError

    with shelf.wire.failing(die_at_the_second), pytest.raises(KilledError):
        shelf.ledger.keep(DISTRICT_ID, large)
    assert puts == ["0001", "0000"]
    with pytest.raises(UnavailableError):
        shelf.ledger.people(DISTRICT_ID, large.name)
    shelf.ledger.keep(DISTRICT_ID, large)
    assert shelf.ledger.people(DISTRICT_ID, large.name) == large


def test_who_makes_no_keys_opens_no_account(shelf: Shelf) -> None:
    with pytest.raises(UnavailableError):
        DynamoDbLedger(shelf.client, shelf.tables["ledger"]).open("D2nd", AT)
    assert shelf.ledger.accounts() == [DISTRICT_ID]


def test_a_district_without_an_account_has_no_marks(shelf: Shelf) -> None:
    def connect() -> Any:
        raise AssertionError("there is no key to open")

    with pytest.raises(UnavailableError):
        KmsLedgerKeys(shelf.ledger, connect, SetClock()).marks("D2nd")


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({"schema": {"N": "1"}, "time": {"L": []}}, id="a list for a time"),
        pytest.param({"schema": {"N": "1"}}, id="no time"),
        pytest.param({"schema": {"N": "1"}, "time": {"N": "3"}}, id="a number for a time"),
        pytest.param({"time": {"S": "2026-03-02T15:00:00.120Z"}}, id="no schema"),
        pytest.param({"schema": {"N": "99"}, "time": {"S": "2026-03-02T15:00:00.120Z"}}, id="a later schema"),
        pytest.param({"schema": {"N": "1"}, "time": {"S": "x"}, "status": {"N": "1.5"}}, id="a broken number"),
    ],
)
def test_a_row_that_cannot_be_read_is_not_left_out(shelf: Shelf, told: dict[str, Any]) -> None:
    shelf.put("ledger", ROW_PARTITION, "2026-03-02T16:00:00.000Z#x#", **told)
    with pytest.raises(UnavailableError):
        shelf.rows()
    shelf.put("index", f"answer#{DISTRICT_ID}#{PEOPLE.name}", f"{DAY}#{INTEGRATION_ID}#x", **told)
    with pytest.raises(UnavailableError):
        shelf.index.disclosures(DISTRICT_ID, APPEARANCE)


@pytest.mark.parametrize(
    ("sort", "told"),
    [
        pytest.param("2026-03-02", {"shown": {"S": "identified"}}, id="a day alone"),
        pytest.param("2026-13-02#I#p", {"shown": {"S": "identified"}}, id="no day"),
        pytest.param("2026-03-02#I#p", {"shown": {"S": "glanced-at"}}, id="an unknown level"),
        pytest.param("2026-03-02#I#p", {}, id="no level"),
    ],
)
def test_an_appearance_that_cannot_be_read_is_not_left_out(shelf: Shelf, sort: str, told: dict[str, Any]) -> None:
    shelf.put("index", f"person#{DISTRICT_ID}#{student('S1').hex()}", sort, schema={"N": "1"}, **told)
    with pytest.raises(UnavailableError):
        shelf.index.known(DISTRICT_ID, student("S1"))


WHOLE = b"".join(people_parts(PEOPLE))


@pytest.mark.parametrize(
    "bytes_",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(WHOLE[:27], id="half a head"),
        pytest.param(WHOLE[:-1], id="a byte less"),
        pytest.param(WHOLE + bytes(16), id="a mark more"),
    ],
)
def test_what_comes_to_no_set_is_none(shelf: Shelf, bytes_: bytes) -> None:
    assert people_of_parts(bytes_) is None
    shelf.put("ledger", f"people#{DISTRICT_ID}#broken", "0000", marks={"B": bytes_})
    with pytest.raises(UnavailableError):
        shelf.ledger.people(DISTRICT_ID, "broken")


def test_a_set_under_anothers_name_is_none(shelf: Shelf) -> None:
    shelf.put("ledger", f"people#{DISTRICT_ID}#{'0' * 64}", "0000", marks={"B": WHOLE})
    with pytest.raises(UnavailableError):
        shelf.ledger.people(DISTRICT_ID, "0" * 64)


def pages_of_one(operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
    """A table that has no more than one item for each question, and always more to tell."""
    if operation != "Query":
        return None
    last = {"pk": {"S": "p"}, "sk": {"S": "s"}}
    return reply(request, 200, json.dumps({"Items": [], "Count": 0, "LastEvaluatedKey": last}).encode())


@pytest.mark.parametrize("call", ["a set", "all accounts", "known", "disclosures", "unnumbered", "received"])
def test_what_never_ends_is_not_cut(shelf: Shelf, call: str) -> None:
    with shelf.wire.failing(pages_of_one), pytest.raises(UnavailableError):
        CALLS[call](shelf)


def paged(request: AWSPreparedRequest, seen: list[dict[str, Any]]) -> AWSResponse | None:
    """Answers the first two questions with nothing but where to go on; then lets the table speak."""
    body = asked(request)
    if "TableName" not in body or len(seen) >= 2:
        return None
    seen.append(body)
    values = body["ExpressionAttributeValues"]
    last = {"pk": values[":pk"], "sk": {"S": "\u0000"}}
    return reply(request, 200, json.dumps({"Items": [], "Count": 0, "LastEvaluatedKey": last}).encode())


@pytest.mark.parametrize(
    ("call", "want"),
    [
        ("rows", 1),
        ("all accounts", 1),
        ("disclosures", 1),
    ],
)
def test_an_empty_page_is_not_the_end(shelf: Shelf, call: str, want: int) -> None:
    seen: list[dict[str, Any]] = []
    with shelf.wire.failing(lambda operation, request: paged(request, seen) if operation == "Query" else None):
        found: Any = CALLS[call](shelf)
    assert len(getattr(found, "rows", found)) == want
    assert len(seen) == 2


def in_the_way(times: int, seen: list[str]) -> Fault:
    """So many times another run is filing the same at this moment."""
    cancelled = {"__type": "x#TransactionCanceledException", "CancellationReasons": [{"Code": "TransactionConflict"}]}

    def fault(operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
        if operation != "TransactWriteItems" or len(seen) >= times:
            return None
        seen.append(operation)
        return reply(request, 400, json.dumps(cancelled).encode())

    return fault


@pytest.mark.parametrize(("times", "filed"), [(1, True), (2, True), (3, False), (99, False)])
def test_what_another_run_is_filing_is_tried_again_and_at_last_given_up(shelf: Shelf, times: int, filed: bool) -> None:
    seen: list[str] = []
    with shelf.wire.failing(in_the_way(times, seen)), nullcontext() if filed else pytest.raises(UnavailableError):
        shelf.index.add(DISTRICT_ID, row(5, people=group("S7")), group("S7"))
    assert len(seen) == min(times, 3)


@pytest.mark.parametrize("sort", ["no-day", "I#2026-13-02#f", "I#2026-03-02"])
def test_what_was_received_and_cannot_be_read_is_not_left_out(shelf: Shelf, sort: str) -> None:
    shelf.put("index", f"received#{DISTRICT_ID}", sort, schema={"N": "1"})
    with pytest.raises(UnavailableError):
        shelf.index.received(DISTRICT_ID)


def test_a_day_is_read_as_its_own(shelf: Shelf) -> None:
    assert shelf.ledger.rows(DISTRICT_ID, date(2026, 3, 3)).rows == []


def test_an_account_never_shows_its_key(shelf: Shelf) -> None:
    account = shelf.ledger.account(DISTRICT_ID)
    assert account is not None
    assert "sealed for" not in repr(account)


def test_an_empty_set_is_kept_as_one(shelf: Shelf) -> None:
    nobody = People((), ())
    assert shelf.ledger.people(DISTRICT_ID, shelf.ledger.keep(DISTRICT_ID, nobody)) == nobody
