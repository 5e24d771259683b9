"""What the operator's alarms count of all districts' grants."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hallpass.domain.access import Status
from hallpass.domain.errors import UnavailableError
from hallpass.services.grants import CountGrants

from tests.fakes import MemoryRegistry, SetClock
from tests.records import NOW, a_district, a_token, an_integration
from tests.vendor_fakes import CountedTelemetry, ListedUsage

TOTALS = ["TokensExpiring", "TokensDormant", "AgreementsEnding", "AgreementsOver"]
NEW = ["NewTokensExpiring", "NewTokensDormant", "NewAgreementsEnding", "NewAgreementsOver"]
OTHER_ID, THIRD_ID = "D2ndVnd1", "D3rdVnd1"


def filled() -> MemoryRegistry:
    """Three districts with a token each, issued at NOW, of agreements that end on 2027-06-30; the third has ended."""
    registry = MemoryRegistry()
    for place, holder in enumerate(("D1stVnd1", OTHER_ID, THIRD_ID)):
        district, integration = a_district(holder[:4], f"Invented {place}"), an_integration(holder)
        ended = replace(district, status=Status.ENDED) if holder == THIRD_ID else district
        registry.add_district(ended)
        registry.add_integration(integration)
        registry.add_token(a_token("Tok1", holder, expires_at=NOW + timedelta(days=120)), integration)
    return registry


def counted(days: int, usage: ListedUsage, left: float = 60.0) -> tuple[dict[str, int], CountedTelemetry]:
    clock, telemetry = SetClock(NOW + timedelta(days=days)), CountedTelemetry()
    return CountGrants(filled(), usage, clock, telemetry).run(lambda: left), telemetry


@pytest.mark.parametrize(
    ("days", "want"),
    [
        pytest.param(1, (0, 0, 0, 0), id="nothing yet"),
        pytest.param(100, (2, 2, 0, 0), id="two expire soon and nobody used them"),
        pytest.param(430, (0, 0, 2, 0), id="two agreements end"),
        pytest.param(500, (0, 0, 0, 2), id="two agreements are over, and nobody ended or renewed them"),
    ],
)
def test_the_districts_that_go_on_are_counted(days: int, want: tuple[int, ...]) -> None:
    told, telemetry = counted(days, ListedUsage())
    assert tuple(told.values()) == tuple(telemetry.counts[name] for name in TOTALS) == want
    # Nothing is a number too: an alarm is to end.
    assert sorted(telemetry.counts) == sorted([*TOTALS, *NEW])


@pytest.mark.parametrize(
    ("days", "want"),
    [
        pytest.param(90, (2, 2, 0, 0), id="they expire in thirty days from today, and nobody used them for ninety"),
        pytest.param(91, (0, 0, 0, 0), id="the day after nothing is new"),
    ],
)
def test_what_is_new_is_counted_once(days: int, want: tuple[int, ...]) -> None:
    assert tuple(counted(days, ListedUsage())[1].counts[name] for name in NEW) == want


def test_whose_they_are_stands_beside() -> None:
    beside = counted(90, ListedUsage())[1].beside
    assert beside["expiring"] == beside["new_expiring"] == {"D1st": 1, "D2nd": 1}
    assert beside["over"] == {"D1st": 0, "D2nd": 0}
    names = ("expiring", "dormant", "ending", "over")
    assert sorted(beside) == sorted([*names, *(f"new_{name}" for name in names)])


def test_a_token_that_is_used_is_not_dormant() -> None:
    usage = ListedUsage()
    usage.token_used("D1stVnd1", "Tok1", NOW + timedelta(days=99))
    assert counted(100, usage)[0]["dormant"] == 1


def test_a_part_is_never_counted() -> None:
    with pytest.raises(UnavailableError):
        counted(100, ListedUsage(), left=9.0)
