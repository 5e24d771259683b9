"""What docs/caching.md says of wrong walks is what the benchmark measures."""

from __future__ import annotations

import pytest

from benchmarks.wrong_walks import BEGIN, DOC, END, HEAD, WALKS, WAYS, measure, table


def documented() -> str:
    return DOC.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]


def test_the_table_is_there_with_a_line_for_every_way() -> None:
    head, _, *lines = documented().splitlines()
    assert head == f"| {' | '.join(HEAD)} |"
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    assert [(way, walks) for way, walks, *_ in cells] == [(way, str(WALKS)) for way in WAYS]
    assert ".venv/bin/python -m benchmarks.wrong_walks" in DOC.read_text(encoding="utf-8")


def test_under_verified_no_walk_is_wrong_and_under_guarded_fewer_than_without() -> None:
    """A small share of what the table measures, with the same seed."""
    verified, guarded, *without = measure(80).values()
    assert (verified.walks, verified.wrong) == (80, 0)
    assert 0 < verified.ended < 40
    assert all(guarded.wrong < other.wrong for other in without)
    assert without[0].calls < guarded.calls < verified.calls, "a check costs calls"


@pytest.mark.long
def test_the_table_is_what_is_measured() -> None:
    assert documented() == table(measure(WALKS))
