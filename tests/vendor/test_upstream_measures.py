"""What is measured of the upstream: every call of either function, once, and none of an upstream that is left alone."""

from __future__ import annotations

import pytest
from hallpass.domain.metrics import Measure
from hallpass.domain.upstream import UpstreamBusyError, UpstreamFailedError, UpstreamInvalidError

from tests.vendor.world import World


@pytest.fixture
def world() -> World:
    return World()


def told(measured: list[Measure]) -> list[tuple[str, int]]:
    return [(each.name, each.value) for each in measured if each.name.startswith("Upstream")]


def test_a_page_that_came_is_a_call(world: World) -> None:
    assert world.get(world.token()).status == 200
    assert told(world.telemetry.measured) == [("UpstreamCalls", 1), ("UpstreamMilliseconds", 12)]


def test_a_hit_is_none(world: World) -> None:
    token = world.token()
    world.get(token)
    world.telemetry.measured.clear()
    world.get(token)
    assert told(world.telemetry.measured) == []


def test_a_fault_is_a_call_and_an_error(world: World) -> None:
    world.upstream.fault = UpstreamFailedError(upstream_status=500)
    assert world.get(world.token()).status == 503
    assert ("UpstreamErrors", 1) in told(world.telemetry.measured)


def test_an_answer_that_is_no_page_is_an_error_too(world: World) -> None:
    world.upstream.pages[1] = b"<html/>"
    assert world.get(world.token()).status == UpstreamInvalidError.status
    assert told(world.telemetry.measured) == [
        ("UpstreamCalls", 1), ("UpstreamMilliseconds", 12), ("UpstreamErrors", 1),
    ]  # fmt: skip


def test_an_upstream_that_asked_to_be_left_alone_is_not_measured_meanwhile(world: World) -> None:
    world.upstream.fault = UpstreamBusyError(upstream_status=429, retry_after=60)
    token = world.token()
    world.get(token)
    world.telemetry.measured.clear()
    assert world.get(token).status == 503
    assert told(world.telemetry.measured) == []
