"""`hallpass integration limits`: how much a vendor may ask for.

Rule: what is not said stays as it is.
"""

from __future__ import annotations

from typing import Annotated

import typer

from hallpass_cli.api import connect
from hallpass_cli.integrations import IntegrationId, integration_path
from hallpass_cli.output import AsJson, Seen, show_json, show_one

_TOLD = (("per_minute", "in the long run"), ("burst", "at once, after a rest"), ("pages_a_day", "of UTC"))


def limits(
    integration: IntegrationId,
    per_minute: Annotated[int | None, typer.Option(help="Requests a minute in the long run: 1 to 6000.")] = None,
    burst: Annotated[int | None, typer.Option(help="Requests at once, after a rest: 1 to 6000.")] = None,
    pages_a_day: Annotated[int | None, typer.Option(help="Pages a day of UTC: 1 to 1000000.")] = None,
    seen: Seen = None,
    as_json: AsJson = False,
) -> None:
    """Show how much a vendor may ask for, or change it. Holds on its next request."""
    api, path = connect(), integration_path(integration)
    said = {"per_minute": per_minute, "burst": burst, "pages_a_day": pages_a_day}
    changes = {name: number for name, number in said.items() if number is not None}
    answer = api.get(path)
    if changes:
        present = answer["integration"]
        version = present["version"] if seen is None else seen
        answer = api.put(f"{path}/limits", present["limits"] | changes, version)
    shown = answer["integration"]["limits"]
    if as_json:
        show_json({"limits": shown})
    else:
        show_one([(name, f"{shown[name]} ({what})") for name, what in _TOLD])
