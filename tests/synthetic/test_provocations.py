"""Every problem that a vendor can meet is met by the request that the docs name for it."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from hallpass.domain.audit_words import problems

from press.provocations import PROVOCATIONS, Provocation
from tests.vendor.world import World

# What only the admin API answers, and why no vendor meets it.
OF_THE_ADMIN_API = {
    "body-invalid": "a vendor sends no body",
    "claim-over": "a claim link is the admin API's",
    "claim-used": "a claim link is the admin API's",
    "conflict": "a vendor changes no record",
    "erasure-unproven": "a vendor erases nothing",
    "key-reused": "a vendor sends no `Idempotency-Key`",
    "outcome-unknown": "a vendor sends no `Idempotency-Key`",
    "precondition-required": "a vendor changes no record",
    "request-in-flight": "a vendor sends no `Idempotency-Key`",
    "role-insufficient": "a vendor has no role",
    "version-conflict": "a vendor changes no record",
}
EACH = pytest.mark.parametrize(("slug", "provoked"), PROVOCATIONS.items(), ids=PROVOCATIONS)


def test_there_is_one_for_every_problem_but_those_of_the_admin_api() -> None:
    assert PROVOCATIONS.keys() | OF_THE_ADMIN_API.keys() == problems()
    assert not PROVOCATIONS.keys() & OF_THE_ADMIN_API.keys()


@EACH
def test_the_problem_is_met(slug: str, provoked: Provocation) -> None:
    world = World()
    answer = world.send(
        provoked.method, provoked.path, provoked.query, {name.lower(): to for name, to in provoked.fields().items()}
    )
    told = json.loads(answer.body)
    assert (told["type"], told["status"]) == (f"urn:hallpass:problem:{slug}", answer.status)
    waits = told["retry"] == "after"
    assert (answer.header("Retry-After") is not None) >= waits
    assert ("restart" in told) == (slug in {"listing-unstable", "snapshot-expired"})


@EACH
def test_the_command_is_the_request(slug: str, provoked: Provocation) -> None:
    words = shlex.split(provoked.curl())
    assert words[:3] == ["curl", "-sS", "-i"]
    assert words[-1] == f"$URL{provoked.target}"
    sent = dict(re.split(": ", word, maxsplit=1) for word in words if ": " in word)
    assert sent == provoked.fields()
    assert ("-X" in words) == (provoked.method != "GET")
