"""`hallpass token claim|claims|withdraw-claim`: links that show a vendor their token once.

Rule: the link is shown once, and what lies before its `#` is all that anybody but who opens it ever sees.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer
from hallpass.domain.claim_links import CLAIM_ID_LENGTH, LONGEST_HOURS, USUAL_HOURS

from hallpass_cli.addresses import PREFIX
from hallpass_cli.api import connect
from hallpass_cli.districts import path_part
from hallpass_cli.integrations import IntegrationId, integration_path, time_zone_of
from hallpass_cli.moments import Days, ExpiresAt, end_of_life
from hallpass_cli.output import AsJson, Yes, confirm, show_json, show_one, show_rows

EXAMPLE = "Example: hallpass token claim D1stVnd1 --hours 48"
_COLUMNS = ("id", "status", "made_by", "expires_at", "claimed_at", "claimed_from", "token")


def claim(
    integration: IntegrationId,
    hours: Annotated[
        int, typer.Option(min=1, max=LONGEST_HOURS, help="How long the link can be opened.")
    ] = USUAL_HOURS,
    days: Days = None,
    expires_at: ExpiresAt = None,
    as_json: AsJson = False,
) -> None:
    """Make a link that shows the vendor a new token, once. The token is issued when the link is opened."""
    api = connect()
    body: dict[str, Any] = {"valid_hours": hours}
    if days is not None or expires_at is not None:
        body["expires_at"] = end_of_life(days, expires_at, lambda: time_zone_of(api, integration))
    answer = api.make(f"{integration_path(integration)}/claims", body)
    if as_json:
        show_json(answer)
        return
    show_one([("id", answer["claim_id"]), ("can be opened until", answer["expires_at"])])
    if answer["claim"] is None:
        typer.echo("\nThe link was made, but it was lost on the way: withdraw it and make another.\n")
        return
    link = api.url.removesuffix(PREFIX) + answer["claim_url_path"]
    typer.echo(f"\nThe vendor's link. Send it now, it is not shown again:\n\n  {link}\n")


def claims(integration: IntegrationId, as_json: AsJson = False) -> None:
    """List the links of an integration: which are open, and when and from where the others were used."""
    answer = connect().all(f"{integration_path(integration)}/claims", "claims")
    if as_json:
        show_json(answer)
    else:
        show_rows(_COLUMNS, answer["claims"], "No links yet.")


def withdraw(
    integration: IntegrationId,
    claim_id: Annotated[str, typer.Argument(metavar="CLAIM", help="The link's id, as `token claims` shows it.")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """End a link that nobody has used."""
    path = f"{integration_path(integration)}/claims/{path_part(claim_id, CLAIM_ID_LENGTH)}"
    confirm(f"Withdraw link {claim_id}? It will show nothing any more.", yes=yes)
    answer = connect().delete(path)
    if as_json:
        show_json(answer)
    else:
        show_one([(name, answer["claim"][name]) for name in ("id", "status", "withdrawn_at", "withdrawn_by")])
