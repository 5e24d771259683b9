"""`hallpass district status`: one look at a district.

Rule: what is zero is said too, so that a line that is missing is a defect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer

from hallpass_cli.api import connect
from hallpass_cli.districts import path_part
from hallpass_cli.durations import words
from hallpass_cli.output import AsJson, show_json, show_one


def status(district: Annotated[str, typer.Argument(help="Its id.")], as_json: AsJson = False) -> None:
    """Show at one look what a district grants, what wants attention, and how far its record reaches."""
    answer = connect().get(f"/districts/{path_part(district)}/status")
    if as_json:
        show_json(answer)
    else:
        show_one(_lines(answer))


def _lines(told: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    district, tokens, agreements = told["district"], told["tokens"], told["agreements"]
    yield "district", f"{district['id']} {district['name']}"
    yield "status", district["status"]
    yield "integrations", ", ".join(f"{count} {state}" for state, count in told["integrations"].items())
    yield "tokens alive", tokens["alive"]
    yield "ending within 30 days", _named(tokens["expiring"], "expires_at")
    yield "not used for 90 days", _named(tokens["dormant"], "expires_at")
    yield "agreements ending within 60 days", _named(agreements["ending"], "ends_on")
    yield "agreements that are over", _named(agreements["over"], "ends_on")
    yield "undocumented paths withheld", f"{told['quarantined_paths']}, {told['quarantined_unreviewed']} not reviewed"
    yield from _record(told["ledger"])
    yield "cache", ", ".join(f"{name} {value}" for name, value in told["cache"].items())


def _named(found: Sequence[Mapping[str, Any]], end: str) -> str:
    """How many, and which."""
    which = "; ".join(f"{one['integration']} {one['id']} to {one[end]}" for one in found)
    return f"{len(found)}: {which}" if found else "0"


def _record(ledger: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    yield "records since", ledger["since"] or "none yet"
    lag = ledger["lag_seconds"]
    if ledger["index"] != "ok":
        yield "index of disclosures complete until", "unknown: the index cannot be read now"
        return
    complete = "nothing is indexed yet" if lag is None else f"{ledger['indexed_until']}, {words(lag)} ago"
    yield "index of disclosures complete until", complete
