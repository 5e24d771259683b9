"""Reports of a period and the register of agreements: sums that a model agrees with, and no cut that is silent."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hallpass.domain.access import Agreement
from hallpass.domain.audit import Disclosure
from hallpass.domain.errors import BodyInvalidError, NotFoundError
from hallpass.domain.ledger import LATE
from hallpass.domain.scope import DateRange
from hallpass.domain.tally import Tally
from hallpass.services import report_access
from hallpass.services.agreements import Shared, register
from hallpass.services.report_access import Report, report
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger_reading.house import (
    ADMIN,
    FOREIGN_ADMIN,
    OPENED,
    OPERATOR,
    OTHER_VENDOR,
    House,
    an_incident,
    at,
    open_house,
)
from tests.records import DISTRICT_ID, INTEGRATION_ID, NOW, a_district, an_integration

FEBRUARY = DateRange(date(2026, 2, 1), date(2026, 2, 28))


def of_february(house: House, integration: str | None = None, cursor: str | None = None) -> Report:
    return report(house.desk, OPERATOR, DISTRICT_ID, FEBRUARY, integration, cursor)


def test_a_vendors_answers_are_added_up(house: House) -> None:
    house.record(at(2), incidents=3, persons=4, bytes=100)
    house.record(at(2, 13), incidents=1, persons=1, bytes=50, fields_preset="no-people@1", agreement="DPA-2")
    house.record(at(4), incidents=2, persons=0, bytes=7, fields_preset=None, agreement=None)
    house.nothing(at(5), status=304, bytes=0)
    house.nothing(at(5), status=200, incidents=0, bytes=20)
    house.nothing(at(6), status=403, problem="token-paused")
    house.nothing(at(6), status=403, problem="token-paused")
    house.nothing(at(7), status=400, problem="invalid-parameters")
    told = of_february(house)
    assert told.tallies == {
        INTEGRATION_ID: Tally(
            requests=8, answers=3, incidents=6, persons=5, bytes=157, unchanged=1, cached=3,
            days={date(2026, 2, 2), date(2026, 2, 4)}, fields={"identified@1", "no-people@1"},
            agreements={"DPA-2026-01", "DPA-2"}, denials=Counter({"token-paused": 2, "invalid-parameters": 1}),
        ),
        OTHER_VENDOR: Tally(),
    }  # fmt: skip
    assert (told.unknown, told.next, told.complete_until) == (Tally(), None, NOW - LATE)


def test_what_an_admin_does_about_a_vendor_is_no_request_of_the_vendors(house: House) -> None:
    house.nothing(at(2), actor="Person01", action="token.issue", status=201)
    house.nothing(at(2), integration=None, token=None, action="district.show")
    assert of_february(house).tallies[INTEGRATION_ID] == Tally()


def test_a_vendors_own_change_is_one_request_though_it_has_two_rows(house: House) -> None:
    house.nothing(at(2), action="token.revoke", status=102, phase="begun")
    house.nothing(at(2), action="token.revoke", status=204, phase="ended")
    assert of_february(house).tallies[INTEGRATION_ID] == Tally(requests=1)


def test_requests_that_claim_an_integration_that_there_is_not_are_told_apart(house: House) -> None:
    house.nothing(at(2), integration="D1stNone", status=401, problem="token-invalid")
    told = of_february(house)
    assert told.unknown == Tally(requests=1, denials=Counter({"token-invalid": 1}))
    assert of_february(house, INTEGRATION_ID).unknown == Tally()


def test_one_integration_is_reported_alone(house: House) -> None:
    house.record(at(2))
    house.record(at(2), integration=OTHER_VENDOR)
    told = of_february(house, OTHER_VENDOR)
    assert {name: tally.answers for name, tally in told.tallies.items()} == {OTHER_VENDOR: 1}
    for unknown in ("D1stNone", "D2ndVnd1"):
        with pytest.raises(NotFoundError):
            of_february(house, unknown)


def test_the_sums_of_a_report_in_pieces_are_those_of_the_whole(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(1, 29):
        house.record(at(day), incidents=day)
    whole = of_february(house)
    monkeypatch.setattr(report_access, "MOST_READ", 5)
    pieces: list[Report] = []
    cursor = None
    while not pieces or cursor:
        pieces.append(of_february(house, cursor=cursor))
        cursor = pieces[-1].next
    assert len(pieces) == 6
    for name in ("requests", "answers", "incidents"):
        assert sum(getattr(each.tallies[INTEGRATION_ID], name) for each in pieces) == getattr(
            whole.tallies[INTEGRATION_ID], name
        )
    with pytest.raises(BodyInvalidError):
        of_february(house, INTEGRATION_ID, pieces[0].next)


ROWS = st.fixed_dictionaries(
    {
        "day": st.integers(1, 28),
        "integration": st.sampled_from([INTEGRATION_ID, OTHER_VENDOR]),
        "incidents": st.integers(0, 9),
        "status": st.sampled_from([200, 304, 403]),
    }
)


@given(st.lists(ROWS, max_size=30))
def test_a_report_is_the_models(rows: list[dict[str, Any]]) -> None:
    house = open_house()
    for row in rows:
        disclosed = row["status"] == 200 and row["incidents"] > 0
        house.record(
            at(row["day"]), integration=row["integration"], status=row["status"], persons=row["incidents"],
            incidents=row["incidents"] if disclosed else 0, problem="token-paused" if row["status"] == 403 else None,
            disclosure=Disclosure.RECORDS if disclosed else Disclosure.NONE,
        )  # fmt: skip
    told = of_february(house)
    for integration, tally in told.tallies.items():
        mine = [row for row in rows if row["integration"] == integration]
        answered = [row for row in mine if row["status"] == 200 and row["incidents"]]
        assert tally.requests == len(mine)
        assert tally.answers == len(answered)
        assert tally.incidents == tally.persons == sum(row["incidents"] for row in answered)
        assert {day.day for day in tally.days} == {row["day"] for row in answered}
        assert tally.unchanged == sum(row["status"] == 304 for row in mine)
        assert sum(tally.denials.values()) == sum(row["status"] == 403 for row in mine)


def test_the_register_tells_what_each_received_under_which_fields_and_on_which_days(house: House) -> None:
    page = [an_incident("u-1", ["1"])]
    for day, fields in ((20, "identified@1"), (3, "no-people@1"), (11, "identified@1"), (2, "no-people@1")):
        house.send(at(day), page, fields_preset=fields)
    told = register(house.desk, OPERATOR, DISTRICT_ID)
    assert [each.id for each in told.integrations] == [INTEGRATION_ID, OTHER_VENDOR]
    assert dict(told.received) == {
        INTEGRATION_ID: [
            Shared("no-people@1", date(2026, 2, 2), date(2026, 2, 3)),
            Shared("identified@1", date(2026, 2, 11), date(2026, 2, 20)),
        ]
    }
    assert (told.records_since, told.complete_until) == (OPENED, NOW - timedelta(hours=1))


def test_a_canary_of_the_doctor_is_in_the_register_only_if_it_was_sent_something(house: House) -> None:
    for number, sends in ((3, False), (4, True)):
        canary = replace(an_integration(f"D1stVnd{number}"), agreement=Agreement("doctor", date(2027, 6, 30)))
        house.desk.registry.add_integration(canary)
        if sends:
            house.send(at(3), [an_incident("u-1", ["1"])], integration=canary.id)
    told = register(house.desk, OPERATOR, DISTRICT_ID)
    assert [each.id for each in told.integrations] == [INTEGRATION_ID, OTHER_VENDOR, "D1stVnd4"]


def test_a_district_without_integrations_has_an_empty_register(house: House) -> None:
    house.desk.registry.add_district(replace(a_district("D3rd"), time_zone="Europe/Oslo"))
    told = register(house.desk, OPERATOR, "D3rd")
    assert (list(told.integrations), told.time_zone) == ([], "Europe/Oslo")


def test_only_a_districts_own_people_read_its_reports(house: House) -> None:
    assert register(house.desk, ADMIN, DISTRICT_ID).integrations
    assert report(house.desk, ADMIN, DISTRICT_ID, FEBRUARY).integrations
    for actor, district in ((FOREIGN_ADMIN, DISTRICT_ID), (ADMIN, "none"), (OPERATOR, "Nope")):
        with pytest.raises(NotFoundError):
            register(house.desk, actor, district)
        with pytest.raises(NotFoundError):
            report(house.desk, actor, district, FEBRUARY)
