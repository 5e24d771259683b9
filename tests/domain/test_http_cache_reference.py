"""The cache does what the model of RFC 9111 says, however it is spelled: nothing forbidden is served, nothing is
fetched that need not be."""

from __future__ import annotations

from hypothesis import event, given
from hypothesis import strategies as st

from tests.domain.caching_material import seconds
from tests.domain.http_cache_origin import House, answer
from tests.domain.http_cache_reference import MEANT, WANTED, Meant, Wanted, outcome, spell, usable_after_failure
from tests.http_cache import Response


@given(MEANT, st.just(Wanted()) | WANTED, WANTED, st.integers(0, 60), st.sampled_from([None, 500, 200]), st.data())
def test_as_the_model_says(
    said: Meant, first: Wanted, wanted: Wanted, elapsed: int, then: int | None, data: st.DataObject
) -> None:
    house = House()
    house.origin.answers = [answer(*data.draw(spell(said)))]
    house.get(*data.draw(spell(first)))
    house.clock.move(seconds(elapsed))
    house.origin.answers = [None if then is None else Response(then, (), b"two")]
    house.origin.asked = []
    got = house.get(*data.draw(spell(wanted)))
    expected = outcome(said, first, wanted, elapsed)
    event(f"{expected} then {then}")
    kept = not (said.no_store or said.varies_by_all or first.no_store or first.only_if_cached)
    if expected in {"store", "504"}:
        assert house.origin.asked == []
    if expected == "504":
        assert got.status == 504
    elif expected in {"store", "stale"}:
        assert (got.status, got.body) == (200, b"one")
    elif then == 200:
        assert (got.status, got.body) == (200, b"two")
    elif kept and usable_after_failure(said, wanted, elapsed):
        assert (got.status, got.body) == (200, b"one")
    else:
        assert (got.status, got.body) == (then or 502, b"two" if then else b"")
