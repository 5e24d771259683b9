"""Over random histories: the answer about a person is what a model of the disclosures says, for everybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from hallpass.domain.disclosures import PersonAsked, Verdict, recipients
from hallpass.domain.model import Incident
from hallpass.domain.people import Person, Shown
from hallpass.domain.scope import DateRange
from hallpass.domain.secret import Secret
from hallpass.services.disclosures import disclosures
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger_reading.house import OPERATOR, OTHER_VENDOR, House, an_incident, open_house
from tests.records import DISTRICT_ID, INTEGRATION_ID

NUMBERS = ("1", "2", "3", "03")
Somebody = tuple[Person, str]


@dataclass(frozen=True, slots=True)
class Party:
    """Where a person stands in an incident."""

    place: str
    somebody: Somebody | None


@dataclass(frozen=True, slots=True)
class Told:
    """An invented incident, as the model sees it."""

    uuid: str
    parties: tuple[Party, ...]

    def incident(self) -> Incident:
        def at(place: str) -> list[str | None]:
            return [party.somebody[1] if party.somebody else None for party in self.parties if party.place == place]

        writers = [number for number in at("writer") if number]
        victims = [number for number in at("victim") if number]
        return an_incident(self.uuid, at("offender"), victims, writers[0] if writers else None)


# How much of whom each preset shows, by the place where a person stands; written from the docs, not from the code.
HALF = Shown.UNIDENTIFIED
PRESETS: Mapping[str, Mapping[str, Shown]] = MappingProxyType(
    {
        "no-people@1": {"offender": HALF, "victim": HALF, "writer": HALF},
        "pseudonymised@1": {"offender": Shown.PSEUDONYMISED, "victim": HALF, "writer": HALF},
        "identified@1": {"offender": Shown.IDENTIFIED, "victim": HALF, "writer": HALF},
        "all-documented@1": dict.fromkeys(("offender", "victim", "writer"), Shown.IDENTIFIED),
    }
)
STRENGTH = (Shown.IDENTIFIED, Shown.PSEUDONYMISED, Shown.UNIDENTIFIED)


@dataclass(frozen=True, slots=True)
class Event:
    """A request: of the page's incidents the first `sent` pass; `status`: what it was answered."""

    vendor: str
    preset: str
    hours: int
    page: tuple[Told, ...]
    sent: int
    status: int

    @property
    def at(self) -> datetime:
        return datetime(2026, 2, 1, tzinfo=UTC) + timedelta(hours=self.hours)

    @property
    def rows(self) -> tuple[Told, ...]:
        return self.page[: self.sent]


offenders = st.one_of(st.none(), st.sampled_from(NUMBERS)).map(
    lambda number: Party("offender", (Person.STUDENT, number) if number else None)
)
victims = st.sampled_from(NUMBERS).map(lambda number: Party("victim", (Person.STUDENT, number)))
writers = st.sampled_from(NUMBERS).map(lambda number: Party("writer", (Person.STAFF, number)))
parties = st.tuples(st.lists(offenders, max_size=2), st.lists(victims, max_size=2), st.lists(writers, max_size=1))
incidents = st.builds(
    lambda uuid, all_of: Told(uuid, tuple(party for some in all_of for party in some)),
    st.sampled_from(["u1", "u2", "u3", "u4"]),
    parties,
)
pages = st.lists(incidents, max_size=4, unique_by=lambda told: told.uuid).map(tuple)
events = st.builds(
    Event, st.sampled_from([INTEGRATION_ID, OTHER_VENDOR]), st.sampled_from(sorted(PRESETS)), st.integers(0, 24 * 6),
    pages, st.integers(0, 4), st.sampled_from([200, 200, 200, 304, 403]),
)  # fmt: skip


def happened(house: House, history: list[Event]) -> Iterator[tuple[Event, str]]:
    """The history as the product records it, each with its request's id."""
    for event in history:
        facts = {"integration": event.vendor, "fields_preset": event.preset}
        if event.status == 200 and event.rows:
            rows, page = [told.incident() for told in event.rows], [told.incident() for told in event.page]
            yield event, house.send(event.at, rows, page, **facts).request_id
        else:
            problem = "token-paused" if event.status == 403 else None
            house.nothing(event.at, status=event.status, problem=problem, **facts)


def expected(known: list[tuple[Event, str]], somebody: Somebody) -> set[tuple[str, str, Shown]]:
    """Which vendor received the person in which answer, and how much of them."""
    told = set()
    for event, request_id in known:
        levels = [
            PRESETS[event.preset][party.place]
            for row in event.rows for party in row.parties if party.somebody == somebody
        ]  # fmt: skip
        if levels:
            told.add((event.vendor, request_id, min(levels, key=STRENGTH.index)))
    return told


def stood(known: list[tuple[Event, str]], somebody: Somebody) -> bool:
    return any(party.somebody == somebody for event, _ in known for row in event.page for party in row.parties)


@given(st.lists(events, max_size=8))
def test_the_answer_is_the_models_for_everybody(history: list[Event]) -> None:
    house = open_house()
    known = list(happened(house, history))
    nameless = {row.uuid for event, _ in known for row in event.rows if None in [p.somebody for p in row.parties]}
    for somebody in [(person, number) for person in Person for number in (*NUMBERS, "4")]:
        answer = disclosures(house.desk, OPERATOR, DISTRICT_ID, PersonAsked(somebody[0], Secret(somebody[1])))
        told = {(each.integration, each.request_id, each.shown) for each in answer.sent}
        wanted = expected(known, somebody)
        assert told == wanted
        assert len(answer.sent) == len(wanted)
        assert sum(each.answers for each in recipients(answer.sent)) == len(wanted)
        seen = Verdict.NOT_DISCLOSED if stood(known, somebody) else Verdict.NEVER_SEEN
        assert answer.verdict is (Verdict.DISCLOSED if wanted else seen)
        assert answer.unnumbered == (len(nameless) if somebody[0] is Person.STUDENT else 0)


@given(st.lists(events, max_size=6), st.integers(1, 7), st.integers(0, 6))
def test_a_period_cuts_out_the_districts_own_days(history: list[Event], first: int, more: int) -> None:
    house = open_house()
    known = list(happened(house, history))
    period = DateRange(date(2026, 2, first), date(2026, 2, first) + timedelta(days=more))
    # The district's midnight is 06:00 of UTC.
    within = [(event, request_id) for event, request_id in known if (event.at - timedelta(hours=6)).date() in period]
    for number in NUMBERS:
        asked = PersonAsked(Person.STUDENT, Secret(number), period)
        answer = disclosures(house.desk, OPERATOR, DISTRICT_ID, asked)
        told = {(each.integration, each.request_id, each.shown) for each in answer.sent}
        assert told == expected(within, (Person.STUDENT, number))
        assert answer.outside == (told != expected(known, (Person.STUDENT, number)))
        assert (answer.verdict is Verdict.DISCLOSED) == bool(told)
