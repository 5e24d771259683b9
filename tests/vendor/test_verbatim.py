"""What leaves as the upstream's own bytes is counted as what it is, whatever the upstream put there unasked."""

from __future__ import annotations

import pytest
from hallpass.domain.scope import Scope

from tests.vendor.world import EVERYTHING, World, incident, page

ANSWERS = {
    "S-07 rows of a type that was not asked for": ("type=minor", page(incident(1), incident(2, type="minor")), 2),
    "S-07 deleted rows that were not asked for": ("", page(incident(1), incident(2, deleted="1")), 2),
    "S-22 an incident of no documented type": ("", page(incident(1), incident(2, type="new")), 2),
}


@pytest.mark.parametrize(("query", "answer", "incidents"), ANSWERS.values(), ids=ANSWERS)
def test_every_incident_that_leaves_is_in_the_record(query: str, answer: bytes, incidents: int) -> None:
    world = World()
    world.upstream.pages = {1: answer}
    token = world.token(Scope(EVERYTHING, "upstream@1"))
    for _ in range(2):
        sent = world.get(token, "/v1/incidents.xml", query)
        assert (sent.status, sent.body.count(b"<incident ")) == (200, incidents)
        record = world.audit.records[-1]
        assert (record.incidents, record.removed) == (incidents, None)
