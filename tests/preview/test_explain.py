"""Each way in which a request may end, explained beforehand; where the data plane is asked too, it says the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from hallpass.domain.access import Status, TokenStatus
from hallpass.domain.cache_policy import Check
from hallpass.domain.errors import NotFoundError
from hallpass.domain.http import HttpRequest
from hallpass.domain.pages import ArtefactKind
from hallpass.domain.query import Format
from hallpass.domain.scope import Scope
from hallpass.domain.upstream import UpstreamUnreachableError
from hallpass.domain.walk import MAX_PAGES, State
from hallpass.services.explain_lookup import Explainer, Found
from hallpass.services.explain_request import ExplainAsked, Explanation, explain
from hallpass.services.held_page import Wanted
from hallpass.services.read_incidents import wanted_of

from tests.preview.house import ADMIN, OPERATOR, SECONDS, House
from tests.preview.material import incident
from tests.records import DISTRICT_ID
from tests.vendor.world import EVERYTHING, rows

ROWS = [
    [incident(1, "referral", "2026-02-10", "007", "", []), incident(2, "minor", "2026-02-11", "012", "", [])],
    [incident(3, "referral", "2026-02-12", "007", "1", [])],
]
SCOPE = Scope(rows("referral", "007"), "all-documented@1")


class Scene:
    """A vendor that has walked a list of two pages, unless it has not."""

    def __init__(self, scope: Scope = SCOPE, *, walked: bool = True) -> None:
        self.house = House()
        self.world = self.house.world
        self.house.pages(*ROWS)
        self.token = self.house.token(scope)
        if walked:
            self.get("")
            self.get("page=2")

    def get(self, query: str, path: str = "/v1/incidents.json") -> tuple[int, str]:
        """Status, and `Cache-Status` or the problem."""
        answer = self.world.get(self.token, path, query)
        if answer.status == 200:
            return 200, str(answer.header("cache-status"))
        return answer.status, orjson.loads(answer.body)["type"].rpartition(":")[2]

    def explain(self, query: str = "", form: Format = Format.JSON, *, token: bool = True) -> Explanation:
        asked = ExplainAsked(query, form, self.token[16:20] if token else None)
        return explain(self.house.desk, OPERATOR, (DISTRICT_ID, self.house.latest()), asked, SECONDS)

    def later(self, **parts: float) -> None:
        self.world.clock.move(timedelta(**parts))

    def change_walk(self, **changes: object) -> None:
        walks = self.world.walks.walks
        for key, walk in walks.items():
            walks[key] = replace(walk, **changes)  # type: ignore[arg-type]  # by name

    def change_integration(self, **changes: object) -> None:
        registry = self.world.registry
        for key, kept in registry._integrations.items():
            registry._integrations[key] = replace(kept, **changes)  # type: ignore[arg-type]  # by name

    def change_district(self, **changes: object) -> None:
        registry = self.world.registry
        for key, kept in registry._districts.items():
            registry._districts[key] = replace(kept, **changes)  # type: ignore[arg-type]  # by name

    def snapshot(self) -> str:
        [pointer] = [pointer for pointer in self.world.walks.pointers.values() if pointer.snapshot]
        return str(pointer.snapshot)


def nothing(_scene: Scene) -> None:
    pass


def stale(scene: Scene) -> None:
    scene.later(minutes=10)


def too_old(scene: Scene) -> None:
    scene.later(hours=26)


def no_health(scene: Scene) -> None:
    scene.later(minutes=10)
    scene.world.accounts.unreachable = True


def no_walks(scene: Scene) -> None:
    scene.world.walks.unreachable = True


def left_alone(scene: Scene) -> None:
    scene.later(minutes=70)
    listing = next(iter(scene.world.walks._busy.values())).listing
    for _ in range(3):
        scene.world.accounts.note_fault(listing.account, "upstream-unreachable", scene.world.clock.now(), None)
    scene.world.upstream.fault = UpstreamUnreachableError()


def left_alone_too_long(scene: Scene) -> None:
    scene.later(hours=30)
    left_alone(scene)


def refused_key(scene: Scene) -> None:
    scene.later(minutes=30)
    listing = next(iter(scene.world.walks._busy.values())).listing
    scene.world.accounts.note_refusal(listing.account, scene.world.clock.now())


def weaker(scene: Scene) -> None:
    scene.change_walk(check=Check.OFF)


def expired(scene: Scene) -> None:
    scene.change_walk(expires_at=scene.world.clock.now())


def page_lost(scene: Scene) -> None:
    scene.world.store._pages = {key: page for key, page in scene.world.store._pages.items() if key[2] == 1}


def first_lost(scene: Scene) -> None:
    scene.world.store._pages.clear()
    scene.world.walks.walks.clear()


def walk_gone(scene: Scene) -> None:
    scene.world.walks.walks.clear()


def walk_broken(scene: Scene) -> None:
    scene.change_walk(state=State.BROKEN)


def capped(scene: Scene) -> None:
    scene.later(minutes=20)
    scene.change_integration(stale_cap=timedelta(minutes=5))


def old_snapshot(scene: Scene) -> None:
    walk_gone(scene)
    scene.later(hours=30)


def models_lost(scene: Scene) -> None:
    scene.world.store.lose(ArtefactKind.MODEL)
    scene.world.store._representations.clear()


HITS = [
    pytest.param(nothing, "", Found.HIT, id="fresh"),
    pytest.param(stale, "", Found.STALE_HIT, id="stale, while it is read anew"),
    pytest.param(left_alone, "", Found.STALE_IF_ERROR, id="stale, for the upstream fails"),
    pytest.param(nothing, "page=2", Found.HIT, id="a page of a walk"),
    pytest.param(nothing, "page=3", Found.PAST_THE_LAST, id="past the last of a walk"),
    pytest.param(walk_gone, "page=3", Found.PAST_THE_LAST, id="past the last, not walked yet"),
    pytest.param(nothing, "page=1&snapshot={snapshot}", Found.HIT, id="page 1 of a walk"),
    pytest.param(walk_gone, "page=1&snapshot={snapshot}", Found.HIT, id="page 1 of a snapshot"),
]
MISSES = [
    pytest.param(nothing, "deleted=0", "invalid-parameters", id="a query that cannot be"),
    pytest.param(nothing, "type=minor", "insufficient-scope", id="a type that is not granted"),
    pytest.param(nothing, "access_token=x", "token-in-query", id="a token in the query"),
    pytest.param(nothing, "format=xml", "invalid-parameters", id="another format than the path's"),
    pytest.param(left_alone_too_long, "", "upstream-unreachable", id="the upstream fails and it is too old"),
    pytest.param(refused_key, "", "upstream-credentials", id="the upstream refused the district's token"),
    pytest.param(refused_key, "page=2", "upstream-credentials", id="the same, on a walk"),
    pytest.param(weaker, "page=2", "listing-unstable", id="a walk that was checked less"),
    pytest.param(expired, "page=2", "snapshot-expired", id="a walk that is over"),
    pytest.param(page_lost, "page=2", "snapshot-expired", id="a page of a walk that is lost"),
    pytest.param(first_lost, "page=2", "snapshot-expired", id="a snapshot that is lost"),
    pytest.param(old_snapshot, "page=2", "snapshot-expired", id="a snapshot that is too old"),
    pytest.param(walk_broken, "page=2", "listing-unstable", id="a list that moved"),
    pytest.param(capped, "page=2", "snapshot-expired", id="a page that is older than the integration may get"),
    pytest.param(no_walks, "page=2", "unavailable", id="nothing says which walk the token is on"),
    pytest.param(nothing, "page=2&school=007", "snapshot-expired", id="a walk without a page 1"),
]


@pytest.mark.parametrize(("before", "query", "found"), HITS)
def test_what_is_answered_from_the_store(before: Callable[[Scene], None], query: str, found: Found) -> None:
    scene = Scene()
    query = query.format(snapshot=scene.snapshot())
    before(scene)
    told = scene.explain(query)
    assert told.lookup is not None
    assert (told.lookup.found, told.refusal) == (found, None)
    assert (told.rows is None) == (found is Found.PAST_THE_LAST)
    status, cached = scene.get(query)
    assert status == 200
    assert ("; hit" in cached) == (found is not Found.STALE_IF_ERROR), cached


@pytest.mark.parametrize(("before", "query", "problem"), MISSES)
def test_what_is_refused(before: Callable[[Scene], None], query: str, problem: str) -> None:
    scene = Scene()
    before(scene)
    told = scene.explain(query)
    assert told.refusal is not None
    assert told.refusal.slug == problem
    assert scene.get(query)[1] == problem


@pytest.mark.parametrize(
    ("before", "said"),
    [
        pytest.param(nothing, "It is not cached", id="nothing is cached"),
        pytest.param(no_walks, "The cache does not answer", id="the cache is out of reach"),
    ],
)
def test_what_is_fetched_without_a_cache(before: Callable[[Scene], None], said: str) -> None:
    scene = Scene(walked=False)
    before(scene)
    told = scene.explain()
    assert told.lookup is not None
    assert (told.lookup.found, told.lookup.page, told.rows) == (Found.FETCH, None, None)
    assert said in told.lookup.why


@pytest.mark.parametrize(
    ("before", "said"),
    [
        pytest.param(too_old, "too old", id="too old"),
        pytest.param(no_health, "may not be the answer", id="nobody can tell whether the credential was refused"),
    ],
)
def test_what_is_read_anew_though_something_is_cached(before: Callable[[Scene], None], said: str) -> None:
    scene = Scene()
    before(scene)
    told = scene.explain()
    assert told.lookup is not None
    assert told.lookup.found is Found.FETCH
    assert said in told.lookup.why
    assert told.rows is not None
    assert told.rows.shown == 1, "of the page as it was"
    assert "fwd=stale" in scene.get("")[1]


def test_a_walk_that_has_to_be_read_first() -> None:
    scene = Scene(walked=False)
    scene.get("")
    told = scene.explain("page=2")
    assert told.lookup is not None
    assert told.lookup.found is Found.WALK
    assert "collapsed" in scene.get("page=2")[1]


def test_a_list_of_more_pages_than_a_walk_may_have() -> None:
    scene = Scene(walked=False)
    scene.get("")
    store = scene.world.store
    store._pages = {key: replace(page, total_pages=MAX_PAGES + 1) for key, page in store._pages.items()}
    told = scene.explain("page=2")
    assert told.refusal is not None
    assert told.refusal.slug == "upstream-invalid" == scene.get("page=2")[1]


def test_without_a_token_a_later_page_is_supposed_to_be_of_the_current_snapshot() -> None:
    scene = Scene()
    told = scene.explain("page=2", token=False)
    assert told.lookup is not None
    assert (told.lookup.found, told.lookup.snapshot) == (Found.HIT, scene.snapshot())
    assert told.lookup.why.startswith("Supposing that")
    scene.world.walks.unreachable = True
    assert scene.explain("page=2", token=False).refusal is not None


def test_who_asks_for_what_is_cached_only() -> None:
    scene = Scene(walked=False)
    told = scene.explain()
    found = Explainer(scene.house.desk.kept, _wanted(scene, told), scene.world.clock.now()).look_up()
    assert found.refusal is not None
    assert found.refusal.slug == "not-cached"


def _wanted(scene: Scene, told: Explanation) -> Wanted:
    assert told.listing is not None
    assert told.query is not None
    request = HttpRequest("GET", "/v1/incidents.json", "", {"cache-control": "only-if-cached"}, "", "", "")
    return wanted_of(request, (told.district, told.integration), told.listing, told.query, "", scene.world.clock)


STANDINGS = [
    pytest.param({"status": Status.PAUSED}, {}, "integration-paused", id="a paused integration"),
    pytest.param({}, {"status": Status.PAUSED}, "token-invalid", id="a paused district"),
    pytest.param({"token_generation": 5}, {}, "token-revoked", id="a stopped vendor"),
]


@pytest.mark.parametrize(("integration", "district", "problem"), STANDINGS)
def test_who_is_not_let_in(integration: dict[str, object], district: dict[str, object], problem: str) -> None:
    scene = Scene()
    scene.change_integration(**integration)
    scene.change_district(**district)
    told = scene.explain()
    assert told.refusal is not None
    assert told.refusal.slug == problem == scene.get("")[1]
    without = scene.explain(token=False).refusal
    assert (without and without.slug) == (None if problem == "token-revoked" else problem)


def test_a_revoked_and_a_paused_token_are_told_apart() -> None:
    scene = Scene()
    for status, problem in ((TokenStatus.PAUSED, "token-paused"), (TokenStatus.REVOKED, "token-revoked")):
        scene.world.registry.set_token_status(scene.house.latest(), scene.token[16:20], status)
        told = scene.explain()
        assert told.refusal is not None
        assert told.refusal.slug == problem == scene.get("")[1]


def test_a_token_of_another_registry_is_as_none() -> None:
    scene = Scene()
    tokens = scene.world.registry._tokens
    for key, token in tokens.items():
        tokens[key] = replace(token, void=True)
    told = scene.explain()
    assert told.refusal is not None
    assert told.refusal.slug == "token-invalid" == scene.get("")[1]


def test_rows_are_counted_by_the_reason_why_they_are_out() -> None:
    scene = Scene(walked=False)
    odd = incident(9, "invented", "2026-02-12", "007", "", [])
    scene.house.pages([*ROWS[0], *ROWS[1], incident(4, "referral", "2026-02-12", "", "", []), odd])
    scene.get("")
    told = scene.explain()
    assert told.rows is not None
    assert (told.rows.on_page, told.rows.shown) == (5, 1)
    assert told.rows.removed == {"type": 1, "unrequested": 1, "school": 1, "undocumented": 1}


def test_under_the_upstreams_own_bytes_no_row_is_out() -> None:
    scene = Scene(Scope(EVERYTHING, "upstream@1"))
    xml, typed = scene.explain(form=Format.XML).rows, scene.explain(form=Format.JSON).rows
    assert xml is not None
    assert typed is not None
    assert (xml.on_page, xml.shown, xml.removed) == (2, 2, {})
    assert typed.shown == 2


def test_whether_the_answer_was_computed_before() -> None:
    scene = Scene()
    told, csv = scene.explain(), scene.explain(form=Format.CSV)
    assert (told.stored, csv.stored) == (True, False)
    assert told.representation != csv.representation


def test_what_is_cached_and_cannot_be_read_back_is_fetched() -> None:
    scene = Scene()
    models_lost(scene)
    told = scene.explain()
    assert told.lookup is not None
    assert (told.lookup.found, told.rows) == (Found.FETCH, None)
    assert "cannot be read back" in told.lookup.why
    assert "fwd=" in scene.get("")[1]


def test_what_was_computed_before_needs_no_page() -> None:
    scene = Scene()
    scene.world.store.lose(ArtefactKind.MODEL)
    told = scene.explain()
    assert told.lookup is not None
    assert (told.lookup.found, told.rows) == (Found.HIT, None)
    assert "; hit" in scene.get("")[1]


def test_nothing_is_written_and_nobody_asked() -> None:
    scene = Scene()
    world = scene.world
    before = repr((world.walks.pointers, world.walks.walks, world.walks.pins, world.store._pages, world.accounts.kept))
    calls = len(world.upstream.calls)
    for query in ("", "page=2", "page=9", "type=referral", "deleted=1"):
        scene.explain(query)
        scene.explain(query, token=False)
    after = repr((world.walks.pointers, world.walks.walks, world.walks.pins, world.store._pages, world.accounts.kept))
    assert (before, calls) == (after, len(world.upstream.calls))


def test_ids_of_others_are_answered_as_if_there_were_none() -> None:
    scene = Scene()
    asked = ExplainAsked("", Format.JSON, "None")
    for actor, address, question in (
        (OPERATOR, (DISTRICT_ID, scene.house.latest()), asked),
        (ADMIN, ("D2nd", scene.house.latest()), ExplainAsked("", Format.JSON)),
        (OPERATOR, (DISTRICT_ID, "D2ndVnd1"), ExplainAsked("", Format.JSON)),
    ):
        with pytest.raises(NotFoundError):
            explain(scene.house.desk, actor, address, question, SECONDS)
