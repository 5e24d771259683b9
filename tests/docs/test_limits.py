"""What the docs say of a vendor's limits is what the code has."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hallpass.domain.bad_tokens import MOST_A_MINUTE, has_row
from hallpass.domain.limits import LIMIT_BOUNDS, Limits, limits_to_json
from hallpass.domain.quota import PART, UNUSED, WHOLE, Level, microseconds
from hallpass.domain.quota_fields import rate_limit_fields

from tests.docs.test_docs import names, rows, text
from tests.records import NOW

USUAL = limits_to_json(Limits())
VENDORS, DISTRICTS, OPERATORS = (text(f"docs/{name}.md") for name in ("vendors", "districts", "operations"))


def test_a_district_reads_the_bounds_and_what_holds_unless_it_says_otherwise() -> None:
    documented = {names(row[0])[0]: row[2:] for row in rows(DISTRICTS, "## How much a vendor may ask for")}
    assert documented == {
        name: [", ".join(str(bound) for bound in LIMIT_BOUNDS[name]), str(usual)] for name, usual in USUAL.items()
    }


def test_a_vendor_reads_what_holds_unless_its_district_says_otherwise() -> None:
    documented = {names(row[0])[0]: int(row[1]) for row in rows(VENDORS, "## How much you may ask")}
    assert documented == USUAL


def test_the_fields_of_the_example_are_of_the_usual_limits() -> None:
    shown = re.findall(r"^(RateLimit(?:-Policy)?): (.+)$", VENDORS, re.MULTILINE)
    at = NOW.replace(hour=15, minute=38)
    used = Level(microseconds(at + timedelta(seconds=47.5)), at.date(), WHOLE * (5_000 - 4_310))
    assert shown == list(rate_limit_fields(used, 0, Limits(), at))
    assert dict(shown)["RateLimit-Policy"] == dict(rate_limit_fields(UNUSED, 0, Limits(), at))["RateLimit-Policy"]


def test_a_tenth_is_a_tenth() -> None:
    assert (WHOLE, PART) == (10, 1)
    assert f"with {USUAL['pages_a_day']} a\nday a vendor may see up to {USUAL['pages_a_day'] * WHOLE}" in DISTRICTS


@pytest.mark.parametrize("page", [VENDORS, OPERATORS], ids=["vendors", "operators"])
def test_the_bound_of_bad_tokens_is_as_told(page: str) -> None:
    assert f"{MOST_A_MINUTE} " in re.findall(r"(?:more than|Up to) (\d+ )", page)
    told = re.search(r"the (\d+)th, (\d+)th, (\d+)th and so on have a row", OPERATORS)
    assert told is not None
    doubled = [count for count in range(MOST_A_MINUTE + 1, 200) if has_row(count)]
    assert doubled == [int(count) for count in told.groups()]
