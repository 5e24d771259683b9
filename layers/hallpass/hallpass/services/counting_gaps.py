"""What a preview did not count, in sentences, and how to have it cached.

Rule: a number that is short of something never stands without the sentence that says of what.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.reach import not_held
from hallpass.services.count_preview import Counted, Plan
from hallpass.services.kept_readings import Reading

_SHOWN_PAGES = 10


def gaps(counted: Counted) -> Sequence[str]:
    """Each sentence once, those of the proposed scope first."""
    plans = [counted.proposed, *([counted.current] if counted.current else [])]
    told = [sentence for each in plans for sentence in _of_plan(each)]
    if counted.current is not None and _apart(counted.proposed, counted.current):
        told.append("The two scopes are counted over lists that were read at different times.")
    return list(dict.fromkeys(told))


def how(plan: Plan) -> str:
    """How to have cached what a scope would use."""
    query = plan.query.canonical()
    address = f"/v1/incidents.json{'?' if query else ''}{query}"
    return (
        f"A list is cached when a vendor asks for it: let a token of this district ask for {address}, and for its "
        "pages to the last. A preview never asks EducatorsHandbook.com."
    )


def _of_plan(plan: Plan) -> Iterator[str]:
    if not plan.sources:
        yield f"Nothing is cached of {_named(plan.query)}, which a vendor with this scope would ask for."
        return
    asked = [source.asked for source in plan.sources]
    if plan.query.deleted and not any(query.deleted for query in asked):
        yield "Deleted incidents are not counted: no list that holds them is cached."
    of_types = {query.type for query in asked}
    if None not in of_types:
        missing = sorted(kind.value for kind in plan.scope.rows.types - of_types)
        yield f"Counted type by type: no list of all types is cached{_without(missing)}."
    for source in plan.sources:
        yield from _of_reading(source.reading)
    yield from _beyond(plan)


def _beyond(plan: Plan) -> Iterator[str]:
    asked = plan.sources[0].asked
    days = not_held(plan.scope, plan.today, asked, plan.census.days)
    if days is None:
        return
    reached = "a vendor whose scope takes them in reaches them by naming dates"
    if asked.first is not None:
        yield f"Incidents of {days.words()} are not counted: {reached}, and {_named(asked)} begins later."
    else:
        yield (
            f"Incidents of {days.words()} are not counted as far as they are of another school term or year: "
            f"{reached}, and {_named(asked)} holds the one that EducatorsHandbook.com answers with unasked."
        )


def _without(missing: Sequence[str]) -> str:
    return f", and none of {', '.join(missing)}" if missing else ""


def _of_reading(reading: Reading) -> Iterator[str]:
    name = _named(reading.listing.query)
    if not reading.whole:
        some, are = ("page 1", "is") if reading.kept_pages == 1 else (f"pages 1 to {reading.kept_pages}", "are")
        yield f"Of {name} only {some} of {reading.total_pages} {are} cached; what is on the others is not counted."
    if reading.lost:
        lost = ", ".join(map(str, reading.lost[:_SHOWN_PAGES])) + (" and more" if reading.lost[_SHOWN_PAGES:] else "")
        yield f"Of {name} these pages could not be read back and are not counted: {lost}."
    if reading.late:
        done = reading.counted + len(reading.lost)
        yield f"Of {name} the pages after page {done} are not counted: one preview does not read so much."
    if reading.withheld:
        yield (
            f"Incidents of {name} that have no documented type are not counted ({reading.withheld}): only upstream@1 "
            "shows them, as XML."
        )


def _named(query: UpstreamQuery) -> str:
    told = query.canonical()
    return f"the list `{told}`" if told else "the list without parameters"


def _apart(proposed: Plan, current: Plan) -> bool:
    mine, yours = ({id(source.reading) for source in plan.sources} for plan in (proposed, current))
    return bool(mine and yours) and mine != yours
