"""The undocumented paths of a district: the contract of fake and adapter, then what the adapter writes and survives."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hallpass.adapters.dynamodb_quarantine import DynamoDbQuarantine
from hallpass.adapters.dynamodb_usage import DynamoDbUsage
from hallpass.domain.errors import NotFoundError, UnavailableError
from hallpass.domain.quarantine import Finding, QuarantinedPath, Review
from hallpass.ports import QuarantineReviewer, QuarantineWriter

from tests.aws_tables import create_table
from tests.records import DISTRICT_ID, NOW
from tests.vendor_fakes import MemoryQuarantine

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_NUMBERS = itertools.count(1)
MINUTE = timedelta(minutes=1)
ONE, TWO, THREE = "incident/one", "incident/school/@two", "incident/offenders/~0123456789ab"
ASKED = Review("Person01", NOW + MINUTE, Finding.ASKED)


class Quarantine(QuarantineWriter, QuarantineReviewer, Protocol):
    """Both ports, as one thing implements them."""


@pytest.fixture(params=["memory", "moto", "ministack"])
def quarantine(request: pytest.FixtureRequest) -> Quarantine:
    if request.param == "memory":
        return MemoryQuarantine()
    if request.param == "moto":
        return DynamoDbQuarantine(request.getfixturevalue("dynamodb"), request.getfixturevalue("table"))
    stood_in = request.getfixturevalue("stood_in")
    return DynamoDbQuarantine(stood_in, create_table(stood_in, f"quarantine-{next(_NUMBERS)}"))


class TestContract:
    """What every QuarantineWriter and its QuarantineReviewer do: the fake and the real one alike."""

    def test_what_is_noted_is_listed(self, quarantine: Quarantine) -> None:
        quarantine.note(DISTRICT_ID, {ONE: 3}, NOW)
        assert quarantine.quarantine(DISTRICT_ID) == [QuarantinedPath(ONE, NOW, NOW, 3)]

    def test_nothing_noted_is_an_empty_list(self, quarantine: Quarantine) -> None:
        quarantine.note(DISTRICT_ID, {}, NOW)
        assert quarantine.quarantine(DISTRICT_ID) == []

    def test_the_first_time_stays_and_the_last_one_and_its_count_move(self, quarantine: Quarantine) -> None:
        for days, nodes in ((0, 3), (1, 9), (2, 1)):
            quarantine.note(DISTRICT_ID, {ONE: nodes}, NOW + timedelta(days=days))
        assert quarantine.quarantine(DISTRICT_ID) == [QuarantinedPath(ONE, NOW, NOW + timedelta(days=2), 1)]

    def test_the_latest_seen_is_first(self, quarantine: Quarantine) -> None:
        for number, path in enumerate((TWO, ONE, THREE, TWO)):
            quarantine.note(DISTRICT_ID, {path: 1}, NOW + number * MINUTE)
        assert [found.path for found in quarantine.quarantine(DISTRICT_ID)] == [TWO, THREE, ONE]

    def test_paths_of_one_page_have_one_order(self, quarantine: Quarantine) -> None:
        quarantine.note(DISTRICT_ID, {ONE: 1, THREE: 1, TWO: 1}, NOW)
        assert [found.path for found in quarantine.quarantine(DISTRICT_ID)] == sorted((ONE, TWO, THREE), reverse=True)

    @pytest.mark.parametrize("other", ["D2nd", DISTRICT_ID.lower(), DISTRICT_ID[:3], f"{DISTRICT_ID}#", "quarantine"])
    def test_another_district_sees_nothing_of_it(self, quarantine: Quarantine, other: str) -> None:
        quarantine.note(DISTRICT_ID, {ONE: 1}, NOW)
        assert quarantine.quarantine(other) == []
        quarantine.note(other, {ONE: 2, TWO: 2}, NOW + MINUTE)
        assert quarantine.quarantine(DISTRICT_ID) == [QuarantinedPath(ONE, NOW, NOW, 1)]

    def test_a_moment_comes_back_as_it_was(self, quarantine: Quarantine) -> None:
        at = datetime(2026, 3, 2, 15, 0, 1, 123456, tzinfo=UTC)
        quarantine.note(DISTRICT_ID, {ONE: 1}, at)
        assert astuple(quarantine.quarantine(DISTRICT_ID)[0]) == (ONE, at, at, 1, None)

    def test_a_review_answers_the_path_as_it_was_and_is_listed(self, quarantine: Quarantine) -> None:
        quarantine.note(DISTRICT_ID, {ONE: 3, TWO: 1}, NOW)
        assert quarantine.review(DISTRICT_ID, ONE, ASKED) == QuarantinedPath(ONE, NOW, NOW, 3)
        assert quarantine.quarantine(DISTRICT_ID) == [
            QuarantinedPath(TWO, NOW, NOW, 1),
            QuarantinedPath(ONE, NOW, NOW, 3, ASKED),
        ]

    def test_a_path_that_is_seen_again_stays_reviewed_and_a_new_one_is_not(self, quarantine: Quarantine) -> None:
        quarantine.note(DISTRICT_ID, {ONE: 3}, NOW)
        quarantine.review(DISTRICT_ID, ONE, ASKED)
        later = NOW + timedelta(days=9)
        assert quarantine.note(DISTRICT_ID, {ONE: 7, TWO: 1}, later) == 1
        assert quarantine.quarantine(DISTRICT_ID) == [
            QuarantinedPath(TWO, later, later, 1),
            QuarantinedPath(ONE, NOW, later, 7, ASKED),
        ]

    def test_a_word_that_is_said_again_keeps_its_first_time(self, quarantine: Quarantine) -> None:
        quarantine.note(DISTRICT_ID, {ONE: 3}, NOW)
        quarantine.review(DISTRICT_ID, ONE, ASKED)
        again = quarantine.review(DISTRICT_ID, ONE, replace(ASKED, at=NOW + timedelta(hours=1)))
        assert again == QuarantinedPath(ONE, NOW, NOW, 3, ASKED)
        assert quarantine.quarantine(DISTRICT_ID) == [again]

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param({"finding": Finding.HARMLESS}, id="the same person finds something else"),
            pytest.param({"by": "Person02"}, id="another person finds the same"),
        ],
    )
    def test_another_word_takes_the_place_of_the_one_before(
        self, quarantine: Quarantine, other: dict[str, Any]
    ) -> None:
        quarantine.note(DISTRICT_ID, {ONE: 3}, NOW)
        quarantine.review(DISTRICT_ID, ONE, ASKED)
        newer = replace(ASKED, at=NOW + timedelta(hours=1), **other)
        assert quarantine.review(DISTRICT_ID, ONE, newer).review == ASKED
        assert [found.review for found in quarantine.quarantine(DISTRICT_ID)] == [newer]

    @pytest.mark.parametrize(("district_id", "path"), [(DISTRICT_ID, TWO), ("D2nd", ONE), (DISTRICT_ID, "")])
    def test_what_is_not_there_is_not_reviewed_and_does_not_come_to_be(
        self, quarantine: Quarantine, district_id: str, path: str
    ) -> None:
        quarantine.note(DISTRICT_ID, {ONE: 3}, NOW)
        with pytest.raises(NotFoundError):
            quarantine.review(district_id, path, ASKED)
        assert quarantine.quarantine(DISTRICT_ID) == [QuarantinedPath(ONE, NOW, NOW, 3)]
        assert quarantine.quarantine("D2nd") == []


@pytest.fixture
def adapter(dynamodb: DynamoDBClient, table: str) -> DynamoDbQuarantine:
    return DynamoDbQuarantine(dynamodb, table)


@pytest.fixture
def calls(dynamodb: DynamoDBClient) -> Iterator[list[str]]:
    """The names of the calls to come."""
    names: list[str] = []

    def hear(model: Any, **_: object) -> None:
        names.append(model.name)

    # First, so that what fails is heard too.
    dynamodb.meta.events.register_first("before-call.dynamodb", hear)
    yield names
    dynamodb.meta.events.unregister("before-call.dynamodb", hear)


@contextmanager
def failing(dynamodb: DynamoDBClient, error: Exception) -> Iterator[None]:
    """Makes every call of the client end in `error`."""

    def fail(**_: object) -> None:
        raise error

    dynamodb.meta.events.register("before-call.dynamodb", fail)
    try:
        yield
    finally:
        dynamodb.meta.events.unregister("before-call.dynamodb", fail)


@contextmanager
def cut(dynamodb: DynamoDBClient, at_once: int) -> Iterator[None]:
    """Makes the table answer a query with so few items at once, as if each were large."""

    def limit(params: dict[str, Any], **_: object) -> None:
        params["Limit"] = at_once

    dynamodb.meta.events.register("before-parameter-build.dynamodb.Query", limit)
    try:
        yield
    finally:
        dynamodb.meta.events.unregister("before-parameter-build.dynamodb.Query", limit)


FAULTS = [
    *(
        pytest.param(ClientError({"Error": {"Code": code, "Message": "m"}}, "Operation"), id=code)
        for code in ("ThrottlingException", "ProvisionedThroughputExceededException", "AccessDeniedException")
    ),
    pytest.param(EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), id="nothing there"),
]


def paths(count: int) -> Mapping[str, int]:
    """Counts of so many paths, not in their order."""
    return {f"incident/a{number:03}": number for number in reversed(range(1, count + 1))}


def test_a_path_is_written_once_a_minute(adapter: DynamoDbQuarantine, calls: list[str]) -> None:
    written = []
    for seconds in (0, 1, 59, 60, 61, 119, 120):
        adapter.note(DISTRICT_ID, {ONE: seconds}, NOW + timedelta(seconds=seconds))
        written.append(len(calls))
    assert written == [1, 1, 1, 2, 2, 2, 3]
    assert adapter.quarantine(DISTRICT_ID) == [QuarantinedPath(ONE, NOW, NOW + 2 * MINUTE, 120)]


def test_each_path_of_each_district_has_a_minute_of_its_own(adapter: DynamoDbQuarantine, calls: list[str]) -> None:
    for district_id, path in ((DISTRICT_ID, ONE), (DISTRICT_ID, TWO), ("D2nd", ONE), (DISTRICT_ID, ONE)):
        adapter.note(district_id, {path: 1}, NOW)
    assert len(calls) == 3
    adapter.note(DISTRICT_ID, {ONE: 1, THREE: 1}, NOW + timedelta(seconds=59))
    assert len(calls) == 4
    assert next(iter(adapter.quarantine(DISTRICT_ID))).path == THREE


def test_containers_keep_the_first_time_among_them(dynamodb: DynamoDBClient, table: str) -> None:
    for minutes in range(3):
        DynamoDbQuarantine(dynamodb, table).note(DISTRICT_ID, {ONE: minutes}, NOW + minutes * MINUTE)
    found = DynamoDbQuarantine(dynamodb, table).quarantine(DISTRICT_ID)
    assert found == [QuarantinedPath(ONE, NOW, NOW + 2 * MINUTE, 2)]


def test_of_a_page_ten_paths_are_noted_and_the_rest_with_the_next_one(
    adapter: DynamoDbQuarantine, calls: list[str]
) -> None:
    written = []
    for _ in range(4):
        adapter.note(DISTRICT_ID, paths(25), NOW)
        written.append(len(calls))
    assert written == [10, 20, 25, 25]
    found = adapter.quarantine(DISTRICT_ID)
    assert [one.path for one in found] == sorted(paths(25), reverse=True)
    assert {one.path: one.nodes for one in found} == paths(25)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_table_that_is_away_never_raises_from_a_note_and_is_doubt_for_a_reader(
    adapter: DynamoDbQuarantine, dynamodb: DynamoDBClient, fault: Exception
) -> None:
    with failing(dynamodb, fault):
        adapter.note(DISTRICT_ID, paths(3), NOW)
        with pytest.raises(UnavailableError) as doubt:
            adapter.quarantine(DISTRICT_ID)
    assert doubt.value.__cause__ is fault
    assert adapter.quarantine(DISTRICT_ID) == []
    adapter.note(DISTRICT_ID, paths(3), NOW + MINUTE)
    assert len(adapter.quarantine(DISTRICT_ID)) == 3


def test_a_table_that_is_not_there_never_raises_from_a_note(dynamodb: DynamoDBClient) -> None:
    adapter = DynamoDbQuarantine(dynamodb, "no-such-table")
    adapter.note(DISTRICT_ID, paths(3), NOW)
    with pytest.raises(UnavailableError):
        adapter.quarantine(DISTRICT_ID)


def test_a_path_that_no_key_can_hold_never_raises(adapter: DynamoDbQuarantine) -> None:
    """DynamoDB's sort keys are of 1 to 1,024 bytes."""
    for path in ("", "x" * 2_000):
        adapter.note(DISTRICT_ID, {path: 1}, NOW)


