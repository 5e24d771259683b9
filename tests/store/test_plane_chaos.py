"""Any calls of the pages table fail, in any way: every answer is right or a documented problem, and all heals.

A vendor reads walks by links while the upstream's content changes and its container is replaced. An answer is right if
it is the page, as the token may see it, of the version that the walk began with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ReadTimeoutError
from hallpass.domain.http import HttpResponse
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.conftest import Table, stand_in
from tests.store.plane import PAGES, Plane, header, new_plane, problem, restart, table_of, upstream_pages
from tests.store.test_doubt import URL
from tests.store.wire import Fault, Wire, refuse
from tests.vendor.world import World

VERSIONS = ("first", "second")
PROBLEMS = {(503, "unavailable"), (503, "page-in-flight"), (410, "snapshot-expired"), (503, "listing-unstable")}


def _unreached(_: str, __: AWSPreparedRequest) -> AWSResponse:
    raise ReadTimeoutError(endpoint_url=URL)


KINDS: dict[str, Fault] = {
    "never arrived": _unreached,
    "was done, and its answer lost": refuse(500, "InternalServerError"),
    "was done, and called throttled": refuse(400, "ThrottlingException"),
}
FAULTS = st.dictionaries(st.integers(0, 60), st.sampled_from(list(KINDS)), max_size=12)
WALK = ["page 1", "next", "next", "next", "change", "wait", "restart"]
ACTS = st.lists(st.sampled_from(WALK), min_size=4, max_size=10)


def _expected() -> dict[tuple[str, int], bytes]:
    """By version and number, from a data plane that never met DynamoDB."""
    bodies = {}
    for version in VERSIONS:
        world = World()
        world.upstream.pages = upstream_pages(version)
        token = world.token()
        for number in range(1, PAGES + 1):
            bodies[version, number] = world.get(token, query=f"page={number}").body
    return bodies


EXPECTED = _expected()


@pytest.fixture(scope="module")
def moto_once() -> Iterator[tuple[Table, Wire]]:
    with stand_in(None) as table:
        yield table, Wire(table.client)


class Vendor:
    """Reads by links. `version`: of the walk that it is in; `onward`: the next link's query and page."""

    def __init__(self, plane: Plane) -> None:
        self.plane = plane
        self.version = ""
        self.onward: tuple[str, int] | None = None

    def begin(self) -> bool:
        answer = self.plane.get()
        self.version = next((version for version in VERSIONS if answer.body == EXPECTED[version, 1]), "")
        return self._note(answer, 1)

    def go_on(self) -> bool:
        if self.onward is None:
            return self.begin()
        query, number = self.onward
        return self._note(self.plane.get(query), number)

    def _note(self, answer: HttpResponse, number: int) -> bool:
        if answer.status != 200:
            assert (answer.status, problem(answer)) in PROBLEMS
            if answer.status == 410 or problem(answer) == "listing-unstable":
                self.onward = None
            return False
        assert answer.body == EXPECTED.get((self.version, number)), "a page of another version, or of none"
        found = re.search(r'<[^>]*\?([^>]*)>; rel="next"', header(answer, "Link"))
        # Without a snapshot it was kept nowhere, and there is nothing to go on in.
        self.onward = (found[1], number + 1) if found and "snapshot=" in found[1] else None
        return True


def _act(vendor: Vendor, act: str) -> None:
    plane = vendor.plane
    match act:
        case "page 1":
            vendor.begin()
        case "next":
            vendor.go_on()
        case "change":
            plane.world.upstream.pages = upstream_pages("second")
        case "wait":
            plane.world.later(minutes=6)
        case _:
            restart(plane.world, plane.pages)


@settings(max_examples=settings().max_examples // 6)
@given(faults=FAULTS, acts=ACTS)
def test_whichever_calls_fail_nothing_wrong_is_answered_and_all_heals(
    moto_once: tuple[Table, Wire], faults: dict[int, str], acts: list[str]
) -> None:
    plane = new_plane(moto_once[0].client, moto_once[1])
    calls = iter(range(10_000))

    def fault(operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
        kind = faults.get(next(calls)) if table_of(request) == plane.pages.name else None
        return KINDS[kind](operation, request) if kind else None

    vendor = Vendor(plane)
    with plane.wire.failing(fault):
        for act in acts:
            _act(vendor, act)
    assert plane.world.telemetry.crashes == []
    # Turns that nobody gave back end by themselves.
    plane.world.later(minutes=6)
    assert vendor.begin()
    for _ in range(1, PAGES):
        assert vendor.onward is not None
        assert vendor.go_on()
