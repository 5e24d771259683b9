"""`hallpass token`: the credentials of an integration."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from hallpass.domain.access import TOKEN_ID_LENGTH

from hallpass_cli.api import connect
from hallpass_cli.districts import path_part
from hallpass_cli.integrations import IntegrationId, integration_path, time_zone_of
from hallpass_cli.moments import Days, ExpiresAt, end_of_life, to_the_minute
from hallpass_cli.output import AsJson, Yes, confirm, show_json, show_one, show_rows, show_token

app = typer.Typer(help="Tokens of an integration.", no_args_is_help=True)
TokenId = Annotated[str, typer.Argument(help="The token's id, as `token list` shows it.")]


@app.command()
def issue(integration: IntegrationId, days: Days = None, expires_at: ExpiresAt = None, as_json: AsJson = False) -> None:
    """Issue a token. It is shown once."""
    api = connect()
    end = end_of_life(days, expires_at, lambda: time_zone_of(api, integration))
    _show_issued(api.make(f"{integration_path(integration)}/tokens", {"expires_at": end}), as_json)


@app.command("list")
def list_all(integration: IntegrationId, as_json: AsJson = False) -> None:
    """List the tokens of an integration, oldest first."""
    answer = connect().all(f"{integration_path(integration)}/tokens", "tokens")
    if as_json:
        show_json(answer)
    else:
        rows = [one | {"last_used": to_the_minute(one["last_used"])} for one in answer["tokens"]]
        show_rows(("id", "status", "expires_at", "issued_at", "last_used"), rows, "No tokens yet.")


@app.command()
def rotate(
    integration: IntegrationId,
    token: TokenId,
    overlap_days: Annotated[int, typer.Option(min=0, max=30, help="How long the old one still holds.")] = 7,
    days: Days = None,
    expires_at: ExpiresAt = None,
    as_json: AsJson = False,
) -> None:
    """Issue the successor of a token; the old one ends after the overlap."""
    api, path = connect(), _path(integration, token)
    body: dict[str, Any] = {"overlap_days": overlap_days}
    if days is not None or expires_at is not None:
        body["expires_at"] = end_of_life(days, expires_at, lambda: time_zone_of(api, integration))
    _show_issued(api.make(f"{path}/rotate", body), as_json)


@app.command()
def pause(integration: IntegrationId, token: TokenId, yes: Yes = False, as_json: AsJson = False) -> None:
    """Refuse a token until you resume it."""
    path = _path(integration, token)
    confirm(f"Refuse token {token} from now on?", yes=yes)
    _show(connect().post(f"{path}/pause"), as_json)


@app.command()
def resume(integration: IntegrationId, token: TokenId, as_json: AsJson = False) -> None:
    """Let a paused token hold again."""
    _show(connect().post(f"{_path(integration, token)}/resume"), as_json)


@app.command()
def revoke(integration: IntegrationId, token: TokenId, yes: Yes = False, as_json: AsJson = False) -> None:
    """End a token for good, from the next request on."""
    path = _path(integration, token)
    confirm(f"Revoke token {token}? This is final.", yes=yes)
    _show(connect().post(f"{path}/revoke"), as_json)


def _path(integration: str, token: str) -> str:
    return f"{integration_path(integration)}/tokens/{path_part(token, TOKEN_ID_LENGTH)}"


def _show_issued(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show_json(answer)
        return
    replaced = answer.get("replaces")
    ends = [("the old one ends", f"{replaced['id']}, {replaced['expires_at']}")] if replaced else []
    show_one([("id", answer["id"]), ("expires_at", answer["details"]["expires_at"]), *ends])
    show_token(answer["token"], "The vendor's token.")


def _show(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show_json(answer)
    else:
        show_one([(name, answer["token"][name]) for name in ("id", "status", "expires_at", "revoked_at")])