def test_a_page_gives_up_at_the_first_write_that_fails(
    adapter: DynamoDbQuarantine, dynamodb: DynamoDBClient, calls: list[str]
) -> None:
    with failing(dynamodb, EndpointConnectionError(endpoint_url="http://127.0.0.1:1")):
        adapter.note(DISTRICT_ID, paths(10), NOW)
    assert len(calls) == 1


def test_a_path_whose_write_failed_is_not_tried_again_for_a_minute(
    adapter: DynamoDbQuarantine, dynamodb: DynamoDBClient, calls: list[str]
) -> None:
    with failing(dynamodb, EndpointConnectionError(endpoint_url="http://127.0.0.1:1")):
        for seconds in (0, 1, 59):
            adapter.note(DISTRICT_ID, {ONE: 1}, NOW + timedelta(seconds=seconds))
        assert len(calls) == 1
        adapter.note(DISTRICT_ID, {ONE: 1}, NOW + MINUTE)
        assert len(calls) == 2


def test_an_item_is_the_path_its_times_its_nodes_and_nothing_else(
    adapter: DynamoDbQuarantine, dynamodb: DynamoDBClient, table: str
) -> None:
    last = NOW + timedelta(days=3)
    for at, nodes in ((NOW, 7), (last, 9)):
        adapter.note(DISTRICT_ID, {TWO: nodes}, at)
    assert dynamodb.scan(TableName=table)["Items"] == [
        {
            "pk": {"S": f"quarantine#{DISTRICT_ID}"},
            "sk": {"S": hashlib.sha256(TWO.encode()).hexdigest()[:32]},
            "schema": {"N": "1"},
            "path": {"S": TWO},
            "first_seen": {"S": "2026-03-02T15:00:00.000000Z"},
            "last_seen": {"S": "2026-03-05T15:00:00.000000Z"},
            "nodes": {"N": "9"},
            "ttl": {"N": str(int((last + timedelta(days=400)).timestamp()))},
        }
    ]


