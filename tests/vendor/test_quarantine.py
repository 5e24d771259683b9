"""What the documentation does not know is counted and noted, and no vendor sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import records
from tests.vendor.world import World, incident, page

KNOWN = b"<incident "
WITH_UNKNOWN = b'<incident canary="CANARY" '


@pytest.fixture
def world() -> World:
    world = World()
    world.upstream.pages[1] = page(incident(1), incident(2)).replace(KNOWN, WITH_UNKNOWN)
    return world


def test_a_path_is_new_once_and_noted_with_every_page(world: World) -> None:
    token = world.token()
    answer = world.get(token)
    assert (answer.status, b"CANARY" in answer.body) == (200, False)
    world.clock.move(timedelta(minutes=6))
    assert world.get(token).status == 200
    [noted] = world.quarantine.quarantine(records.DISTRICT_ID)
    assert (noted.path, noted.nodes) == ("incident/@canary", 2)
    assert noted.last_seen - noted.first_seen == timedelta(minutes=6)
    assert (world.telemetry.counts["QuarantinedNodes"], world.telemetry.counts["NewQuarantinedPaths"]) == (4, 1)


def test_an_answer_that_is_late_is_not_kept_waiting_for_the_note(world: World) -> None:
    token = world.token()
    answer = world.send("GET", "/v1/incidents.json", "", {"authorization": f"Bearer {token}"}, seconds=4)
    assert answer.status == 200
    assert world.quarantine.quarantine(records.DISTRICT_ID) == []
    assert (world.telemetry.counts["QuarantinedNodes"], world.telemetry.counts["NewQuarantinedPaths"]) == (2, 0)
