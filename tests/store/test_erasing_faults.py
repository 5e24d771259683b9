"""Erasing while the table fails, time runs out, deletes are lost, or a reader writes at the same time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from hallpass.adapters.dynamodb_erasure import DynamoDbEraser
from hallpass.domain.erasure import Erased, OneListing, WholeDistrict
from hallpass.domain.errors import UnavailableError
from hallpass.domain.leases import Granted, Slot
from hypothesis import settings

from tests.store.conftest import Bench
from tests.store.material import (
    DISTRICT,
    FIRST,
    LISTING,
    NOW,
    a_representation,
    a_walk,
    arrive,
    later,
    publish,
    told_body,
    written,
)
from tests.store.wire import KilledError, asked, refuse, reply

LONG = settings.get_current_profile_name() == "long"
ALL = WholeDistrict(DISTRICT)
AFTER_ALL_READERS, LONG_AFTER = later(seconds=301), later(seconds=700)


def eraser(bench: Bench, seconds_left: Callable[[], float] = lambda: 26.0) -> DynamoDbEraser:
    return DynamoDbEraser(bench.table.client, bench.table.name).within(seconds_left)


def fill(bench: Bench, pages: int = 3) -> None:
    for number in range(1, pages + 1):
        arrival = arrive(told_body(f"page {number}"), number=number)
        assert bench.pages.save_page(LISTING, *written(arrival))
    publish(bench.walks, LISTING, arrival.page.snapshot)
    bench.walks.save_walk(LISTING, a_walk(arrival))
    representation, packed = a_representation()
    assert bench.pages.save_representation(representation, packed)


def erase_again(bench: Bench) -> None:
    """As a person does who is told to: at once, and when no reader is left."""
    assert eraser(bench).erase(ALL, AFTER_ALL_READERS).finished
    assert eraser(bench).erase(ALL, LONG_AFTER).watched == 0
    assert bench.table.items() == []


def calls_of(bench: Bench) -> int:
    """How many calls one undisturbed erasure makes."""
    fill(bench, pages=1)
    bench.wire.clear()
    eraser(bench).erase(ALL, NOW)
    return len(bench.wire.operations)


@pytest.mark.parametrize(
    "fault", [refuse(400, "ProvisionedThroughputExceededException"), refuse(500, "InternalServerError")]
)
def test_wherever_the_table_fails_it_is_said_and_the_next_call_goes_on(moto_bench: Bench, fault: Any) -> None:
    for failing in range(calls_of(moto_bench)):
        fill(moto_bench, pages=1)
        numbers = count()

        def at_one(operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
            answer: AWSResponse | None = fault(operation, request)
            return answer if next(numbers) == failing else None  # noqa: B023 - called inside the loop

        with moto_bench.wire.failing(at_one), pytest.raises(UnavailableError):
            eraser(moto_bench).erase(ALL, NOW)
        erase_again(moto_bench)


def test_wherever_the_process_ends_the_next_call_goes_on(moto_bench: Bench) -> None:
    for dying in range(calls_of(moto_bench)):
        fill(moto_bench, pages=1)
        numbers = count()

        def die(_: str, __: AWSPreparedRequest) -> None:
            if next(numbers) == dying:  # noqa: B023 - called inside the loop
                raise KilledError

        with moto_bench.wire.failing(die), suppress(KilledError):
            eraser(moto_bench).erase(ALL, NOW)
        erase_again(moto_bench)


@pytest.mark.parametrize("calls", [26, 40, 60])
def test_what_does_not_fit_in_a_requests_time_is_done_by_the_next_and_counted_once(
    moto_bench: Bench, calls: int
) -> None:
    fill(moto_bench, pages=4)
    whole = Erased(listings=1, snapshots=1, pages=4, artefacts=9, chunks=9, bytes=0, watched=0)
    sums, finished = dict.fromkeys(whole.counts(), 0), False
    for _ in range(10):
        left = iter(range(calls))
        done = eraser(moto_bench, lambda: 26.0 if next(left, None) is not None else 2.4).erase(ALL, NOW)  # noqa: B023
        finished = done.finished
        sums = {name: sums[name] + number for name, number in done.counts().items()}
        if finished:
            break
    assert finished
    assert sums["bytes"] > 0
    assert sums | {"bytes": 0, "watched": 0} == whole.counts()
    erase_again(moto_bench)


def test_without_time_nothing_is_called(moto_bench: Bench) -> None:
    fill(moto_bench)
    moto_bench.wire.clear()
    hurried = eraser(moto_bench, lambda: 2.4)
    assert hurried.erase(ALL, NOW) == Erased(finished=False)
    assert not hurried.mark_stale(ALL, NOW).finished
    assert moto_bench.wire.operations == []


def unprocessed(times: int, operation: str) -> Callable[[str, AWSPreparedRequest], AWSResponse | None]:
    """The table takes, or gives, nothing of a batch that many times."""
    left = iter(range(times))

    def answer(called: str, request: AWSPreparedRequest) -> AWSResponse | None:
        if called != operation or next(left, None) is None:
            return None
        batch = asked(request)["RequestItems"]
        told = (
            {"UnprocessedItems": batch} if called == "BatchWriteItem" else {"Responses": {}, "UnprocessedKeys": batch}
        )
        return reply(request, 200, json.dumps(told).encode())

    return answer


@pytest.mark.parametrize("operation", ["BatchWriteItem", "BatchGetItem"])
@pytest.mark.parametrize(("times", "finished"), [(4, True), (5, False)])
def test_what_the_table_puts_off_is_asked_again_and_else_not_called_done(
    moto_bench: Bench, operation: str, times: int, finished: bool
) -> None:
    fill(moto_bench)
    with moto_bench.wire.failing(unprocessed(times, operation)):
        assert eraser(moto_bench).erase(ALL, NOW).finished is finished
    erase_again(moto_bench)


@contextmanager
def losing(bench: Bench, prefix: str, times: int = 10_000) -> Iterator[None]:
    """As if the table lost that many batches of deletes in the partitions that begin so: what went is back."""
    left, lost = iter(range(times)), list[dict[str, Any]]()

    def bring_back(operation: str, request: AWSPreparedRequest) -> None:
        if operation == "BatchWriteItem":
            [batch] = asked(request)["RequestItems"].values()
            keys = [entry["DeleteRequest"]["Key"] for entry in batch]
            named = {(key["pk"]["S"], key["sk"]["S"]) for key in keys}
            lost[:] = [item for item in bench.table.of_kind(prefix) if (item["pk"], item["sk"]) in named]
        elif operation == "BatchGetItem" and lost and next(left, None) is not None:
            for item in lost:
                bench.table.put(item)

    with planting(bench, bring_back):
        yield


@pytest.mark.parametrize(
    ("prefix", "left_pages", "left_chunks"),
    [("chunk#D1st#representation#", 0, 1), ("chunk#D1st#raw#", 0, 3), (f"listing#{LISTING.key}", 4, 0)],
    ids=["a representation", "raw pages", "page items and their walk"],
)
def test_what_is_still_read_is_told_whenever_it_is_met(
    moto_bench: Bench, prefix: str, left_pages: int, left_chunks: int
) -> None:
    fill(moto_bench)
    with losing(moto_bench, prefix):
        for moment in (NOW, AFTER_ALL_READERS):
            told = eraser(moto_bench).erase(ALL, moment)
            assert (told.left_pages, told.left_chunks) == (left_pages, left_chunks)
    erase_again(moto_bench)


def test_one_planted_chunk_is_found(moto_bench: Bench) -> None:
    fill(moto_bench, pages=1)
    [raw] = [item["pk"] for item in moto_bench.table.of_kind("chunk#D1st#raw#")]

    def plant(operation: str, _: AWSPreparedRequest) -> None:
        if operation == "BatchGetItem":
            moto_bench.table.put({"pk": raw, "sk": "chunk"})

    with planting(moto_bench, plant):
        assert eraser(moto_bench).erase(OneListing(LISTING), NOW).left_chunks == 1
    erase_again(moto_bench)


def test_a_lost_delete_is_made_good_in_the_same_call(moto_bench: Bench) -> None:
    fill(moto_bench)
    with losing(moto_bench, "chunk#", times=4):
        done = eraser(moto_bench).erase(ALL, NOW)
    assert (done.left_chunks, done.artefacts) == (0, 7)
    erase_again(moto_bench)


class planting:  # noqa: N801 - reads as what it does
    """Runs `act` before each call of the bench's client, but not for the calls that `act` makes itself."""

    def __init__(self, bench: Bench, act: Callable[[str, AWSPreparedRequest], None]) -> None:
        self._context = bench.wire.failing(self._once)
        self._act = act
        self._busy = False

    def __enter__(self) -> None:
        self._context.__enter__()

    def __exit__(self, *error: Any) -> None:
        self._context.__exit__(*error)

    def _once(self, operation: str, request: AWSPreparedRequest) -> None:
        if not self._busy:
            self._busy = True
            try:
                self._act(operation, request)
            finally:
                self._busy = False


