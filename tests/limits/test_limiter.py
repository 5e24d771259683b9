"""What containers let pass together: admitted, settled, and without the store."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock

import pytest
from hallpass.domain.access import Integration
from hallpass.domain.limit_errors import QuotaExceededError
from hallpass.domain.limits import Limits
from hallpass.domain.quota import PART, WHOLE, Level, Taken, violated
from hallpass.services import limiter as module
from hallpass.services.limiter import AWAY_SECONDS, Limiter
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import SetClock
from tests.quota_fakes import MemoryQuotas
from tests.records import an_integration
from tests.vendor_fakes import CountedTelemetry

SLOW = Limits(per_minute=6, burst=3, pages_a_day=100)


@dataclass(slots=True)
class Fleet:
    """Some containers over one store, which admit requests of one integration."""

    limits: Limits = SLOW
    clock: SetClock = field(default_factory=SetClock)
    quotas: MemoryQuotas = field(default_factory=MemoryQuotas)
    telemetry: CountedTelemetry = field(default_factory=CountedTelemetry)
    containers: list[Limiter] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.start(2)

    @property
    def integration(self) -> Integration:
        return replace(an_integration(), limits=self.limits)

    def start(self, number: int) -> None:
        self.containers = [Limiter(self.quotas, self.clock, self.telemetry) for _ in range(number)]

    def ask(self, cost: int, container: int = 0) -> bool:
        """Whether a request was admitted; it then costs that."""
        limiter = self.containers[container]
        try:
            admission = limiter.admit(self.integration)
        except QuotaExceededError:
            return False
        limiter.settle(admission, cost)
        return True

    def passed(self, cost: int, container: int = 0, tries: int = 200) -> int:
        return sum(self.ask(cost, container) for _ in range(tries))

    def told(self, container: int = 0) -> str:
        return dict(self.containers[container].fields(self.integration))["RateLimit"]


@pytest.fixture
def fleet() -> Fleet:
    return Fleet()


def test_whole_requests_pass_up_to_the_burst_whatever_container(fleet: Fleet) -> None:
    assert [fleet.ask(WHOLE, number % 2) for number in range(5)] == [True, True, True, False, False]


def test_small_ones_pass_ten_times_as_often_and_one_in_ten_asks_the_store(fleet: Fleet) -> None:
    # The last nine tenths stay in hand: nobody knows beforehand what a request will cost.
    assert fleet.passed(PART) == 3 * WHOLE - 9
    fleet.clock.move(timedelta(minutes=1))
    calls = fleet.quotas.calls
    assert all(fleet.ask(PART) for _ in range(20))
    assert fleet.quotas.calls - calls == 2


def test_a_refusal_that_is_known_asks_nobody(fleet: Fleet) -> None:
    fleet.passed(WHOLE, tries=3)
    calls = fleet.quotas.calls
    assert fleet.passed(WHOLE) == 0
    assert fleet.quotas.calls == calls
    assert not fleet.ask(WHOLE, container=1), "who does not know it asks"
    assert fleet.quotas.calls == calls + 1
    assert not fleet.ask(WHOLE, container=1)
    assert fleet.quotas.calls == calls + 1


def test_who_is_refused_hears_which_limits_and_until_when(fleet: Fleet) -> None:
    fleet.limits = Limits(6, 3, 3)
    fleet.passed(WHOLE)
    with pytest.raises(QuotaExceededError) as refused:
        fleet.containers[0].admit(fleet.integration)
    assert refused.value.members == {"violated-policies": ["burst", "daily"]}
    assert refused.value.headers == (("Retry-After", str(9 * 3600)),)


def test_limits_that_change_count_on_the_next_request_in_every_container(fleet: Fleet) -> None:
    fleet.limits = Limits(60, 60, 5_000)
    assert all(fleet.ask(PART, number % 2) for number in range(4))
    assert "r=55" not in fleet.told()
    fleet.limits = Limits(60, 1, 4)
    assert not fleet.ask(PART, 0), "what is in hand was taken under other limits"
    assert not fleet.ask(PART, 1)
    fleet.limits = Limits(60, 60, 6)
    assert fleet.passed(WHOLE) == 2


def test_what_is_in_hand_is_of_its_day(fleet: Fleet) -> None:
    fleet.limits = Limits(60, 60, 1)
    assert fleet.passed(PART) == 1, "a day of one page has room for one request that may need it"
    admission = fleet.containers[1]
    fleet.clock.move(timedelta(days=1))
    assert admission.admit(fleet.integration).day == fleet.clock.now().date()
    assert not fleet.ask(PART, 1)


def test_what_was_taken_yesterday_is_not_given_back_today(fleet: Fleet) -> None:
    fleet.limits, limiter = Limits(60, 60, 1), fleet.containers[0]
    admission = limiter.admit(fleet.integration)
    fleet.clock.move(timedelta(days=1))
    limiter.settle(admission, PART)
    assert fleet.ask(PART)
    assert not fleet.ask(PART)


def test_the_fields_tell_what_the_container_knows(fleet: Fleet) -> None:
    assert fleet.told() == '"burst";r=3, "daily";r=100;t=32400'
    fleet.ask(PART)
    assert fleet.told() == '"burst";r=2;t=10, "daily";r=99;t=32400'
    fleet.ask(PART)
    assert fleet.told() == '"burst";r=2;t=10, "daily";r=99;t=32400', "eighteen tenths are in hand"
    assert fleet.told(1) == '"burst";r=3, "daily";r=100;t=32400'
    fleet.ask(WHOLE, 1)
    assert fleet.told(1) == '"burst";r=0;t=10, "daily";r=97;t=32400'


def test_without_the_store_each_container_holds_the_limits_alone(fleet: Fleet) -> None:
    fleet.ask(WHOLE)
    fleet.quotas.down = True
    assert [fleet.passed(WHOLE, number) for number in (0, 1)] == [2, 3]
    assert fleet.telemetry.counts["LimiterFailures"] == 2
    assert fleet.quotas.calls == 3, "a store that failed is left alone for a while"


def test_a_store_that_is_back_is_asked_again_and_counts_for_all(fleet: Fleet) -> None:
    fleet.quotas.down = True
    assert fleet.ask(WHOLE)
    fleet.quotas.down = False
    assert fleet.ask(WHOLE)
    assert fleet.quotas.calls == 1
    fleet.clock.move(timedelta(seconds=AWAY_SECONDS))
    assert fleet.ask(WHOLE)
    assert (fleet.quotas.calls, len(fleet.quotas.levels)) == (2, 1)


def test_an_older_level_does_not_stand_in_for_a_newer_one(fleet: Fleet) -> None:
    """Two calls of one container at once: the later answer may be the earlier level."""
    limiter = fleet.containers[0]

    class Overtaken(MemoryQuotas):
        def take(self, *given: object) -> object:  # type: ignore[override]  # hands on what it is given
            found = MemoryQuotas.take(self, *given)  # type: ignore[arg-type]  # as above
            if self.calls == 1:
                limiter.admit(fleet.integration)
            return found

    limiter._quotas = Overtaken()  # type: ignore[assignment]  # as above
    limiter.admit(fleet.integration)
    assert '"burst";r=1' in fleet.told()


def test_threads_of_one_container_lose_and_double_nothing(fleet: Fleet) -> None:
    lock, take = Lock(), fleet.quotas.take

    class OneByOne(MemoryQuotas):
        def take(self, integration_id: str, limits: Limits, at: datetime, seen: Level) -> Taken:
            with lock:
                return take(integration_id, limits, at, seen)

    limiter, fleet.limits = fleet.containers[0], Limits(60, 20, 5_000)
    limiter._quotas = OneByOne()
    with ThreadPoolExecutor(8) as pool:
        passed = sum(pool.map(lambda _: fleet.ask(PART), range(400)))
    [held] = limiter._held.values()
    assert passed * PART + held.in_hand == fleet.quotas.levels[fleet.integration.id].spent == 20 * WHOLE
    # Each of them may have had a whole one in hand when the last was refused.
    assert held.in_hand < 8 * WHOLE


def test_what_a_container_remembers_is_bounded(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 2)
    for name in ("D1stVnd1", "D1stVnd2", "D1stVnd1", "D1stVnd3"):
        fleet.containers[0].admit(replace(an_integration(name), limits=SLOW))
    assert list(fleet.containers[0]._held) == ["D1stVnd3"]


STEPS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from([PART, PART, WHOLE]), st.integers(0, 15)), max_size=150)


def weight(steps: Sequence[tuple[int, int, int]], fleet: Fleet) -> tuple[int, int]:
    """What passed, in tenths, and how many were refused: each of them where all containers together left no room."""
    passed = refused = 0
    for container, cost, pause in steps:
        fleet.clock.move(timedelta(seconds=pause / 10))
        if fleet.ask(cost, container):
            passed += cost
        else:
            refused += 1
            assert violated(fleet.quotas.levels[fleet.integration.id], fleet.limits, fleet.clock.now())
    return passed, refused


@given(st.builds(Limits, st.integers(1, 120), st.integers(1, 12), st.integers(1, 40)), STEPS)
def test_never_more_than_the_limits_and_never_fewer_than_them_less_what_is_in_hand(
    limits: Limits, steps: list[tuple[int, int, int]]
) -> None:
    fleet = Fleet(limits)
    fleet.start(3)
    began = fleet.clock.now()
    passed, refused = weight(steps, fleet)
    elapsed = (fleet.clock.now() - began).total_seconds()
    allowed = WHOLE * min(limits.burst + elapsed * limits.per_minute / 60, limits.pages_a_day)
    assert passed <= allowed + 1e-6
    in_hand = sum(held.in_hand for one in fleet.containers for held in one._held.values())
    taken = sum(level.spent for level in fleet.quotas.levels.values())
    assert passed + in_hand == taken, "what was taken has passed or is in hand"
    assert in_hand <= 18 * len(fleet.containers)
    if not refused:
        assert passed == sum(cost for _, cost, _ in steps)
