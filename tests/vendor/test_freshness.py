"""How old an answer may be: the district's policy, the upstream's own words, and what a client asks."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hallpass.domain.cache_policy import CachePolicy
from hallpass.domain.health import Health
from hallpass.domain.http import HttpResponse
from hallpass.domain.http_caching import UpstreamControl
from hallpass.domain.listing import Account
from hallpass.domain.upstream import UpstreamFailedError, UpstreamTimeoutError

from tests import records
from tests.fakes import SetClock
from tests.vendor.world import World, incident, page
from tests.walk_store_fake import MemoryAccountStore

HONOUR = CachePolicy(control=UpstreamControl.HONOUR)


@pytest.fixture
def world() -> World:
    return World()


def set_policy(world: World, policy: CachePolicy) -> None:
    district = world.registry.district(records.DISTRICT_ID)
    assert district is not None
    world.registry.save_district(replace(district, cache=policy, version=district.version + 1))


def allow(world: World, token: str, *, may_refresh: bool = False, stale_cap: timedelta | None = None) -> None:
    kept = world.registry.integration(token[8:16])
    assert kept is not None
    changed = replace(kept, may_refresh=may_refresh, stale_cap=stale_cap, version=kept.version + 1)
    world.registry.save_integration(changed)


def cache_status(answer: HttpResponse) -> str:
    return str(answer.header("Cache-Status")).removeprefix("hallpass; ")


def kind(answer: HttpResponse) -> str:
    return json.loads(answer.body)["type"].rpartition(":")[2]  # type: ignore[no-any-return]  # a problem's type is text


def test_a_stale_answer_comes_at_once_and_is_read_anew_behind_it(world: World) -> None:
    token = world.token()
    world.get(token)
    world.upstream.pages[1] = page(incident(7))
    world.later(minutes=6)
    stale = world.get(token)
    assert cache_status(stale) == "hit; ttl=-60; detail=stale-while-revalidate"
    assert (stale.header("Age"), b"u-7" in stale.body) == ("360", False)
    fresh = world.get(token)
    assert (cache_status(fresh), b"u-7" in fresh.body) == ("hit; ttl=300", True)
    assert len(world.upstream.calls) == 2


def test_many_who_get_it_stale_have_it_read_once(world: World) -> None:
    token = world.token()
    world.get(token)
    world.later(minutes=6)
    world.background.at_once = False
    for _ in range(5):
        assert cache_status(world.get(token)).startswith("hit; ttl=-60")
    assert len(world.background.orders) == 1
    world.background.run()
    assert len(world.upstream.calls) == 2
    assert cache_status(world.get(token)) == "hit; ttl=300"


def test_a_background_out_of_reach_leaves_the_turn_to_the_next(world: World) -> None:
    token = world.token()
    world.get(token)
    world.later(minutes=6)
    world.background.unreachable = True
    world.get(token)
    world.background.unreachable = False
    world.get(token)
    assert cache_status(world.get(token)) == "hit; ttl=300"


def test_what_the_background_met_is_counted_and_stays_with_it(world: World) -> None:
    token = world.token()
    world.get(token)
    world.later(minutes=6)
    world.upstream.fault = UpstreamTimeoutError()
    assert world.get(token).status == 200
    assert world.telemetry.counts["BackgroundFaults"] == 1
    assert world.telemetry.faults == [("D1st", "upstream-timeout")]


def test_an_upstream_that_the_background_left_alone_did_not_fail_there(world: World) -> None:
    token = world.token()
    world.get(token)
    world.later(minutes=6)
    world.background.at_once = False
    assert world.get(token).status == 200
    world.accounts.note_refusal(Account(records.DISTRICT_ID, world.upstream.origin, 1), world.clock.now())
    world.refresher.carry_out(world.background.orders.pop(0), lambda: 300.0)
    assert world.telemetry.counts["BackgroundFaults"] == 0
    # The district is told all the same.
    assert world.telemetry.faults == [("D1st", "upstream-credentials")]


@dataclass(slots=True)
class SlowAccounts(MemoryAccountStore):
    """Takes days to say how an account has fared."""

    clock: SetClock = field(default_factory=SetClock)
    takes: timedelta = timedelta()

    def health(self, account: Account) -> Health | None:
        self.clock.at += self.takes
        return super(SlowAccounts, self).health(account)


@pytest.mark.parametrize(("takes", "over"), [(timedelta(minutes=30), 0), (timedelta(days=2), 1)])
def test_an_answer_that_is_older_than_its_district_allows_is_counted(takes: timedelta, over: int) -> None:
    world = World()
    token = world.token()
    world.get(token)
    world.later(minutes=6)
    world.accounts = SlowAccounts(clock=world.clock, takes=takes)
    assert world.get(token).status == 200
    assert world.telemetry.counts["AnswersOverPolicy"] == over


def test_the_districts_policy_counts_from_the_next_request(world: World) -> None:
    token = world.token()
    world.get(token)
    set_policy(world, CachePolicy(fresh_for=timedelta(seconds=10), stale_while_revalidate=timedelta(0)))
    world.later(seconds=20)
    assert cache_status(world.get(token)) == "fwd=stale; fwd-status=200; stored"
    set_policy(world, CachePolicy(fresh_for=timedelta(hours=1)))
    world.later(minutes=59)
    assert cache_status(world.get(token)) == "hit; ttl=60"


@pytest.mark.parametrize(
    ("query", "ttl"),
    [("from=2025-09-01&to=2026-01-30", 86_400), ("from=2025-09-01&to=2026-01-31", 300), ("", 300)],
    ids=["closed for more than thirty days", "closed for thirty days", "without dates"],
)
def test_a_window_that_closed_long_ago_is_fresh_for_a_day(world: World, query: str, ttl: int) -> None:
    token = world.token()
    world.get(token, query=query)
    assert cache_status(world.get(token, query=query)) == f"hit; ttl={ttl}"


def test_the_integrations_own_cap_shortens_what_the_district_allows(world: World) -> None:
    token, other = world.token(), world.token()
    allow(world, token, stale_cap=timedelta(hours=2))
    world.get(token)
    world.upstream.fault = UpstreamFailedError(upstream_status=500)
    world.later(hours=3)
    assert world.get(token).status == 503
    assert cache_status(world.get(other)).endswith("detail=stale-if-error")


def test_and_what_it_gets_while_a_page_is_read_anew(world: World) -> None:
    token, other = world.token(), world.token()
    allow(world, token, stale_cap=timedelta(minutes=10))
    world.get(token)
    world.later(minutes=20)
    assert cache_status(world.get(token)) == "fwd=stale; fwd-status=200; stored"
    world.later(minutes=20)
    assert cache_status(world.get(other)) == "hit; ttl=-900; detail=stale-while-revalidate"


def test_a_page_that_still_stands_is_kept(world: World) -> None:
    token = world.token()
    world.upstream.tags[1] = '"invented"'
    before = world.get(token)
    world.later(hours=2)
    again = world.get(token)
    assert cache_status(again) == "fwd=stale; fwd-status=304; stored"
    assert (again.header("Age"), again.body, again.header("ETag")) == ("0", before.body, before.header("ETag"))
    assert world.store.calls["save_page"] == 1
    assert cache_status(world.get(token)) == "hit; ttl=300"


def test_a_page_that_still_stands_and_cannot_be_kept_begins_nothing(world: World) -> None:
    token = world.token()
    world.upstream.tags[1] = '"invented"'
    before = world.get(token)
    world.later(hours=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(world.store), "reuse_page", lambda *_: None)
        again = world.get(token)
    assert cache_status(again) == "fwd=stale; fwd-status=304; detail=not-stored"
    assert again.body == before.body
    world.upstream.fault = UpstreamTimeoutError()
    assert cache_status(world.get(token)).endswith("detail=stale-if-error"), "the one before is there still"


def test_a_304_that_speaks_of_another_page_is_not_believed(world: World) -> None:
    token = world.token()
    world.upstream.tags[1] = '"invented"'
    world.get(token)
    world.later(hours=2)
    fetch = type(world.upstream).fetch

    def lying(upstream: object, *arguments: object) -> object:
        answer = fetch(upstream, *arguments)  # type: ignore[arg-type]  # as it was called
        return replace(answer, headers=(("ETag", '"another"'),)) if answer.status == 304 else answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(world.upstream), "fetch", lying)
        assert cache_status(world.get(token)) == "fwd=stale; fwd-status=200; stored"
    assert world.audit.records[-1].upstream_calls == 2


def test_a_page_kept_for_days_is_read_whole_before_its_artefacts_are_swept(world: World) -> None:
    set_policy(world, CachePolicy(stale_if_error=timedelta(hours=48)))
    token = world.token()
    world.upstream.tags[1] = '"invented"'
    world.get(token)
    statuses = []
    for _ in range(3):
        world.later(days=1, hours=12)
        statuses.append(cache_status(world.get(token)))
    assert statuses == [f"fwd=stale; fwd-status={status}; stored" for status in (304, 304, 200)]


@pytest.mark.parametrize(
    ("fields", "statuses"),
    [
        ((("Cache-Control", "max-age=30"),), ["hit; ttl=20", "hit; ttl=-10; detail=stale-while-revalidate"]),
        ((("Cache-Control", "max-age=30, must-revalidate"),), ["hit; ttl=20", "fwd=stale; fwd-status=200; stored"]),
        ((("Cache-Control", "no-store"),), ["fwd=uri-miss; fwd-status=200; detail=not-stored"] * 2),
        ((("Cache-Control", "no-cache"),), ["fwd=stale; fwd-status=200; stored"] * 2),
        ((("Age", "285"),), ["hit; ttl=5", "hit; ttl=-25; detail=stale-while-revalidate"]),
        ((), ["hit; ttl=290", "hit; ttl=260"]),
    ],
    ids=["max-age", "must-revalidate", "no-store", "no-cache", "an age of its own", "nothing said"],
)
def test_where_the_district_honours_the_upstreams_words(
    world: World, fields: tuple[tuple[str, str], ...], statuses: list[str]
) -> None:
    set_policy(world, HONOUR)
    world.upstream.headers = fields
    token = world.token()
    world.get(token)
    world.later(seconds=10)
    seen = [cache_status(world.get(token))]
    world.later(seconds=30)
    world.background.at_once = False
    assert [*seen, cache_status(world.get(token))] == statuses


def test_unless_it_does_they_count_for_nothing(world: World) -> None:
    world.upstream.headers = (("Cache-Control", "no-store, max-age=0"),)
    token = world.token()
    world.get(token)
    assert cache_status(world.get(token)) == "hit; ttl=300"


@pytest.mark.parametrize("control", UpstreamControl)
def test_an_answer_that_varies_by_everything_is_never_used_again(world: World, control: UpstreamControl) -> None:
    set_policy(world, CachePolicy(control=control))
    world.upstream.headers = (("Vary", "Accept-Encoding, *"),)
    token = world.token()
    for _ in range(2):
        assert cache_status(world.get(token)) == "fwd=uri-miss; fwd-status=200; detail=not-stored"
    assert len(world.upstream.calls) == 2


REFRESHES = ["no-cache", "max-age=0", "min-fresh=300"]


@pytest.mark.parametrize("asked", REFRESHES)
def test_a_refresh_is_for_who_may_ask_it_and_once_a_minute(world: World, asked: str) -> None:
    token = world.token()
    world.get(token)
    world.later(minutes=2)
    ignored = cache_status(world.get(token, cache_control=asked))
    assert ignored == "hit; ttl=180; detail=refresh-not-permitted"
    allow(world, token, may_refresh=True)
    assert cache_status(world.get(token, cache_control=asked)) == "fwd=request; fwd-status=200; stored"
    assert cache_status(world.get(token, cache_control=asked)) == "hit; ttl=300"
    assert len(world.upstream.calls) == 2
    world.later(seconds=60)
    world.get(token, cache_control=asked)
    assert len(world.upstream.calls) == 3


def test_pragma_is_heard_where_nothing_else_is_said(world: World) -> None:
    token = world.token()
    allow(world, token, may_refresh=True)
    world.get(token)
    world.later(minutes=2)
    assert cache_status(world.get(token, pragma="no-cache")).startswith("fwd=request")


def test_who_wants_only_what_is_cached_causes_no_call(world: World) -> None:
    token = world.token()
    refused = world.get(token, cache_control="only-if-cached")
    assert (refused.status, kind(refused), world.upstream.calls) == (504, "not-cached", [])
    world.get(token)
    assert world.get(token, cache_control="only-if-cached").status == 200
    world.later(minutes=30)
    assert cache_status(world.get(token, cache_control="only-if-cached")) == "hit; ttl=-1500"
    assert len(world.upstream.calls) == 1


def test_who_takes_it_stale_gets_it_stale_within_what_the_district_allows(world: World) -> None:
    token = world.token()
    world.get(token)
    world.later(hours=3)
    assert cache_status(world.get(token, cache_control="max-stale=36000")) == "hit; ttl=-10500"
    assert len(world.upstream.calls) == 1
    world.later(hours=30)
    assert cache_status(world.get(token, cache_control="max-stale")).startswith("fwd=stale; fwd-status=200")
