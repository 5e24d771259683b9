"""What the operator's page lists is what the template makes: alarms, whom they tell, queries, and sums that add up."""

from __future__ import annotations

import math
import re

import pytest
from hallpass.domain.audit import FIELD_NAMES

from sandbox.cloudformation import load
from tests.deploy.insights import faults
from tests.deploy.posture_sight import QUERIES
from tests.docs.test_docs import ROOT, names, rows, text

PAGE = text("docs/operations.md")
RESOURCES = load(ROOT / "template.yaml")["Resources"]
TOLD = {"AlarmTopicArn": "page", "TicketTopicArn": "ticket"}
COSTS = rows(PAGE, "## What logs and the ledger cost")


def test_every_alarm_is_documented_with_whom_it_tells() -> None:
    documented = {name: row[1] for row in rows(PAGE, "## Alarms") for name in names(row[0])}
    alarms = {name: made["Properties"] for name, made in RESOURCES.items() if made["Type"] == "AWS::CloudWatch::Alarm"}
    assert documented == {name: TOLD[alarm["AlarmActions"][0]["Ref"]] for name, alarm in alarms.items()}


@pytest.mark.parametrize("row", rows(PAGE, "## Alarms"), ids=lambda row: str(names(row[0])[0]))
def test_every_alarm_has_a_meaning_and_three_first_steps(row: list[str]) -> None:
    assert len(row[2]) > 20
    assert re.fullmatch(r"1\. .+ 2\. .+ 3\. .+", row[3])


def test_the_queries_that_the_page_names_are_saved() -> None:
    saved = {title for title, _ in QUERIES.values()}
    assert {row[0] for row in rows(PAGE, "## Saved queries")} == saved
    # In the tables and lists of what to do, a query stands in italics.
    advice = PAGE.split("## Every day", 1)[1].split("## Saved queries", 1)[0]
    assert set(re.findall(r"(?<!\*)\*([a-z][^*`]+)\*(?!\*)", advice)) - {"page", "ticket"} <= saved


@pytest.mark.parametrize("row", COSTS, ids=lambda row: str(row[0]))
def test_the_example_is_the_formula_with_numbers(row: list[str]) -> None:
    _, per, formula, example = row
    product, _, told = example.partition(" = ")
    factors = [float(factor) for factor in product.split(" × ")]
    assert f"{math.prod(factors):.2f}" == f"{float(told):.2f}"
    wanted = formula.split(" × ")
    assert len(wanted) == len(factors)
    for name, number in zip(wanted, factors, strict=True):
        given = {"R": 1.0, "D": 0.2, "P": 500.0, "S": 0.02, "F": 0.05}.get(name)
        assert number == (given if given is not None else float(name) if name[0].isdigit() else number)
    # The price is the last factor, and it is the one that stands under "per".
    assert f"{factors[-1]:g}" in {f"{float(price):g}" for price in re.findall(r"\d+\.\d+", per)}


@pytest.mark.parametrize("query", re.findall(r"^ *```\n( *filter [^`]+?)\n *```", PAGE, re.MULTILINE))
def test_a_query_that_is_written_out_finds_what_lines_have(query: str) -> None:
    assert list(faults(query, {*FIELD_NAMES, "type"})) == []
