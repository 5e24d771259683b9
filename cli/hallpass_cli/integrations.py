"""`hallpass integration`: what a vendor was granted at a district."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from hallpass.domain.access import DISTRICT_ID_LENGTH, INTEGRATION_ID_LENGTH

from hallpass_cli import scopes
from hallpass_cli.api import AdminApi, connect
from hallpass_cli.districts import path_part
from hallpass_cli.output import AsJson, Yes, confirm, show_json, show_one, show_rows

app = typer.Typer(help="Vendors' integrations with a district.", no_args_is_help=True)
DistrictId = Annotated[str, typer.Argument(help="The district's id.")]
IntegrationId = Annotated[str, typer.Argument(help="The integration's id.")]
_WORDS = {
    "pause": "Pause: every token is refused until you resume.",
    "resume": "Resume: its tokens hold again.",
    "stop": "Revoke every token of it at once. New ones can be issued.",
}


def integration_path(integration: str) -> str:
    """The path of an integration: its id starts with its district's."""
    return f"{district_path(integration)}/integrations/{integration}"


def time_zone_of(api: AdminApi, integration: str) -> str:
    """The district's."""
    return str(api.get(district_path(integration))["district"]["time_zone"])


def district_path(integration: str) -> str:
    """The path of an integration's district."""
    return f"/districts/{path_part(integration, INTEGRATION_ID_LENGTH)[:DISTRICT_ID_LENGTH]}"


@app.command()
def create(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    district: DistrictId,
    vendor: Annotated[str, typer.Option(help="Who gets the data.")],
    contact: Annotated[str, typer.Option(help="Whom to reach there.")],
    purpose: Annotated[str, typer.Option(help="What for.")],
    agreement: Annotated[str, typer.Option(help="The agreement's id.")],
    agreement_ends: Annotated[str, typer.Option(help="Its last day, YYYY-MM-DD.")],
    types: scopes.Types,
    fields: scopes.Fields = None,
    groups: scopes.Groups = None,
    victims: scopes.Victims = "none",
    numbers: scopes.Numbers = None,
    schools: scopes.Schools = None,
    all_schools: scopes.AllSchools = False,
    days: scopes.Days = None,
    first: scopes.First = None,
    last: scopes.Last = None,
    unbounded: scopes.Unbounded = False,
    deleted: scopes.Deleted = False,
    confirmed: scopes.Confirmed = None,
    draft: Annotated[bool, typer.Option("--draft", help="Not usable before `integration activate`.")] = False,
    as_json: AsJson = False,
) -> None:
    """Grant a vendor a scope: which rows and which fields. Nothing is granted that is not said."""
    api = connect()
    rows = scopes.RowOptions(types, schools, all_schools, days, first, last, unbounded, deleted)
    body: dict[str, Any] = {
        "vendor": vendor,
        "contact": contact,
        "purpose": purpose,
        "agreement": {"id": agreement, "ends_on": agreement_ends},
        "draft": draft,
        **scopes.scope_body(rows, scopes.FieldOptions(fields, groups, victims, numbers), confirmed),
    }
    show_integration(api.make(f"/districts/{path_part(district)}/integrations", body), as_json)


@app.command("list")
def list_all(district: DistrictId, as_json: AsJson = False) -> None:
    """List a district's integrations."""
    answer = connect().all(f"/districts/{path_part(district)}/integrations", "integrations")
    if as_json:
        show_json(answer)
    else:
        listed = [{**one, "agreement ends": one["agreement"]["ends_on"]} for one in answer["integrations"]]
        show_rows(("id", "vendor", "status", "agreement ends", "created_at"), listed, "No integrations yet.")


@app.command()
def show(integration: IntegrationId, as_json: AsJson = False) -> None:
    """Show one integration with its scope."""
    show_integration(connect().get(integration_path(integration)), as_json)


@app.command(help=_WORDS["pause"])
def pause(integration: IntegrationId, yes: Yes = False, as_json: AsJson = False) -> None:
    path = integration_path(integration)
    confirm(f"Refuse every token of {integration} from now on?", yes=yes)
    show_integration(connect().post(f"{path}/pause"), as_json)


@app.command(help=_WORDS["resume"])
def resume(integration: IntegrationId, as_json: AsJson = False) -> None:
    show_integration(connect().post(f"{integration_path(integration)}/resume"), as_json)


@app.command(help=_WORDS["stop"])
def stop(integration: IntegrationId, yes: Yes = False, as_json: AsJson = False) -> None:
    path = integration_path(integration)
    confirm(f"Revoke every token of {integration}? This is final.", yes=yes)
    answer = connect().post(f"{path}/stop")
    if as_json:
        show_json(answer)
        return
    # None, or no word from an older Hallpass: they are revoked, but nobody counted them.
    count = answer.get("tokens_revoked")
    which = "Every token was" if count is None else "1 token" if count == 1 else f"{count} tokens"
    typer.echo(f"{which} revoked at once; new ones can be issued.")


@app.command()
def end(integration: IntegrationId, yes: Yes = False, as_json: AsJson = False) -> None:
    """End it for good: every token is revoked and the key of its pseudonyms destroyed."""
    path = integration_path(integration)
    confirm(f"End {integration}? Its tokens stop, its pseudonyms can never be made again. This is final.", yes=yes)
    show_integration(connect().post(f"{path}/end"), as_json)


@app.command("renew-pseudonyms")
def renew_pseudonyms(integration: IntegrationId, yes: Yes = False, as_json: AsJson = False) -> None:
    """Give everybody new pseudonyms, which have nothing in common with the old; the vendor reads everything anew."""
    path = integration_path(integration)
    confirm(f"Renew every pseudonym of {integration}? The old key is destroyed.", yes=yes)
    show_integration(connect().post(f"{path}/renew-pseudonyms"), as_json)


def show_integration(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show_json(answer)
        return
    shown = answer["integration"]
    names = ("id", "vendor", "contact", "purpose", "status", "dataset", "created_at", "created_by", "version")
    agreement = f"{shown['agreement']['id']}, to {shown['agreement']['ends_on']}"
    rows, fields = (json.dumps(shown["scope"][part], ensure_ascii=False) for part in ("rows", "fields"))
    pairs = [(name, shown[name]) for name in names]
    limits = ", ".join(f"{name} {value}" for name, value in shown["limits"].items())
    show_one([*pairs, ("agreement", agreement), ("rows", rows), ("fields", fields), ("limits", limits)])