def test_a_review_is_three_attributes_beside_the_others(
    adapter: DynamoDbQuarantine, dynamodb: DynamoDBClient, table: str
) -> None:
    adapter.note(DISTRICT_ID, {TWO: 7}, NOW)
    [before] = dynamodb.scan(TableName=table)["Items"]
    adapter.review(DISTRICT_ID, TWO, ASKED)
    assert dynamodb.scan(TableName=table)["Items"] == [
        before
        | {
            "reviewed_by": {"S": "Person01"},
            "reviewed_at": {"S": "2026-03-02T15:01:00.000000Z"},
            "reviewed_as": {"S": "asked-upstream"},
        }
    ]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_review_that_cannot_be_written_is_doubt(
    adapter: DynamoDbQuarantine, dynamodb: DynamoDBClient, fault: Exception
) -> None:
    adapter.note(DISTRICT_ID, {ONE: 1}, NOW)
    with failing(dynamodb, fault), pytest.raises(UnavailableError) as doubt:
        adapter.review(DISTRICT_ID, ONE, ASKED)
    assert doubt.value.__cause__ is fault
    assert adapter.quarantine(DISTRICT_ID) == [QuarantinedPath(ONE, NOW, NOW, 1)]


def test_a_path_of_a_newer_schema_is_not_reviewed(
    adapter: DynamoDbQuarantine, dynamodb: DynamoDBClient, table: str
) -> None:
    adapter.note(DISTRICT_ID, {ONE: 1}, NOW)
    newer = dict(dynamodb.scan(TableName=table)["Items"][0]) | {"schema": {"N": "2"}}
    dynamodb.put_item(TableName=table, Item=newer)
    with pytest.raises(UnavailableError):
        adapter.review(DISTRICT_ID, ONE, ASKED)
    assert dynamodb.scan(TableName=table)["Items"] == [newer]


