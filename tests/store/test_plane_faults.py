"""The data plane while a table fails: open for a list of one page, closed for a walk; the registry always closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ReadTimeoutError
from hallpass.adapters.pages_table import CALL_SECONDS

from tests.store.conftest import Table, stand_in
from tests.store.plane import PAGES, Plane, header, new_plane, problem, restart, upstream_pages
from tests.store.test_doubt import FAULTS, URL
from tests.store.wire import Fault, Wire, asked
from tests.vendor.world import World, incident, page

# Every fault is tried on every call of the stores, in test_doubt.py.
SOME = ["D-01 throttled", "D-02 internal error", "D-03 read timeout", "D-04 no connection", "D-05 access denied"]
ONE_PAGE = {1: page(incident(1), number=1, total=1)}
NOT_STORED = "hallpass; fwd=uri-miss; fwd-status=200; detail=not-stored"


@pytest.fixture(scope="module")
def moto_once() -> Iterator[tuple[Table, Wire]]:
    with stand_in(None) as table:
        yield table, Wire(table.client)


@pytest.fixture
def plane(moto_once: tuple[Table, Wire]) -> Plane:
    return new_plane(moto_once[0].client, moto_once[1])


@pytest.fixture(scope="module")
def warm_plane(moto_once: tuple[Table, Wire]) -> Plane:
    """For tests that leave it as it is."""
    plane = new_plane(moto_once[0].client, moto_once[1])
    assert walked(plane) == expected()
    return plane


@lru_cache
def expected(version: str = "first") -> list[bytes]:
    """The pages as the token may see them, by a data plane that never met DynamoDB."""
    world = World()
    world.upstream.pages = upstream_pages(version)
    token = world.token()
    return [world.get(token, query=f"page={number}").body for number in range(1, PAGES + 1)]


def walked(plane: Plane) -> list[bytes]:
    return [plane.get(f"page={number}").body for number in range(1, PAGES + 1)]


@pytest.mark.parametrize("fault", SOME)
def test_without_the_pages_table_a_list_of_one_page_comes_from_the_upstream(plane: Plane, fault: str) -> None:
    plane.world.upstream.pages = ONE_PAGE
    with plane.failing(plane.pages, FAULTS[fault]):
        only, second = plane.get(), plane.get("page=2")
    assert (only.status, header(only, "Cache-Status")) == (200, NOT_STORED)
    assert (second.status, problem(second)) == (503, "unavailable")
    assert plane.world.telemetry.crashes == []
    assert plane.get("page=2").status == 410, "its page 1 was kept nowhere"
    assert plane.get().body == only.body


@pytest.mark.parametrize("fault", SOME)
def test_without_the_pages_table_no_page_of_a_longer_list_is_given(plane: Plane, fault: str) -> None:
    """Its pages 2 to N could be of an earlier walk: where the token stands was not written down."""
    with plane.failing(plane.pages, FAULTS[fault]):
        answers = [plane.get(), plane.get("page=2")]
    assert [(answer.status, problem(answer)) for answer in answers] == [(503, "unavailable")] * 2
    assert plane.world.telemetry.crashes == []
    assert (plane.get("page=2").status, walked(plane)) == (410, expected())


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_without_the_registry_nothing_is_given(warm_plane: Plane, fault: Fault) -> None:
    plane = warm_plane
    calls = len(plane.world.upstream.calls)
    with plane.failing(plane.registry, fault):
        answers = [plane.get(query) for query in ("", "page=2")]
    assert [(answer.status, problem(answer)) for answer in answers] == [(503, "unavailable")] * 2
    assert len(plane.world.upstream.calls) == calls
    assert plane.world.telemetry.crashes == []
    assert plane.get("page=3").body == expected()[2]


@pytest.mark.parametrize("fault", SOME[1:3])
def test_a_walk_that_was_whole_is_interrupted_and_goes_on_in_the_same_snapshot(plane: Plane, fault: str) -> None:
    assert walked(plane) == expected()
    link = header(plane.get(), "Link")
    onward = link.partition("?")[2].partition(">")[0].replace("page=1", "page=2")
    calls = len(plane.world.upstream.calls)
    with plane.failing(plane.pages, FAULTS[fault]):
        answers = [plane.get(onward), plane.get("page=2")]
    assert "snapshot=" in onward
    assert [(answer.status, problem(answer)) for answer in answers] == [(503, "unavailable")] * 2
    assert len(plane.world.upstream.calls) == calls
    assert plane.get(onward).body == plane.get("page=2").body == expected()[1]


@pytest.mark.parametrize(("pages", "status"), [pytest.param(1, 200, id="one"), pytest.param(PAGES, 503, id="more")])
def test_a_table_that_hangs_costs_no_more_than_the_request_has(plane: Plane, pages: int, status: int) -> None:
    """D-03: every try of every call takes as long as the client allows."""
    clock = plane.world.clock
    plane.world.upstream.pages = ONE_PAGE if pages == 1 else upstream_pages("first")

    def hang(*_: object) -> None:
        clock.move(timedelta(seconds=CALL_SECONDS))
        raise ReadTimeoutError(endpoint_url=URL)

    began = clock.monotonic()
    with plane.failing(plane.pages, hang):
        answer = plane.get()
    assert answer.status == status
    assert clock.monotonic() - began <= 26
    if status == 200:
        assert header(answer, "Cache-Status") == NOT_STORED


def test_a_page_that_took_anothers_place_in_a_walk_is_not_given(plane: Plane) -> None:
    """Older, newer or foreign: whatever reads as a page, the walk knows the digests of its own."""
    assert walked(plane) == expected()
    one, two, three = sorted(plane.pages.of_kind("listing#", "page#"), key=lambda item: str(item["sk"]))
    plane.pages.put({**three, "sk": two["sk"]})
    answers = [plane.get(f"page={number}") for number in (1, 2, 3)]
    assert [answer.status for answer in answers] == [200, 410, 200]
    assert problem(answers[1]) == "snapshot-expired"
    plane.pages.put({**three, "sk": one["sk"]})
    assert plane.get("page=4").status == 410


@pytest.mark.parametrize("kind", ["pointer", "page#", "snapshot#", "pin#"])
@pytest.mark.parametrize("change", [{"schema": 99}, {"invented": "x"}], ids=["of another schema", "with an addition"])
def test_a_broken_item_of_a_walk_ends_it_with_a_problem_and_the_next_walk_is_whole(
    plane: Plane, kind: str, change: dict[str, object]
) -> None:
    assert walked(plane) == expected()
    for item in plane.pages.of_kind("listing#", kind):
        plane.pages.put({**item, **change})
    restart(plane.world, plane.pages)
    for number in (2, 3):
        answer = plane.get(f"page={number}")
        assert answer.status in (410, 503) or answer.body == expected()[number - 1]
    assert walked(plane) == expected()


@pytest.mark.parametrize("kind", ["listing#", "chunk#"])
def test_a_page_that_a_walk_lost_does_not_stand_in_the_way_of_the_next_walk(plane: Plane, kind: str) -> None:
    """Its page 1 is fresh yet, and may be so for a day: who begins again gets another."""
    assert walked(plane) == expected()
    plane.world.upstream.pages = upstream_pages("second")
    (page_2,) = [item for item in plane.pages.of_kind("listing#", "page#") if str(item["sk"]).endswith("#2")]
    lost = [item for item in plane.pages.items() if str(page_2["model_name"]) in item["pk"] or item == page_2]
    for item in lost:
        if item["pk"].startswith(kind):
            plane.pages.delete(item)
    for item in plane.pages.of_kind("inventory#", "representation#"):
        plane.pages.delete(item)
    restart(plane.world, plane.pages)
    answer = plane.get("page=2")
    assert (answer.status, problem(answer)) == (410, "snapshot-expired")
    assert walked(plane) == expected("second")


def test_a_walk_whose_pages_are_anothers_is_read_to_its_end(plane: Plane) -> None:
    """The reader lost sight of page 1 between two steps, and began anew with the very same."""
    first = plane.get()
    left = iter(range(2))

    def forget(operation: str, request: AWSPreparedRequest) -> None:
        key = asked(request).get("Key", {"sk": {"S": ""}})["sk"]["S"]
        if operation == "GetItem" and key.endswith("#1") and next(left, None) == 1:
            raise ReadTimeoutError(endpoint_url=URL)

    with plane.failing(plane.pages, forget):
        assert [first.body, *(plane.get(f"page={number}").body for number in (2, 3))] == expected()
    (settled,) = [item for item in plane.pages.of_kind("listing#", "snapshot#") if item["pages_in"]]
    assert settled["state"] == "complete"


def test_another_container_goes_on_where_one_stopped(plane: Plane) -> None:
    first = plane.get()
    restart(plane.world, plane.pages)
    assert [first.body, *[plane.get(f"page={number}").body for number in (2, 3)]] == expected()
