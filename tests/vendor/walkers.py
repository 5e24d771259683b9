"""Vendors that walk through Hallpass, and a background whose orders come late, twice, at once or never.

Rule: a walk came to its end only when every page up to the last answered 200.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Final
from urllib.parse import urlsplit

from hallpass.domain.cache_policy import CachePolicy
from hallpass.domain.http import HttpResponse
from hallpass.domain.scope import Scope

from tests import records
from tests.vendor.moving import MovingList, Scene, State, rows_of
from tests.vendor.world import EVERYTHING, World

PATH: Final = "/v1/incidents.xml"
TRIES: Final = 40
"""How often a vendor comes back for a page that is being read."""
_NEXT: Final = re.compile(r'<([^>]*)>; rel="next"')
_TOTAL_PAGES: Final = re.compile(rb'total-pages="([0-9]+)"')


@dataclass(frozen=True, slots=True)
class Ended:
    """A walk that ended with an error. `problem`: its type's last part."""

    problem: str


def moving_world(scene: Scene, policy: CachePolicy, latency: Callable[[], float]) -> tuple[World, MovingList]:
    """A data plane in front of the scene's upstream, for a district with that policy."""
    world = World()
    listed = MovingList(clock=world.clock, scene=scene, latency=latency)
    world.upstream = listed
    district = records.a_district()
    world.registry.save_district(replace(district, cache=policy, version=district.version + 1))
    return world, listed


def verbatim_token(world: World) -> str:
    """Sees the upstream's own bytes."""
    return world.token(Scope(EVERYTHING, "upstream@1"))


@dataclass(slots=True)
class Walker:
    """A vendor that reads all pages, by `next` links or by counting. `think`: between two requests."""

    world: World
    query: str
    counting: bool
    think: Callable[[], None] = lambda: None

    def walk(self) -> State | Ended:
        token, rows, number = verbatim_token(self.world), list[str](), 1
        query: str | None = self._page(1)
        while query is not None:
            answer = self._patiently(token, query)
            if answer.status != 200:
                return Ended(problem(answer))
            rows += rows_of(answer.body)
            query, number = self._next(answer, number + 1), number + 1
            self.think()
        return tuple(rows)

    def _patiently(self, token: str, query: str) -> HttpResponse:
        for _ in range(TRIES):
            answer = self.world.get(token, PATH, query)
            if answer.status != 503 or problem(answer) != "page-in-flight":
                break
            self.world.clock.move(timedelta(seconds=int(answer.header("Retry-After") or "1")))
            self.think()
        return answer

    def _page(self, number: int) -> str:
        return f"{self.query}&page={number}".lstrip("&")

    def _next(self, answer: HttpResponse, number: int) -> str | None:
        if self.counting:
            return self._page(number) if number <= total_pages(answer.body) else None
        link = _NEXT.search(answer.header("Link") or "")
        return urlsplit(link[1]).query if link else None


def total_pages(body: bytes) -> int:
    said = _TOTAL_PAGES.search(body)
    assert said is not None, "every page says it"
    return int(said[1])


def problem(answer: HttpResponse) -> str:
    """From JSON or XML, whatever was negotiated."""
    found = re.search(rb"urn:hallpass:problem:([a-z-]+)", answer.body)
    return found[1].decode() if found else json.dumps(answer.status)


@dataclass(slots=True)
class Unreliable:
    """What goes on beside a walk: orders of the background are carried out late, twice or never; others ask too."""

    world: World
    listed: MovingList
    rng: Random
    busy: bool = False

    def begin(self) -> None:
        self.world.background.at_once = self.rng.random() < 0.4
        self.world.background.unreachable = self.rng.random() < 0.15
        self.listed.meanwhile = self.happen
        self.world.patience.meanwhile = [self.happen] * 10_000

    def happen(self) -> None:
        """Not within itself: two things beside each other are enough to get into each other's way."""
        if self.busy:
            return
        self.busy = True
        try:
            self._something()
        finally:
            self.busy = False

    def _something(self) -> None:
        chosen = self.rng.randint(0, 7)
        if chosen <= 3:
            self._deliver(times=(0, 1, 1, 2)[chosen])
        elif chosen == 4:
            self.world.get(verbatim_token(self.world), PATH, f"{self.listed.scene.query}&page=1".lstrip("&"))
        elif chosen == 5:
            self.world.refresher.warm(lambda: 300.0)

    def _deliver(self, times: int) -> None:
        orders = self.world.background.orders
        if not orders:
            return
        order, seconds = orders.pop(0), self.rng.choice((30.0, 60.0, 300.0))
        for _ in range(times):
            ends = self.world.clock.monotonic() + seconds
            self.world.refresher.carry_out(order, lambda: ends - self.world.clock.monotonic())  # noqa: B023 - at once