def test_what_else_is_in_the_table_is_not_quarantined(
    adapter: DynamoDbQuarantine, dynamodb: DynamoDBClient, table: str
) -> None:
    DynamoDbUsage(dynamodb, table).token_used(f"{DISTRICT_ID}Vnd1", "Tok1", NOW)
    adapter.note(DISTRICT_ID, {ONE: 1}, NOW)
    assert [found.path for found in adapter.quarantine(DISTRICT_ID)] == [ONE]


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        pytest.param("schema", {"N": "2"}, id="a newer schema"),
        pytest.param("nodes", {"S": "many"}, id="a count that is a text"),
        pytest.param("first_seen", {"S": "2026-03-02"}, id="a day for a time"),
        pytest.param("last_seen", None, id="no last time"),
        pytest.param("reviewed_as", {"S": "fine"}, id="a finding that there is not"),
        pytest.param("reviewed_at", None, id="a review without its time"),
    ],
)
def test_an_item_that_cannot_be_read_is_doubt(
    adapter: DynamoDbQuarantine, dynamodb: DynamoDBClient, table: str, attribute: str, value: Any
) -> None:
    adapter.note(DISTRICT_ID, {ONE: 1}, NOW)
    adapter.review(DISTRICT_ID, ONE, ASKED)
    item: dict[str, Any] = dict(dynamodb.scan(TableName=table)["Items"][0])
    item.pop(attribute)
    dynamodb.put_item(TableName=table, Item=item | ({} if value is None else {attribute: value}))
    with pytest.raises(UnavailableError):
        adapter.quarantine(DISTRICT_ID)


