"""The simulator's list while it changes: the upstream port over its own objects, with a timeline of changes.

Rule: a change happens at its time, whatever is asked then; a state is what one read of the whole list would give.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, Literal, TypeAlias, get_args

from hallpass.domain.http_caching import Headers
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.upstream import UpstreamAnswer, judge_status

from sandbox.simulator.account import AccountData
from sandbox.simulator.pages import render
from sandbox.simulator.reading import read_query
from sandbox.simulator.rows import TYPES, Row
from sandbox.simulator.settings import DEFAULT_TOKEN, Order, PastLast, Settings
from sandbox.simulator.tree import Node
from sandbox.simulator.upstream import PATH, Upstream
from tests.fakes import SetClock
from tests.vendor_fakes import ScriptedUpstream

Kind: TypeAlias = Literal["insert", "mark", "gone", "retype", "edit"]
State: TypeAlias = tuple[str, ...]
"""A digest of each row as the upstream writes it, in its order."""

KINDS: Final[tuple[Kind, ...]] = ("insert", "mark", "gone", "retype", "retype", "edit", "edit", "edit")
ORDERS: Final[tuple[Order, ...]] = get_args(Order)
PAST_LAST: Final[tuple[PastLast, ...]] = get_args(PastLast)
QUERIES: Final = ("", "deleted=1", "type=referral", "type=referral&deleted=1")


@dataclass(frozen=True, slots=True)
class Change:
    """`at`: seconds after the beginning. `which`: picks the incident, or the day and type of a new one.

    `mark` marks as deleted, `gone` takes out; under a `type` a retyped incident leaves the list or comes into it.
    """

    at: float
    kind: Kind
    which: int


@dataclass(frozen=True, slots=True)
class Scene:
    """What a walk meets: an upstream, a query of it, and what changes when."""

    settings: Settings
    query: str
    timeline: tuple[Change, ...]


def invent(rng: Random, orders: tuple[Order, ...], gap: Callable[[], float], changes: int) -> Scene:
    """A small upstream with up to `changes` changes, each `gap` seconds after the one before."""
    settings = Settings(
        incidents=rng.randint(8, 44),
        seed=rng.randint(1, 1_000),
        page_size=rng.choice((2, 3)),
        order=rng.choice(orders),
        root_count="all" if rng.random() < 0.2 else "page",
        past_last=rng.choice(PAST_LAST),
        empty_total_pages=rng.randint(0, 1),
        etag=rng.random() < 0.3,
        last_modified=rng.random() < 0.3,
    )
    at, timeline = 0.0, []
    for _ in range(rng.randint(0, changes)):
        at += gap()
        timeline.append(Change(at, rng.choice(KINDS), rng.randint(0, 40)))
    return Scene(settings, rng.choice(QUERIES), tuple(timeline))


@dataclass(slots=True, kw_only=True)
class MovingList(ScriptedUpstream):
    """An answer takes `latency` seconds until it is made, and `latency` seconds more until it is received.

    `meanwhile` is called in between. `states`: every one until now of `scene.query`.
    """

    clock: SetClock
    scene: Scene
    latency: Callable[[], float]
    meanwhile: Callable[[], None] = lambda: None
    states: set[State] = field(default_factory=set)
    _simulated: Upstream = field(init=False)
    _began: datetime = field(init=False)
    _due: list[Change] = field(init=False)
    _digests: dict[tuple[str, datetime], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._simulated = Upstream(self.scene.settings, self.clock.monotonic)
        self._began, self._due = self.clock.now(), list(self.scene.timeline)
        self._note_state()

    def fetch(
        self, credential: Any, query: UpstreamQuery, page: int, seconds: float, validators: Headers = ()
    ) -> UpstreamAnswer:
        self.calls.append((query, page))
        return self.answer(f"{query.canonical()}&page={page}".lstrip("&"), validators)

    def answer(self, raw_query: str, validators: Headers = ()) -> UpstreamAnswer:
        """Raises an UpstreamError."""
        self.wait(self.latency())
        conditions = {name.lower(): value for name, value in validators}
        made = self._simulated.answer(PATH, raw_query, {"authorization": f"Bearer {DEFAULT_TOKEN}", **conditions})
        self.meanwhile()
        self.wait(self.latency())
        failed = judge_status(made.status, None, self.clock.now()) if made.status != 304 else None
        if failed is not None:
            failed.attempts = 1
            raise failed
        return UpstreamAnswer(made.body, 1, 1, made.headers, made.status)

    def wait(self, seconds: float) -> None:
        self.clock.move(timedelta(seconds=seconds))
        self.catch_up()

    def catch_up(self) -> None:
        """What is due by now happens."""
        elapsed = (self.clock.now() - self._began).total_seconds()
        while self._due and self._due[0].at <= elapsed:
            self._make(self._due.pop(0))
            self._note_state()

    def had(self, rows: State) -> bool:
        """Whether the list was so at some instant; in an unstable order, whether these were its rows."""
        self.catch_up()
        return self._arranged(rows) in self.states

    @property
    def _data(self) -> AccountData:
        return self._simulated.accounts["demo"]

    def _make(self, change: Change) -> None:
        data, which = self._data, change.which
        if change.kind == "insert":
            data.insert(TYPES[which % 3], self.scene.settings.today - timedelta(days=which * 5))
            return
        rows = data.listing(read_query("deleted=1", lenient=False), replace(self.scene.settings, order="newest"), 0)
        if not rows:
            return
        uuid = rows[which % len(rows)].uuid
        match change.kind:
            case "mark" | "gone":
                data.delete(uuid, gone=change.kind == "gone")
            case "retype":
                data.retype(uuid, TYPES[which // 3 % 3])
            case "edit":
                data.edit(uuid, {"description": f"text {which}"})

    def _note_state(self) -> None:
        settings = replace(self.scene.settings, order="newest") if self._unstable else self.scene.settings
        rows = self._data.listing(read_query(self.scene.query, lenient=False), settings, 0)
        self.states.add(self._arranged(tuple(map(self._digest, rows))))

    @property
    def _unstable(self) -> bool:
        return self.scene.settings.order == "unstable"

    def _arranged(self, rows: State) -> State:
        return tuple(sorted(rows)) if self._unstable else rows

    def _digest(self, row: Row) -> str:
        """Every change moves `last-modified`: with the uuid it stands for what the row says."""
        key = row.uuid, row.modified
        if key not in self._digests:
            written = render(Node("incidents"), [row], self._data, self.scene.settings)
            (self._digests[key],) = rows_of(written.encode())
        return self._digests[key]


def rows_of(body: bytes) -> State:
    """Digests of the rows of a page in the upstream's own bytes: the simulator writes each on a line."""
    lines = (line for line in body.splitlines() if line.startswith(b"<incident "))
    return tuple(hashlib.sha256(line).hexdigest()[:16] for line in lines)
