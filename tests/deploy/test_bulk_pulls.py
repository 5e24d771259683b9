"""The saved query of bulk pulls flags who pulled far more than usual, however few hours there are: its arithmetic."""

from __future__ import annotations

import re
from statistics import median

import pytest

from sandbox.cloudformation import load
from tests.deploy.toolchain import ROOT

QUERY = load(ROOT / "template.yaml")["Resources"]["BulkPullsQuery"]["Properties"]["QueryString"]
STEADY = [40, 60, 50, 45, 55, 50, 48, 52, 61, 39, 50]


def flagged(pulled: list[int]) -> bool:
    """The statement's last filter over one integration's hours, in Python."""
    _, by_hour, by_vendor, chosen, _ = (part.strip() for part in QUERY.split("|"))
    assert by_hour == "stats sum(incidents) as pulled by integration, bin(1h)"
    made = dict(re.findall(r"((?:max|sum|pct|count)\([^)]*\)) as (\w+)", by_vendor))
    worth = {
        "max(pulled)": max(pulled), "sum(pulled)": sum(pulled), "pct(pulled, 50)": median(pulled),
        "count(*)": len(pulled),
    }  # fmt: skip
    assert made.keys() == worth.keys()
    names = {name: worth[call] for call, name in made.items()}
    condition = chosen.removeprefix("filter ").replace(" = ", " == ")
    assert re.fullmatch(r"[a-z0-9 ()*<>=-]+", condition)
    return bool(eval(condition, {"__builtins__": {}}, names))  # noqa: S307 - our own template, of these characters


@pytest.mark.parametrize("hours", [2, 5, 7, 11])
def test_an_hour_of_a_hundred_times_the_usual_is_flagged(hours: int) -> None:
    assert flagged([*STEADY[: hours - 1], 5_000])


@pytest.mark.parametrize("hours", [2, 5, 7, 11])
def test_who_pulls_as_ever_is_not(hours: int) -> None:
    assert not flagged(STEADY[:hours])
    assert not flagged([5_000] * hours)


@pytest.mark.parametrize(
    ("pulled", "told"),
    [
        pytest.param([5_000], True, id="a vendor's only hour, and a large one"),
        pytest.param([199], False, id="a vendor's only hour, under the floor"),
        pytest.param([1, 1, 1, 1, 150], False, id="much more than usual, and little"),
        pytest.param([10, 10, 10, 5_000, 5_000], True, id="two such hours of five do not hide each other"),
        pytest.param([50, 50, 50, 50, 201], True, id="just over four times"),
        pytest.param([50, 50, 50, 50, 200], False, id="four times"),
    ],
)
def test_what_is_flagged(pulled: list[int], told: bool) -> None:
    assert flagged(pulled) is told
