"""`hallpass scope`: what a vendor sees, and what it saw before.

Rule: a scope is replaced whole, over the version that was read.
"""

from __future__ import annotations

import typer
from hallpass.domain.scope_format import scope_from_json, scope_words

from hallpass_cli import scopes
from hallpass_cli.api import connect
from hallpass_cli.integrations import IntegrationId, integration_path, show_integration
from hallpass_cli.output import AsJson, Seen, Yes, confirm, show_json, show_one, show_rows

app = typer.Typer(help="What an integration shows of which incidents.", no_args_is_help=True)


@app.command()
def show(integration: IntegrationId, as_json: AsJson = False) -> None:
    """Show the scope that holds now."""
    scope = connect().get(integration_path(integration))["integration"]["scope"]
    if as_json:
        show_json({"scope": scope})
        return
    show_one([("scope", scope_words(scope_from_json(scope)))])


@app.command("set")
def replace(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    integration: IntegrationId,
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
    seen: Seen = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Replace an integration's scope, all of it. Holds on the vendor's next request; its copy is to be read anew."""
    api = connect()
    rows = scopes.RowOptions(types, schools, all_schools, days, first, last, unbounded, deleted)
    body = scopes.scope_body(rows, scopes.FieldOptions(fields, groups, victims, numbers), confirmed)
    path = integration_path(integration)
    # Read before it asks: what is replaced is what the person had in front of them.
    version = api.get(path)["integration"]["version"] if seen is None else seen
    confirm(f"Replace the whole scope of {integration}?", yes=yes)
    show_integration(api.put(f"{path}/scope", body, version), as_json)


@app.command()
def versions(integration: IntegrationId, as_json: AsJson = False) -> None:
    """List the scopes that it had: which, since when, by whom."""
    answer = connect().all(f"{integration_path(integration)}/scopes", "scopes")
    if as_json:
        show_json(answer)
        return
    listed = [{**one, "scope": scope_words(scope_from_json(one["scope"]))} for one in answer["scopes"]]
    show_rows(("scope_version", "written_at", "written_by", "scope"), listed, "None is on record.")
