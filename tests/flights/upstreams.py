"""The upstreams of some districts and what leads to them: each answer says whose it is, each call is noted.

Rule: a call parks twice, before it is made and before it is answered; a fault is as the adapter would report it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from hallpass.domain.errors import UnavailableError
from hallpass.domain.http_caching import Headers
from hallpass.domain.listing import Listing, UpstreamQuery
from hallpass.domain.secret import Secret
from hallpass.domain.upstream import (
    UpstreamAnswer,
    UpstreamBusyError,
    UpstreamError,
    UpstreamResetError,
    UpstreamUnreachableError,
)

from tests.flights.stage import Caller, Kind, Stage
from tests.vendor.world import page

ORIGIN = "https://upstream.example"
SIZE = 2
Uuids = tuple[str, ...]
Name = tuple[str, str]


def name_of(listing: Listing) -> Name:
    """District and canonical query."""
    return listing.account.district_id, listing.query.canonical()


@dataclass(slots=True)
class DistrictVault:
    """`Vault` whose credentials say whose they are."""

    unreachable: bool = False

    def read(self, district_id: str, *, again: bool = False) -> Secret:
        if self.unreachable:
            raise UnavailableError
        return Secret(district_id)


@dataclass(frozen=True, slots=True)
class Call:
    """Of an upstream. `budget`: the seconds that it was given."""

    caller: Caller
    listing: Name
    page: int
    budget: float


@dataclass(slots=True)
class Upstreams:
    """`Upstream` for every district. `seconds`: that an answer takes. `fault`: makes a district's, while it has one.

    `busy_at`: the number of the call that is answered by a 429, and the seconds that it asks for. `before`: what
    happens before a call, by its number from 1. `states`: what each listing has ever been, as a whole. `headers`: of a
    page, by its number.
    """

    stage: Stage
    seconds: float = 0.5
    rows: int = 3
    fault: dict[str, Callable[[], UpstreamError]] = field(default_factory=dict)
    busy_at: tuple[int, int] = (0, 0)
    before: dict[int, Callable[[], None]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    states: dict[Name, list[Uuids]] = field(default_factory=dict)
    headers: dict[int, Headers] = field(default_factory=dict)
    origin: str = ORIGIN

    def fetch(
        self, credential: Secret, query: UpstreamQuery, page: int, seconds: float, validators: Headers = ()
    ) -> UpstreamAnswer:
        del validators  # it has none
        district = credential.reveal()
        name = district, query.canonical()
        mishap = self.stage.park(f"{district}.fetch {page}")
        self.calls.append(Call(self.stage.current, name, page, seconds))
        self.before.get(len(self.calls), lambda: None)()
        if mishap is Kind.FAIL:
            raise _tried(UpstreamUnreachableError())
        answer, fault = self._page(name, page), self.fault.get(district)
        if self.busy_at[0] == len(self.calls):
            fault = partial(UpstreamBusyError, upstream_status=429, retry_after=self.busy_at[1])
        if self.stage.park(f"{district} answers {page}", self.seconds) in (Kind.FAIL, Kind.LOSE):
            raise _tried(UpstreamResetError())
        if fault:
            raise _tried(fault())
        return answer

    def state(self, name: Name) -> Uuids:
        first = tuple(f"{'/'.join(name)}/{row}" for row in range(self.rows))
        return self.states.setdefault(name, [first])[-1]

    def change(self, name: Name, row: int = 1) -> None:
        """A row goes and a new one comes to the end: every page from there on moves, and no state comes back."""
        state = self.state(name)
        self.states[name].append(
            (*state[:row], *state[row + 1 :], f"{'/'.join(name)}/{self.rows + len(self.states[name])}")
        )

    def _page(self, name: Name, number: int) -> UpstreamAnswer:
        state = self.state(name)
        shown = [f'<incident uuid="{uuid}"/>' for uuid in state[(number - 1) * SIZE : number * SIZE]]
        body = page(*shown, number=number, total=max(1, -(-len(state) // SIZE)))
        return UpstreamAnswer(body, 500, headers=self.headers.get(number, ()))


def _tried(fault: UpstreamError) -> UpstreamError:
    fault.attempts = 1
    return fault
