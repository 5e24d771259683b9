"""Random scopes, and random incidents as the upstream writes them. All of it is invented."""

from __future__ import annotations

from datetime import date

from hallpass.domain.scope import (
    AllSchools,
    DateRange,
    IncidentType,
    RollingWindow,
    Rows,
    Schools,
    Scope,
    ScopeInvalidError,
    Unbounded,
    Window,
)
from hypothesis import strategies as st

GROUPED = "groups@2025-12:context,demographics,envelope,student_numbers:victims-none:numbers-kept"
NARROW = "groups@2025-12:envelope,student_numbers:victims-none:numbers-kept"
VIEWS = ("no-people@1", "pseudonymised@1", "identified@1", "all-documented@1", GROUPED)
NUMBERED = ("identified@1", "all-documented@1", GROUPED, NARROW)
DAYS = ("2026-02-10", "2026-03-01", "2025-08-15", "2019-01-01", "someday", "")
PAST = DateRange(date(2025, 8, 1), date(2026, 1, 31))
SCHOOLS: tuple[Schools, ...] = (AllSchools(), frozenset({"007"}), frozenset({"012", "099"}))
WINDOWS: tuple[Window, ...] = (
    Unbounded(),
    RollingWindow(30),
    RollingWindow(400),
    PAST,
    DateRange(date(2026, 1, 1), date(2026, 12, 31)),
)


def students(number: str, race: str, iep: str) -> str:
    told = f' district-id="{number}"' if number else ""
    inner = f"<race>{race}</race>" if race else ""
    flags = f"<iep>{iep}</iep>" if iep else ""
    return f"<student{told}><name>Zed Madeup</name>{inner}{flags}</student>"


offenders = st.builds(students, st.sampled_from(["", "S1", "S2", "S3"]), st.sampled_from(["", "Invented"]), st.just(""))


@st.composite
def rows_of(draw: st.DrawFn, number: int) -> str:
    kind, day = draw(st.sampled_from(["referral", "minor", "pending"])), draw(st.sampled_from(DAYS))
    school, deleted = draw(st.sampled_from(["", "007", "012"])), draw(st.sampled_from(["", "", "0", "1"]))
    parties = draw(st.lists(offenders, max_size=2))
    return incident(number, kind, day, school, deleted, parties)


def incident(number: int, kind: str, day: str, school: str, deleted: str, parties: list[str]) -> str:
    gone = f' deleted="{deleted}"' if deleted else ""
    dated = f"<date>{day}</date>" if day else ""
    coded = f'<school code="{school}">Invented {school}</school>' if school else ""
    listed = "".join(f"<offender>{each}</offender>" for each in parties)
    return (
        f'<incident uuid="u-{number}" type="{kind}"{gone}>{dated}{coded}'
        f'<offenders count="{len(parties)}">{listed}</offenders></incident>'
    )


@st.composite
def pages(draw: st.DrawFn) -> list[list[str]]:
    sizes = draw(st.lists(st.integers(0, 4), min_size=1, max_size=3))
    numbers = iter(range(sum(sizes)))
    return [[draw(rows_of(next(numbers))) for _ in range(size)] for size in sizes]


@st.composite
def scopes(draw: st.DrawFn, views: tuple[str, ...] = VIEWS) -> Scope:
    types = draw(st.sets(st.sampled_from(sorted(IncidentType)), min_size=1))
    schools = draw(st.sampled_from(SCHOOLS))
    rows = Rows(frozenset(types), schools, draw(st.sampled_from(WINDOWS)), draw(st.booleans()))
    try:
        return Scope(rows, draw(st.sampled_from(views)))
    except ScopeInvalidError:
        return Scope(Rows(rows.types, rows.schools, RollingWindow(30), rows.deleted), "all-documented@1")
