"""`hallpass integration`: what a vendor was granted at a district."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from hallpass_cli.api import connect
from hallpass_cli.districts import path_part
from hallpass_cli.failures import UsageError
from hallpass_cli.output import AsJson, Yes, confirm, confirm_typed, show_json, show_one, show_rows

app = typer.Typer(help="Vendors' integrations with a district.", no_args_is_help=True)
DistrictId = Annotated[str, typer.Argument(help="The district's id.")]
IntegrationId = Annotated[str, typer.Argument(help="The integration's id.")]
_UPSTREAM = "upstream@1"
_WORDS = {
    "pause": "Pause: every token is refused until you resume.",
    "resume": "Resume: its tokens hold again.",
    "stop": "Revoke every token of it at once. New ones can be issued.",
}


def integration_path(integration: str) -> str:
    """The path of an integration: its id starts with its district's."""
    return f"/districts/{path_part(integration)[:4]}/integrations/{integration}"


@app.command()
def create(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    district: DistrictId,
    vendor: Annotated[str, typer.Option(help="Who gets the data.")],
    contact: Annotated[str, typer.Option(help="Whom to reach there.")],
    purpose: Annotated[str, typer.Option(help="What for.")],
    agreement: Annotated[str, typer.Option(help="The agreement's id.")],
    agreement_ends: Annotated[str, typer.Option(help="Its last day, YYYY-MM-DD.")],
    fields: Annotated[str, typer.Option(help="all-documented@1 or upstream@1.")],
    types: Annotated[list[str], typer.Option("--type", help="referral, minor, pending; repeat it.")],
    schools: Annotated[list[str] | None, typer.Option("--school", help="A school's code; repeat it.")] = None,
    all_schools: Annotated[bool, typer.Option("--all-schools", help="Every school, also those to come.")] = False,
    days: Annotated[int | None, typer.Option("--days", help="The last so many days, rolling.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day, YYYY-MM-DD.")] = None,
    unbounded: Annotated[bool, typer.Option("--unbounded", help="No date bound.")] = False,
    deleted: Annotated[bool, typer.Option("--deleted", help="Deleted incidents too.")] = False,
    confirmed: Annotated[str | None, typer.Option("--confirm", help="upstream@1, instead of typing it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Grant a vendor a scope: which rows and which fields. Nothing is granted that is not said."""
    api = connect()
    rows = {
        "types": types,
        "schools": _schools(schools, all_schools),
        "window": _window(days, first, last, unbounded),
        "deleted": deleted,
    }
    body: dict[str, Any] = {
        "vendor": vendor,
        "contact": contact,
        "purpose": purpose,
        "agreement": {"id": agreement, "ends_on": agreement_ends},
        "scope": {"rows": rows, "fields": fields},
    }
    if fields == _UPSTREAM:
        confirm_typed(f"{_UPSTREAM} shows everything the upstream sends, unknown fields too.", _UPSTREAM, confirmed)
        body["confirm"] = _UPSTREAM
    _show(api.post(f"/districts/{path_part(district)}/integrations", body), as_json)


@app.command("list")
def list_all(district: DistrictId, as_json: AsJson = False) -> None:
    """List a district's integrations."""
    answer = connect().get(f"/districts/{path_part(district)}/integrations")
    if as_json:
        show_json(answer)
    else:
        listed = [{**one, "agreement ends": one["agreement"]["ends_on"]} for one in answer["integrations"]]
        show_rows(("id", "vendor", "status", "agreement ends", "created_at"), listed, "No integrations yet.")


@app.command()
def show(integration: IntegrationId, as_json: AsJson = False) -> None:
    """Show one integration with its scope."""
    _show(connect().get(integration_path(integration)), as_json)


@app.command(help=_WORDS["pause"])
def pause(integration: IntegrationId, yes: Yes = False, as_json: AsJson = False) -> None:
    confirm(f"Refuse every token of {integration} from now on?", yes=yes)
    _show(connect().post(f"{integration_path(integration)}/pause"), as_json)


@app.command(help=_WORDS["resume"])
def resume(integration: IntegrationId, as_json: AsJson = False) -> None:
    _show(connect().post(f"{integration_path(integration)}/resume"), as_json)


@app.command(help=_WORDS["stop"])
def stop(integration: IntegrationId, yes: Yes = False, as_json: AsJson = False) -> None:
    confirm(f"Revoke every token of {integration}? This is final.", yes=yes)
    answer = connect().post(f"{integration_path(integration)}/stop")
    if as_json:
        show_json(answer)
        return
    # None, or no word from an older Hallpass: they are revoked, but nobody counted them.
    count = answer.get("tokens_revoked")
    which = "Every token was" if count is None else "1 token" if count == 1 else f"{count} tokens"
    typer.echo(f"{which} revoked at once; new ones can be issued.")


def _schools(codes: list[str] | None, every: bool) -> str | list[str]:
    if bool(codes) == every:
        raise UsageError("Say which schools: --school, as often as needed, or --all-schools.")
    return "all" if every else list(codes or [])


def _window(days: int | None, first: str | None, last: str | None, unbounded: bool) -> Any:
    said = [days is not None, first is not None or last is not None, unbounded]
    if sum(said) != 1 or (first is None) != (last is None):
        raise UsageError("Say which dates: --days, or --from with --to, or --unbounded.")
    if unbounded:
        return "unbounded"
    return {"days": days} if days is not None else {"from": first, "to": last}


def _show(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show_json(answer)
        return
    shown = answer["integration"]
    names = ("id", "vendor", "contact", "purpose", "status", "dataset", "created_at", "created_by")
    agreement = f"{shown['agreement']['id']}, to {shown['agreement']['ends_on']}"
    rows = json.dumps(shown["scope"]["rows"], ensure_ascii=False)
    pairs = [(name, shown[name]) for name in names]
    show_one([*pairs, ("agreement", agreement), ("rows", rows), ("fields", shown["scope"]["fields"])])