def test_the_notes_of_a_container_are_bounded(dynamodb: DynamoDBClient) -> None:
    adapter = DynamoDbQuarantine(dynamodb, "no-such-table")
    adapter._noted.update({(DISTRICT_ID, str(number)): NOW for number in range(10_000)})
    adapter.note(DISTRICT_ID, {ONE: 1}, NOW)
    assert len(adapter._noted) == 1


def test_while_the_table_fails_it_is_not_asked_again_for_a_minute(
    adapter: DynamoDbQuarantine, dynamodb: DynamoDBClient, calls: list[str]
) -> None:
    with failing(dynamodb, EndpointConnectionError(endpoint_url="http://127.0.0.1:1")):
        for seconds in (0, 1, 59):
            adapter.note(DISTRICT_ID, paths(10), NOW + timedelta(seconds=seconds))
        assert len(calls) == 1
        adapter.note(DISTRICT_ID, paths(10), NOW + timedelta(seconds=60))
    assert len(calls) == 2


def test_the_latest_is_first_whatever_its_name_and_how_many_there_are(adapter: DynamoDbQuarantine) -> None:
    for number in range(51):
        adapter.note(DISTRICT_ID, {f"incident/a{number:02}{letter}": 1 for letter in "abcdefghij"}, NOW)
    assert adapter.note(DISTRICT_ID, {"incident/zone": 1}, NOW + timedelta(days=1)) == 1
    assert adapter.note(DISTRICT_ID, {"incident/zone": 1}, NOW + timedelta(days=2)) == 0
    listed = adapter.quarantine(DISTRICT_ID)
    assert (listed[0].path, len(listed)) == ("incident/zone", 500)


@pytest.mark.parametrize(
    ("at_once", "listed"), [pytest.param(4, 12, id="all"), pytest.param(1, 10, id="ten pages at most")]
)
def test_what_does_not_come_in_one_page_of_the_table_is_read_on(
    adapter: DynamoDbQuarantine, dynamodb: DynamoDBClient, at_once: int, listed: int
) -> None:
    for _ in range(2):
        adapter.note(DISTRICT_ID, paths(12), NOW)
    with cut(dynamodb, at_once):
        found = adapter.quarantine(DISTRICT_ID)
    assert len({one.path for one in found}) == len(found) == listed
