"""The decisions as a cache: scenario by scenario, and against a model of what RFC 9111 forbids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.caching_material import FRESHNESS, HEADERS, honour, override, seconds
from tests.domain.http_cache_origin import URL, House, answer, values
from tests.domain.http_cache_scenarios import LONG, SCENARIOS, SHORT, TAG, Exchange
from tests.http_cache import Request, Response

CONDITIONS = ("If-None-Match", "If-Modified-Since")


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_scenario(scenario: list[Exchange]) -> None:
    house = House()
    for exchange in scenario:
        house.clock.move(seconds(exchange.pause))
        house.origin.answers, house.origin.asked = [exchange.origin], []
        got = house.get(*exchange.asks)
        conditions = [any(values(asked.headers, name) for name in CONDITIONS) for asked in house.origin.asked]
        assert conditions == {"nothing": [], "plain": [False], "conditions": [True]}[exchange.seen]
        assert (got.status, got.body) == (exchange.status, exchange.body)
        assert [", ".join(values(got.headers, name)) for name, _ in exchange.has] == [
            value for _, value in exchange.has
        ]


TOLD = {
    "a hit": ([answer(LONG)], 10, "hallpass; hit; ttl=3590"),
    "stale, accepted": ([answer(SHORT)], 10, "hallpass; hit; ttl=-8"),
    "not modified": ([answer(TAG), answer(LONG, status=304)], 10, "hallpass; fwd=stale; fwd-status=304; stored"),
    "modified": ([answer(TAG), answer(LONG)], 10, "hallpass; fwd=stale; fwd-status=200; stored"),
    "not kept": ([answer(TAG), answer(status=404)], 10, "hallpass; fwd=stale; fwd-status=404"),
    "failed with a 503": (
        [answer(TAG), answer(status=503)], 10, "hallpass; fwd=stale; fwd-status=503; detail=stale-if-error"
    ),
    "failed": ([answer(TAG), None], 10, "hallpass; fwd=stale; detail=stale-if-error"),
}  # fmt: skip


@pytest.mark.parametrize(("answers", "after", "told"), TOLD.values(), ids=TOLD)
def test_cache_status_of_the_second_request(answers: list[Response | None], after: int, told: str) -> None:
    house = House()
    house.origin.answers = list(answers)
    assert values(house.get().headers, "Cache-Status") == ["hallpass; fwd=uri-miss; fwd-status=200; stored"]
    house.clock.move(seconds(after))
    asks = [("Cache-Control", "max-stale=8")] if "ttl=-" in told else []
    assert values(house.get(*asks).headers, "Cache-Status") == [told]


def test_another_cache_s_word_stays_before_ours() -> None:
    house = House()
    house.origin.answers = [answer(LONG, ("Cache-Status", "far; hit"))]
    house.get()
    assert values(house.get().headers, "Cache-Status") == ["far; hit", "hallpass; hit; ttl=3600"]


def test_the_time_that_asking_took_counts_into_the_age() -> None:
    house = House()
    house.origin.answers, house.origin.takes = [answer(LONG)], seconds(5)
    house.get()
    assert values(house.get().headers, "Age") == ["5"]


def test_what_has_no_date_gets_that_of_its_coming() -> None:
    house = House()
    house.origin.answers = [answer(LONG)]
    assert (
        values(house.get().headers, "Date") == values(house.get().headers, "Date") == ["Mon, 02 Mar 2026 15:00:00 GMT"]
    )


def test_a_304_of_another_response_is_followed_by_a_plain_request() -> None:
    house = House()
    house.origin.answers = [answer(TAG), answer(("ETag", '"v2"'), status=304), answer(LONG, body=b"two")]
    assert [house.get().body for _ in range(3)] == [b"one", b"two", b"two"]
    assert [len(values(asked.headers, "If-None-Match")) for asked in house.origin.asked] == [0, 1, 0]


def test_head_is_answered_as_get_without_the_content() -> None:
    house = House()
    house.origin.answers = [answer(LONG, ("Content-Length", "3"))]
    missed, hit, got = house.get(method="HEAD"), house.get(method="HEAD"), house.get()
    assert [(one.status, one.body, values(one.headers, "Content-Length")) for one in (missed, hit, got)] == [
        (200, b"", ["3"]), (200, b"", ["3"]), (200, b"one", ["3"]),
    ]  # fmt: skip
    assert [asked.method for asked in house.origin.asked] == ["GET"]


# Method; what the origin answers; whether what was kept is still used.
METHODS = {
    "POST": ("POST", answer(LONG, body=b"two"), False),
    "PUT, refused": ("PUT", answer(status=403, body=b"two"), True),
    "DELETE, failed": ("DELETE", None, True),
    "an unknown one": ("FROB", answer(LONG, body=b"two"), False),
    "OPTIONS": ("OPTIONS", answer(LONG, body=b"two"), True),
    "get in small letters is another": ("get", answer(LONG, body=b"two"), False),
}


@pytest.mark.parametrize(("method", "says", "kept"), METHODS.values(), ids=METHODS)
def test_other_methods_pass_and_are_not_kept(method: str, says: Response | None, kept: bool) -> None:
    house = House()
    house.origin.answers = [answer(LONG), says, answer(LONG, body=b"three")]
    house.get()
    got = house.handle(Request(method, URL, (LONG, ("Connection", "x"), ("X", "1")), b"sent"))
    assert house.origin.asked[-1] == Request(method, URL, (LONG,), b"sent")
    assert values(got.headers, "Cache-Status") == ["hallpass; fwd=method"]
    assert got.body == (b"two" if says else b"")
    assert house.get().body == (b"one" if kept else b"three")


def test_a_precondition_on_a_change_is_the_origins() -> None:
    house = House()
    house.origin.answers = [answer(LONG), answer(status=412, body=b"no")]
    house.get()
    assert house.get(("If-Match", '"v0"')).status == 412


def test_without_the_permission_a_client_does_not_get_past_what_is_fresh() -> None:
    house = House(may_refresh=False)
    house.origin.answers = [answer(LONG, body=b"one")]
    for asks in ("no-cache", "max-age=0", "min-fresh=9999", "no-store"):
        assert house.get(("Cache-Control", asks)).body == b"one"
    assert len(house.origin.asked) == 1


def test_options_reach_the_decisions() -> None:
    short = House(freshness=honour(if_error=100), cap=seconds(5))
    owned = House(freshness=override(fresh_for=100))
    for house in (short, owned):
        house.origin.answers = [answer(("Cache-Control", "max-age=0, no-store" if house is owned else "max-age=0"))]
        house.get()
        house.clock.move(seconds(5))
    assert short.get().status == 502
    assert owned.get().body == b"one"


CREDENTIALS = st.lists(st.sampled_from(["", "Bearer a", "Bearer b", "Bearer a, Bearer b", "bearer a"]), max_size=2)
RESPONSES = st.builds(
    lambda headers, status: (headers, status), HEADERS, st.sampled_from([200, 200, 200, 304, 404, 500])
)


@given(st.lists(st.tuples(CREDENTIALS, RESPONSES, st.integers(0, 100), HEADERS), max_size=12), FRESHNESS)
def test_nothing_crosses_from_one_credential_to_another(steps: list[tuple], freshness) -> None:  # type: ignore[no-untyped-def,type-arg]
    house = House(freshness=freshness)
    for credentials, (headers, status), pause, asks in steps:
        house.clock.move(seconds(pause))
        body = repr(credentials).encode()
        house.origin.answers = [answer(*headers, ("Cache-Control", "public"), status=status, body=body)] * 3
        got = house.get(*(("Authorization", credential) for credential in credentials), *asks)
        assert got.body in {body, b""}


@pytest.mark.parametrize("public", ["public, max-age=3600", "s-maxage=3600, max-age=3600"])
def test_not_even_what_is_public_crosses(public: str) -> None:
    house = House()
    house.origin.answers = [answer(("Cache-Control", public)), answer(("Cache-Control", public), body=b"two")]
    assert house.get(("Authorization", "Bearer a")).body == b"one"
    assert house.get(("Authorization", "Bearer b")).body == b"two"
    assert house.get(("authorization", "Bearer a")).body == b"one"
    assert house.get(("Cookie", "a=b")).status == 502


def test_addresses_are_kept_apart_and_fragments_are_not() -> None:
    house = House()
    house.origin.answers = [answer(LONG), answer(LONG, body=b"two")]
    assert house.get(url=URL + "?page=1").body == b"one"
    assert house.get(url=URL + "?page=2").body == b"two"
    assert house.get(url=URL + "?page=1#x").body == b"one"


@pytest.mark.parametrize("position", [0, 20, 30, 60, 100, -1])
def test_a_broken_entry_is_a_miss(position: int) -> None:
    house = House()
    house.origin.answers = [answer(LONG), answer(LONG, body=b"two")]
    house.get()
    [(key, content)] = house.store.contents.items()
    broken = bytearray(content)
    broken[position] ^= 1
    house.store.contents[key] = bytes(broken)
    assert house.get().body == b"two"
