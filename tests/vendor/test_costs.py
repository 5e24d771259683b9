"""What an answer costs: calls of the upstream and of DynamoDB, as docs/caching.md tells them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hallpass.domain.cache_policy import CachePolicy, Check
from hallpass.domain.leases import Slot
from hallpass.domain.limits import Limits
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.scope import Scope
from hallpass.domain.tokens import TokenKind, mint
from hallpass.domain.upstream import UpstreamTimeoutError

from tests import records
from tests.aws_tables import CREDENTIALS
from tests.vendor.table_world import Cost, TableWorld, table_world
from tests.vendor.world import EVERYTHING, incident, page, rows

DOCUMENT = Path(__file__).parents[2] / "docs/caching.md"
HEADING = "## What an answer costs"
PAGES = 10
VENDORS = [
    Scope(EVERYTHING, "upstream@1"),
    Scope(EVERYTHING, "all-documented@1"),
    Scope(rows("minor"), "identified@1"),
    Scope(rows("referral", schools="007"), "pseudonymised@1"),
    Scope(rows("minor referral pending"), "no-people@1"),
]


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[TableWorld]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with table_world() as house:
        house.world.upstream.pages = {
            number: page(incident(number), incident(100 + number, type="minor"), number=number, total=PAGES)
            for number in range(1, PAGES + 1)
        }
        yield house


def one_page(house: TableWorld) -> str:
    house.world.upstream.pages = {1: page(incident(1), incident(2, type="minor"))}
    return house.world.token()


def used(house: TableWorld, token: str) -> None:
    """As nine of ten later requests of a minute find it: the token's use is noted, a whole request is in hand."""
    for _ in range(2):
        house.world.get(token, "/v1/token")


def cold(house: TableWorld) -> Cost:
    token = one_page(house)
    used(house, token)
    with house.counted() as cost:
        assert house.world.get(token).status == 200
    return cost


def warm(house: TableWorld) -> Cost:
    token = one_page(house)
    house.world.get(token)
    house.world.later(seconds=30)
    house.restart()
    with house.counted() as cost:
        assert house.world.get(token).status == 200
    return cost


def remembered(house: TableWorld) -> Cost:
    token = one_page(house)
    house.world.get(token)
    used(house, token)
    with house.counted() as cost:
        assert house.world.get(token).status == 200
    return cost


def paying(house: TableWorld) -> Cost:
    """Nothing is in hand after a call of the upstream."""
    token = one_page(house)
    house.world.get(token)
    with house.counted() as cost:
        assert house.world.get(token).status == 200
    return cost


def over_its_limits(house: TableWorld) -> Cost:
    token = one_page(house)
    house.world.get(token)
    kept = house.world.registry.integration(token[8:16])
    assert kept is not None
    house.world.registry.save_integration(replace(kept, limits=Limits(1, 1, 1), version=kept.version + 1))
    with house.counted() as cost:
        assert house.world.get(token).status == 429
    return cost


def bad_token(house: TableWorld, *, at_once: bool) -> Cost:
    """Beyond the bound, with a digest that is not the token's."""
    token = one_page(house)
    for number in range(25):
        guess = mint(TokenKind.LIVE, token[8:16], token[16:20], (10**9 + number).to_bytes(32, "big"))
        house.world.get(guess.text.reveal())
    if not at_once:
        house.world.later(seconds=1)
    with house.counted() as cost:
        guess = mint(TokenKind.LIVE, token[8:16], token[16:20], (10**9).to_bytes(32, "big"))
        assert house.world.get(guess.text.reveal()).status == 429
    return cost


def unchanged(house: TableWorld) -> Cost:
    token = one_page(house)
    tag = str(house.world.get(token).header("ETag"))
    house.world.later(seconds=30)
    house.restart()
    with house.counted() as cost:
        assert house.world.get(token, if_none_match=tag).status == 304
    return cost


def other_view(house: TableWorld) -> Cost:
    house.world.get(one_page(house))
    other = house.world.token(Scope(rows("minor"), "identified@1"))
    used(house, other)
    with house.counted() as cost:
        assert house.world.get(other).status == 200
    return cost


def refused(house: TableWorld) -> Cost:
    token = one_page(house)
    house.world.get(token)
    house.world.registry.revoke_token(token[8:16], token[16:20], house.world.clock.now(), "tests")
    with house.counted() as cost:
        assert house.world.get(token).status == 401
    return cost