def save(bench: Bench) -> bool:
    """Whether a reader could keep what it read, in a turn of its own. It walks no further."""
    seen = bench.walks.pointer(LISTING)
    if seen:
        bench.walks.note_use(LISTING, seen, walked=False)
    turn = bench.walks.take(LISTING, Slot.PAGE, seen, "me") if seen else None
    arrival = arrive(told_body("page 1"))
    kept = bench.pages.save_page(LISTING, *written(arrival)) is not None
    if isinstance(turn, Granted):
        bench.walks.publish(LISTING, Slot.PAGE, turn, arrival.page.snapshot)
    return kept


def test_what_a_reader_wrote_anew_meanwhile_is_not_what_was_to_be_erased(moto_bench: Bench) -> None:
    fill(moto_bench, pages=1)

    def write(operation: str, _: AWSPreparedRequest) -> None:
        if operation == "BatchGetItem":
            assert save(moto_bench)

    with planting(moto_bench, write):
        done = eraser(moto_bench).erase(ALL, NOW)
    assert (done.left_chunks, done.left_pages, done.finished) == (0, 0, True)
    assert moto_bench.pages.find_page(LISTING, FIRST, 1) is not None
    erase_again(moto_bench)


def at_call(number: int, act: Callable[[], object]) -> Callable[[str, AWSPreparedRequest], None]:
    numbers = count()

    def run(_: str, __: AWSPreparedRequest) -> None:
        if next(numbers) == number:
            act()

    return run


