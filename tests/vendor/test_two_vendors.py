"""F-10: what two vendors under pseudonyms could join their data by. Every column, and every pair of columns.

The promise: no identifier and no time below the day in common. What dates, schools and offenses together can still
tell is measured by `benchmarks/pseudonym_risk.py` and stated in docs/scopes.md.
"""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import re
from collections.abc import Iterator

import pytest
import requests
from hallpass.domain.custom_fields import CustomFields
from hallpass.domain.field_groups import Numbers, Victims
from hallpass.domain.reading import read_page
from hallpass.domain.schema import FIELDS, Group, Kind
from hallpass.domain.scope import Scope

from sandbox.simulator import Settings
from tests.vendor.deployed import Deployed, deployed
from tests.vendor.world import EVERYTHING

WIDEST = CustomFields(
    frozenset(set(Group) - {Group.NARRATIVE, Group.STUDENT_NAMES}), Victims.AS_OFFENDERS, Numbers.PSEUDONYMISED
).name
VIEWS = {"the preset": "pseudonymised@1", "everything that goes with pseudonyms": WIDEST}
# A time below the day, in any of the upstream's spellings.
TIME = re.compile(r"\d{1,2}:\d\d")
PSEUDONYM = re.compile(r"^(p\d+-[a-z2-7]{26}|[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$")


@pytest.fixture(scope="module")
def house() -> Iterator[Deployed]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ACCESS_KEY_ID": "t",
            "AWS_SECRET_ACCESS_KEY": "t",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            patch.setenv(name, value)
        with deployed(Settings(incidents=600, zone="Z", booleans="mixed")) as running:
            yield running


def table(house: Deployed, fields: str) -> list[dict[str, str]]:
    """A new vendor's CSV."""
    return read(house, house.token(Scope(EVERYTHING, fields)))


def read(house: Deployed, token: str, query: str = "") -> list[dict[str, str]]:
    answer = house.get(token, "/v1/incidents.csv", query, accept_encoding="gzip")
    assert answer.status == 200
    return list(csv.DictReader(io.StringIO(gzip.decompress(answer.body).decode(), newline="")))


def identifiers(house: Deployed) -> set[str]:
    """Every uuid and number that the upstream has, and every time below the day."""
    with requests.Session() as session:
        session.trust_env = False
        headers = {"Authorization": f"Bearer {house.simulator.token}"}
        page = session.get(f"{house.simulator.url}?page=1", headers=headers, timeout=10).content
    found: set[str] = set()

    def walk(node: object, path: str) -> None:
        if isinstance(node, list):
            (item,) = (field for field in FIELDS.values() if field.parent == path)
            for below in node:
                walk(below, item.path)
        elif isinstance(node, dict):
            for field in FIELDS.values():
                if field.parent == path and field.json in node:
                    walk(node[field.json], field.path)
        elif isinstance(node, str) and (FIELDS[path].identity or FIELDS[path].kind is Kind.DATETIME):
            found.add(node)

    for row in read_page(page).incidents:
        walk(row, "incident")
    return {value for value in found if len(value) > 3}


@pytest.mark.parametrize("fields", VIEWS.values(), ids=VIEWS)
def test_no_pair_of_columns_has_an_identifier_in_common(house: Deployed, fields: str) -> None:
    one, other = table(house, fields), table(house, fields)
    assert len(one) == len(other) > 250
    joined = {
        (left, right): {row[left] for row in one} & {row[right] for row in other} - {""}
        for left, right in itertools.product(one[0], other[0])
    }
    for (left, right), values in joined.items():
        assert not {value for value in values if PSEUDONYM.match(value)}, f"{left} joins {right}"
    everything = {value for row in one + other for value in row.values()}
    assert sum(bool(PSEUDONYM.match(value)) for value in everything) > 100, "there are pseudonyms to be joined by"


@pytest.mark.parametrize("fields", VIEWS.values(), ids=VIEWS)
def test_no_cell_holds_an_identifier_of_the_upstream_or_a_time_below_the_day(house: Deployed, fields: str) -> None:
    known = identifiers(house)
    assert len(known) > 1000
    for row in table(house, fields):
        for column, cell in row.items():
            assert not TIME.search(cell), column
            assert cell not in known, column
            assert not any(part in known for part in re.split(r'[",:\[\]{} ]+', cell)), column


@pytest.mark.parametrize("fields", VIEWS.values(), ids=VIEWS)
def test_the_order_of_the_rows_tells_nothing(house: Deployed, fields: str) -> None:
    def shown(rows: list[dict[str, str]]) -> list[tuple[str, ...]]:
        return [tuple(cell for cell in row.values() if not PSEUDONYM.match(cell) and "p1-" not in cell) for row in rows]

    one, other = shown(table(house, fields)), shown(table(house, fields))
    alike = sum(left == right for left, right in zip(one, other, strict=True))
    assert alike < len(one) / 10
    assert one != other


def test_the_same_child_is_the_same_pseudonym_throughout_one_vendors_data(house: Deployed) -> None:
    plain = table(house, "identified@1")
    token = house.token(Scope(EVERYTHING, "pseudonymised@1"))
    rows, some = read(house, token), read(house, token, "type=referral")
    numbers = [row["offender.student.district_id"] for row in plain if row["offender.student.district_id"]]
    pseudonyms = [row["offender.student.district_id"] for row in rows if row["offender.student.district_id"]]
    assert len(numbers) == len(pseudonyms)
    assert len(set(numbers)) == len(set(pseudonyms)) < len(numbers)
    assert {row["offender.student.district_id"] for row in some} <= {*pseudonyms, ""}