def stale(house: TableWorld) -> Cost:
    token = one_page(house)
    house.world.get(token)
    house.world.later(minutes=6)
    used(house, token)
    house.world.background.at_once = False
    with house.counted() as cost:
        assert "stale-while-revalidate" in str(house.world.get(token).header("Cache-Status"))
    return cost


def behind(house: TableWorld) -> Cost:
    stale(house)
    with house.counted() as cost:
        house.world.background.run()
    return cost


def stale_on_error(house: TableWorld) -> Cost:
    token = one_page(house)
    house.world.get(token)
    house.world.later(hours=3)
    used(house, token)
    house.world.upstream.fault = UpstreamTimeoutError()
    with house.counted() as cost:
        assert "stale-if-error" in str(house.world.get(token).header("Cache-Status"))
    return cost


def breaker(house: TableWorld) -> Cost:
    token = one_page(house)
    house.world.upstream.fault = UpstreamTimeoutError()
    for _ in range(3):
        house.world.get(token)
    with house.counted() as cost:
        assert house.world.get(token).status == 504
    return cost


def collapsed(house: TableWorld) -> Cost:
    """Somebody else reads the page; it is there at the second look."""
    world, token = house.world, one_page(house)
    used(house, token)
    walks, listing = world.parts.walks, Listing(Account(records.DISTRICT_ID, world.upstream.origin, 1), UpstreamQuery())
    seen = walks.pointer(listing)
    assert seen is not None
    turn = walks.take(listing, Slot.PAGE, seen, "somebody")
    before: list[int] = []

    def they_read() -> None:
        made = world.parts.assembled(lambda: 29.0)
        before.append(len(house.wire.operations))
        made.source.lead(listing, turn, None, CachePolicy().control, lambda: 29.0)  # type: ignore[arg-type]  # granted
        del house.wire.operations[before[0] :]
        world.upstream.calls.clear()

    world.patience.meanwhile = [they_read]
    with house.counted() as cost:
        assert str(world.get(token).header("Cache-Status")).endswith("collapsed")
    return cost


def walked(house: TableWorld, check: Check) -> Cost:
    """Ten pages by five vendors, in five scopes and two formats."""
    world = house.world
    district = world.registry.district(records.DISTRICT_ID)
    assert district is not None
    world.registry.save_district(replace(district, cache=CachePolicy(check=check), version=district.version + 1))
    tokens = [world.token(scope) for scope in VENDORS]
    with house.counted() as cost:
        for number, token in enumerate(tokens):
            path = "/v1/incidents.xml" if number % 2 else "/v1/incidents.json"
            for page_number in range(1, PAGES + 1):
                assert world.get(token, path, f"page={page_number}").status == 200
    return cost


SCENARIOS: dict[str, Callable[[TableWorld], Cost]] = {
    "cold: page 1, never read before": cold,
    "warm: another container, the same view": warm,
    "from the container's memory": remembered,
    "... one in ten of these, which pays for ten": paying,
    "304, another container": unchanged,
    "warm, a view that nobody had yet": other_view,
    "refused: a revoked token": refused,
    "refused: over its limits": over_its_limits,
    "refused: one bad token too many": lambda house: bad_token(house, at_once=True),
    "... the first of a quarter of a second": lambda house: bad_token(house, at_once=False),
    "stale, read anew behind the answer": stale,
    "... and what reads it, in the background": behind,
    "stale because the upstream failed": stale_on_error,
    "no answer: the upstream is left alone": breaker,
    "collapsed: somebody else is reading it": collapsed,
    "10 pages, 5 vendors, 5 scopes, check `off`": lambda house: walked(house, Check.OFF),
    "10 pages, 5 vendors, 5 scopes, check `guarded`": lambda house: walked(house, Check.GUARDED),
    "10 pages, 5 vendors, 5 scopes, check `verified`": lambda house: walked(house, Check.VERIFIED),
}


def documented() -> dict[str, tuple[int, int]]:
    section = DOCUMENT.read_text().split(f"{HEADING}\n", 1)[1].split("\n## ", 1)[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return {name: (int(upstream), int(dynamodb)) for name, upstream, dynamodb in cells[2:]}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_it_costs_what_the_docs_say(house: TableWorld, scenario: str) -> None:
    cost = SCENARIOS[scenario](house)
    assert (cost.upstream, cost.calls) == documented()[scenario], dict(cost.dynamodb)


def test_the_table_has_these_scenarios() -> None:
    assert list(documented()) == list(SCENARIOS)
