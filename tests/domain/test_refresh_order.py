"""What `page_refresh` is asked: an order comes back as it was sent, and nothing else is taken for one."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hallpass.domain.leases import Granted
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.refresh_order import Action, Asked, Order, OrderInvalidError, read_order
from hallpass.domain.scope import IncidentType
from hypothesis import given
from hypothesis import strategies as st

ORIGIN = "https://upstream.example"
QUERIES = [
    UpstreamQuery(),
    UpstreamQuery(IncidentType.MINOR, deleted=True),
    UpstreamQuery(first=date(2026, 1, 1), last=date(2026, 1, 31)),
]
ORDERS = st.builds(
    Order,
    st.sampled_from([Action.PAGE, Action.WALK, Action.AHEAD]),
    st.builds(
        Listing, st.builds(Account, st.text("D1st2nd", min_size=4, max_size=4), st.just(ORIGIN), st.integers(1, 9)),
        st.sampled_from(QUERIES),
    ),
    st.builds(Granted, st.text("0123456789abcdef", max_size=8), st.integers(0, 2**60)),
    st.from_regex("[0-9a-f]{14}-[0-9a-f]{8}|", fullmatch=True),
)  # fmt: skip
ONE = Order(Action.WALK, Listing(Account("D1st", ORIGIN, 1), QUERIES[1]), Granted("0a1b2c3d", 7), "s-1").event()


@given(ORDERS)
def test_an_order_comes_back_as_it_was_sent(order: Order) -> None:
    assert read_order(json.loads(json.dumps(order.event())), ORIGIN) == order


def test_the_schedules_event_is_no_order_for_one_listing() -> None:
    assert read_order({"action": "warm"}, ORIGIN) is None


def test_what_was_asked_for_comes_back_as_it_was_sent() -> None:
    asked = Asked(Account("D1st", ORIGIN, 2), tuple(QUERIES))
    event = asked.event()
    assert read_order(json.loads(json.dumps(event)), ORIGIN) == asked
    assert set(event) == {"action", "district", "epoch", "queries"}
    assert event["queries"] == ["", "type=minor&deleted=1", "from=2026-01-01&to=2026-01-31"]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"queries": "type=minor"}, id="queries that are no list"),
        pytest.param({"queries": [1]}, id="a query that is no text"),
        pytest.param({"queries": ["type=nonsense"]}, id="a query that does not parse"),
        pytest.param({"queries": ["from=2026-01-01"]}, id="one date without the other"),
        pytest.param({"epoch": "1"}, id="an epoch that is no number"),
        pytest.param({"district": None}, id="no district"),
    ],
)
def test_what_names_listings_wrongly_is_not_taken_for_the_schedules(change: dict[str, Any]) -> None:
    with pytest.raises(OrderInvalidError):
        read_order({**Asked(Account("D1st", ORIGIN, 2), ()).event(), **change}, ORIGIN)


def test_it_names_a_listing_and_a_turn_and_nothing_else() -> None:
    assert set(ONE) == {"action", "district", "epoch", "query", "snapshot", "owner", "fence"}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"action": "purge"}, id="an action there is not"),
        pytest.param({"action": 1}, id="an action that is no text"),
        pytest.param({"epoch": "1"}, id="an epoch that is no number"),
        pytest.param({"query": "type=nonsense"}, id="a query that does not parse"),
        pytest.param({"query": "access_token=x"}, id="a query with a token"),
        pytest.param({"fence": None}, id="no fence"),
        pytest.param({"district": None}, id="no district"),
    ],
)
def test_what_is_no_order_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(OrderInvalidError):
        read_order({**ONE, **change}, ORIGIN)


@pytest.mark.parametrize("event", [{}, {"action": "walk"}, {"Records": []}], ids=["nothing", "half", "another's event"])
def test_an_event_of_another_shape_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(OrderInvalidError):
        read_order(event, ORIGIN)