def moments(bench: Bench, work: Callable[[], object]) -> Iterator[int]:
    """Before each call that `work` makes by itself."""
    bench.wire.clear()
    work()
    yield from range(len(bench.wire.operations))


def test_a_reader_in_flight_hides_nothing_wherever_a_purge_meets_it(moto_bench: Bench) -> None:
    """It goes on after the purge; what it writes late is found by the next purge that no reader outlives."""
    for parked in list(moments(moto_bench, lambda: save(moto_bench))):
        erase_again(moto_bench)
        with planting(moto_bench, at_call(parked, lambda: eraser(moto_bench).erase(ALL, NOW))):
            save(moto_bench)
        assert eraser(moto_bench).erase(ALL, AFTER_ALL_READERS).finished
        erase_again(moto_bench)


def test_a_reader_that_dies_in_flight_hides_nothing_either(moto_bench: Bench) -> None:
    calls = len(list(moments(moto_bench, lambda: save(moto_bench))))
    erase_again(moto_bench)
    # Every pair of moments in the long run; else pairs that lie a little apart.
    for parked in range(0, calls, 1 if LONG else 2):
        for further in range(parked % 3, calls - parked, 1 if LONG else 3):
            with planting(moto_bench, dying(moto_bench, parked, parked + further)), suppress(KilledError):
                save(moto_bench)
            done = eraser(moto_bench).erase(ALL, AFTER_ALL_READERS)
            bare = drop_bare_pointers(moto_bench)
            content = moto_bench.table.of_kind("chunk#") + moto_bench.table.of_kind("listing#")
            assert bare <= {"pk", "sk", "schema", "ttl", "asked_at", "fence", "page_owner", "page_until"}
            assert (content, done.left_chunks, done.left_pages) == ([], 0, 0), (parked, further)
            erase_again(moto_bench)


def drop_bare_pointers(bench: Bench) -> set[str]:
    """The names of their attributes. Who begins while a purge goes on, and dies, leaves one that no inventory names."""
    bare = [item for item in bench.table.of_kind("listing#", "pointer") if "snapshot" not in item]
    for item in bare:
        bench.table.delete(item)
    return {name for item in bare for name in item}


def dying(bench: Bench, purged_at: int, dies_at: int) -> Callable[[str, AWSPreparedRequest], None]:
    numbers = count()

    def run(_: str, __: AWSPreparedRequest) -> None:
        number = next(numbers)
        if number == purged_at:
            eraser(bench).erase(ALL, NOW)
        if number == dies_at:
            raise KilledError

    return run


def test_a_purge_in_flight_misses_nothing_wherever_a_reader_meets_it(moto_bench: Bench) -> None:
    def purge() -> None:
        save(moto_bench)
        moto_bench.wire.clear()
        eraser(moto_bench).erase(ALL, NOW)

    for parked in list(moments(moto_bench, purge))[:: 1 if LONG else 2]:
        erase_again(moto_bench)
        save(moto_bench)
        with planting(moto_bench, at_call(parked, lambda: save(moto_bench))):
            done = eraser(moto_bench).erase(ALL, NOW)
        assert replace(done, bytes=0).finished
        page = moto_bench.pages.find_page(LISTING, FIRST, 1)
        if page is not None and moto_bench.pages.read(page.model) is None:
            # Half of what the reader wrote went: a miss, which the next one mends.
            assert save(moto_bench)
            assert moto_bench.pages.read(page.model) is not None
        erase_again(moto_bench)
