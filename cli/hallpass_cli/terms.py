"""`hallpass integration edit|activate`: what was agreed, and from when it holds.

Rule: what is not said stays as it is, and is written over the version that was read.
"""

from __future__ import annotations

from typing import Annotated

import typer

from hallpass_cli.api import connect
from hallpass_cli.failures import UsageError
from hallpass_cli.integrations import IntegrationId, integration_path, show_integration
from hallpass_cli.output import AsJson, Seen, Yes, confirm


def edit(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    integration: IntegrationId,
    vendor: Annotated[str | None, typer.Option(help="Who gets the data.")] = None,
    contact: Annotated[str | None, typer.Option(help="Whom to reach there.")] = None,
    purpose: Annotated[str | None, typer.Option(help="What for.")] = None,
    agreement: Annotated[str | None, typer.Option(help="The agreement's id.")] = None,
    agreement_ends: Annotated[str | None, typer.Option(help="Its last day, YYYY-MM-DD.")] = None,
    seen: Seen = None,
    as_json: AsJson = False,
) -> None:
    """Change what was agreed: vendor, contact, purpose, agreement. Each change is a version that says who and when."""
    changes = {"vendor": vendor, "contact": contact, "purpose": purpose}
    said = {name: text for name, text in changes.items() if text is not None}
    if not said and agreement is None and agreement_ends is None:
        raise UsageError("Say what to change: `hallpass integration edit --help` lists it.")
    api, path = connect(), integration_path(integration)
    shown = api.get(path)["integration"]
    kept = {name: shown[name] for name in changes}
    known = shown["agreement"]
    agreed = {"id": agreement or known["id"], "ends_on": agreement_ends or known["ends_on"]}
    body = {**kept, **said, "agreement": agreed}
    show_integration(api.put(path, body, shown["version"] if seen is None else seen), as_json)


def activate(integration: IntegrationId, yes: Yes = False, as_json: AsJson = False) -> None:
    """Make a draft usable: its tokens hold from now on."""
    path = integration_path(integration)
    confirm(f"Let the tokens of {integration} hold from now on?", yes=yes)
    show_integration(connect().post(f"{path}/activate"), as_json)
