"""What is explained beforehand is what the data plane then answers: hit or miss, rows, or the refusal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import orjson
from hallpass.domain.query import Format
from hallpass.domain.scope import RollingWindow, Scope
from hallpass.domain.upstream import UpstreamError, UpstreamTimeoutError, UpstreamUnreachableError
from hallpass.services.explain_lookup import Found
from hallpass.services.explain_request import ExplainAsked, Explanation, explain
from hypothesis import given
from hypothesis import strategies as st

from tests.preview.house import OPERATOR, SECONDS, House
from tests.preview.material import pages, scopes
from tests.records import DISTRICT_ID
from tests.vendor.world import rows

FROM_THE_STORE = {Found.HIT, Found.STALE_HIT, Found.PAST_THE_LAST}
QUERIES = [
    "", "", "", "", "", "", "page=1", "page=2", "page=2", "page=2", "page=3", "page=3", "page=9", "type=referral",
    "type=pending", "deleted=1", "from=2026-02-01&to=2026-03-02", "from=2025-09-01&to=2025-10-01", "from=2026-02-01",
    "school=007", "school=012", "modified_since=2026-02-01&dataset=1.1", "modified_since=2026-02-01&dataset=9.9",
    "surplus=1", "access_token=x", "format=xml", "format=json&page=2", "snapshot=064c0bd7415c00-1a2b3c4d", "page=0",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moment:
    """A request that comes `minutes` after the one before. `fault`: what the upstream does then."""

    query: str
    minutes: int
    fault: type[UpstreamError] | None


moments = st.builds(
    Moment,
    st.sampled_from(QUERIES),
    st.sampled_from([0, 0, 0, 1, 10, 90, 60 * 26]),
    st.sampled_from([None, None, None, None, UpstreamUnreachableError, UpstreamTimeoutError]),
)


WIDE = Scope(rows("referral minor pending", window=RollingWindow(3650), deleted=True), "all-documented@1")


@given(pages(), st.one_of(st.just(WIDE), scopes()), st.lists(moments, min_size=3, max_size=8))
def test_an_explanation_is_what_happens_next(content: list[list[str]], scope: Scope, asked: list[Moment]) -> None:
    house = House()
    house.pages(*content)
    token = house.token(scope)
    house.world.background.at_once = True
    for moment in asked:
        house.world.clock.move(timedelta(minutes=moment.minutes))
        house.world.upstream.fault = moment.fault() if moment.fault else None
        before = len(house.world.upstream.calls)
        told = explanation(house, token, moment.query)
        assert len(house.world.upstream.calls) == before, "it asked the upstream"
        compare(house, token, moment, told)


def explanation(house: House, token: str, query: str) -> Explanation:
    address = (DISTRICT_ID, house.latest())
    asked = ExplainAsked(query, Format.JSON, token[16:20])
    return explain(house.desk, OPERATOR, address, asked, SECONDS)


def compare(house: House, token: str, moment: Moment, told: Explanation) -> None:
    answer = house.world.get(token, query=moment.query)
    found = told.lookup.found if told.lookup else None
    if told.refusal is not None:
        assert orjson.loads(answer.body)["type"].endswith(f":{told.refusal.slug}"), (answer.body, told.refusal)
        return
    if found in {Found.FETCH, Found.WALK}:
        # What the upstream does when it is asked, nobody knows beforehand.
        if moment.fault is None:
            assert answer.status == 200, answer.body
            assert "; hit" not in str(answer.header("cache-status"))
        return
    assert answer.status == 200, answer.body
    status = str(answer.header("cache-status"))
    assert ("; hit" in status) == (found in FROM_THE_STORE), (status, found)
    incidents = orjson.loads(answer.body)["incidents"]
    if told.rows is None:
        assert (found, incidents) == (Found.PAST_THE_LAST, [])
        return
    assert told.rows.shown == len(incidents)
    assert told.rows.on_page == told.rows.shown + sum(told.rows.removed.values())
