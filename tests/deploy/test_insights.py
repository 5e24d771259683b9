"""The look at saved queries sees what would find nothing."""

import pytest

from tests.deploy.insights import faults

KNOWN = {"type", "status", "ms", "record.status", "@timestamp"}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        pytest.param('filter type = "audit" and status >= 500', [], id="a filter of what lines have"),
        pytest.param('filter type = "nothing like a field"', [], id="what is quoted names nothing"),
        pytest.param("filter type like /^up.stream/", [], id="nor does a pattern"),
        pytest.param("filter record.status != 1 | sort @timestamp asc", [], id="a field inside another"),
        pytest.param("filter record.state != 1", ["record.state is no field"], id="a field that is not there"),
        pytest.param(
            "stats max(ms) as slow by status | sort slow desc | limit 5", [], id="what stats made, and grouped by"
        ),
        pytest.param("stats max(ms) as slow | sort ms", ["ms is no field"], id="what stats has left behind"),
        pytest.param("stats max(ms) as slow by bin(1h) | filter slow > 2", [], id="grouped by time"),
        pytest.param("fields coalesce(ms, status) as either | sort either", [], id="what fields made"),
        pytest.param("stats median(ms) as slow", ["median() is no function"], id="a function that is not there"),
        pytest.param("select ms", ["'select' is no command"], id="a command that is not there"),
        pytest.param("stats max((ms) as slow", ["parentheses of 'stats'"], id="a parenthesis that is not closed"),
    ],
)
def test_what_a_query_names(query: str, told: list[str]) -> None:
    assert list(faults(query, KNOWN)) == told
