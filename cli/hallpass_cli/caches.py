"""`hallpass district cache` and `hallpass integration cache`: how old what a vendor is shown may be.

Rule: what is not said stays as it is; that walks go unchecked is typed.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hallpass_cli import durations
from hallpass_cli.api import connect
from hallpass_cli.districts import path_part
from hallpass_cli.failures import UsageError
from hallpass_cli.integrations import IntegrationId, integration_path
from hallpass_cli.output import AsJson, Seen, confirm_typed, show_json, show_one

UNCHECKED = "unchecked"
_TIMES = ("fresh_for", "stale_while_revalidate", "stale_if_error", "closed_after", "closed_fresh_for")

of_district = typer.Typer(help="How long a district's pages are used, and how a walk is checked.", no_args_is_help=True)
of_integration = typer.Typer(help="What an integration may do with the cache.", no_args_is_help=True)

DistrictId = Annotated[str, typer.Argument(help="The district's id.")]
FreshFor = Annotated[str | None, typer.Option(help="Used without asking upstream: 5m, 24h ...; up to 24h.")]
Revalidate = Annotated[str | None, typer.Option(help="After that still used, while it is read anew; up to 24h.")]
IfError = Annotated[str | None, typer.Option(help="After that still used, while the upstream fails; up to 48h.")]
ClosedAfter = Annotated[str | None, typer.Option(help="Dates so long ago are closed; from 1d.")]
ClosedFresh = Annotated[str | None, typer.Option(help="The pages of closed dates are fresh so long; up to 24h.")]
Control = Annotated[str | None, typer.Option(help="honour the upstream's Cache-Control, or override it.")]
Check = Annotated[str | None, typer.Option(help="guarded, verified (each page read twice) or off.")]
Confirmed = Annotated[str | None, typer.Option("--confirm", help="unchecked, instead of typing it.")]


@of_district.command("show")
def show_policy(district: DistrictId, as_json: AsJson = False) -> None:
    """Show a district's cache policy."""
    _show(connect().get(_path(district)), as_json)


@of_district.command("set")
def set_policy(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    district: DistrictId,
    fresh_for: FreshFor = None,
    stale_while_revalidate: Revalidate = None,
    stale_if_error: IfError = None,
    closed_after: ClosedAfter = None,
    closed_fresh_for: ClosedFresh = None,
    control: Control = None,
    check: Check = None,
    confirmed: Confirmed = None,
    seen: Seen = None,
    as_json: AsJson = False,
) -> None:
    """Change a district's cache policy. Holds for what is asked for next."""
    said = (fresh_for, stale_while_revalidate, stale_if_error, closed_after, closed_fresh_for)
    changes: dict[str, Any] = {
        name: durations.seconds(f"--{name.replace('_', '-')}", text)
        for name, text in zip(_TIMES, said, strict=True)
        if text is not None
    }
    changes |= {name: text for name, text in (("control", control), ("check", check)) if text is not None}
    if not changes:
        raise UsageError("Say what to change: `hallpass district cache set --help` lists it.")
    api = connect()
    shown = api.get(_path(district))
    body = shown["cache"] | changes
    if body["check"] == "off":
        confirm_typed("Without a check a walk may miss incidents, and nobody is told.", UNCHECKED, confirmed)
        body["confirm"] = UNCHECKED
    _show(api.put(_path(district), body, shown["version"] if seen is None else seen), as_json)


@of_district.command()
def statistics(district: DistrictId, as_json: AsJson = False) -> None:
    """Show how much of a district is cached, and how old it is."""
    answer = connect().get(f"{_path(district)}/statistics")
    if as_json:
        show_json(answer)
        return
    show_one((name, value) for name, value in answer.items() if name != "finished")
    if not answer["finished"]:
        typer.echo("There is more: it could not be counted in the time of one request.")


@of_integration.command("set")
def set_allowance(
    integration: IntegrationId,
    may_refresh: Annotated[
        bool | None, typer.Option(help="Whether the vendor's no-cache and max-age reach the upstream.")
    ] = None,
    stale_cap: Annotated[
        str | None,
        typer.Option(help="At most so stale while the upstream fails: 10m, 24h; `district`: as the district."),
    ] = None,
    seen: Seen = None,
    as_json: AsJson = False,
) -> None:
    """Change what an integration may do with the cache."""
    if may_refresh is None and stale_cap is None:
        raise UsageError("Say what to change: --may-refresh, --no-may-refresh or --stale-cap.")
    api, path = connect(), integration_path(integration)
    shown = api.get(path)["integration"]
    body = dict(shown["cache"])
    if may_refresh is not None:
        body["may_refresh"] = may_refresh
    if stale_cap is not None:
        body["stale_cap"] = None if stale_cap == "district" else durations.seconds("--stale-cap", stale_cap)
    answer = api.put(f"{path}/cache", body, shown["version"] if seen is None else seen)
    if as_json:
        show_json(answer)
        return
    cache = answer["integration"]["cache"]
    cap = "as the district" if cache["stale_cap"] is None else durations.words(cache["stale_cap"])
    show_one([("may_refresh", "yes" if cache["may_refresh"] else "no"), ("stale_cap", cap)])


def _path(district: str) -> str:
    return f"/districts/{path_part(district)}/cache"


def _show(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show_json(answer)
        return
    policy = answer["cache"]
    times = [(name, durations.words(policy[name])) for name in _TIMES]
    show_one([*times, ("control", policy["control"]), ("check", policy["check"])])
