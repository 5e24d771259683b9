"""`hallpass district`: the school districts, each an upstream account."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from hallpass.domain.access import DISTRICT_ID_LENGTH
from hallpass.domain.quarantine import Finding

from hallpass_cli.api import connect
from hallpass_cli.failures import UsageError
from hallpass_cli.output import AsJson, Yes, confirm, show_json, show_one, show_rows

app = typer.Typer(help="School districts.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Option(help="The district's name.")],
    time_zone: Annotated[str, typer.Option(help="Its IANA time zone, such as America/Chicago.")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Add a district: shows what its upstream token opens, then asks.

    The upstream token is read from HALLPASS_UPSTREAM_TOKEN, from a pipe, or asked for; never from an option.
    """
    api = connect()
    piped = not sys.stdin.isatty() and not os.environ.get("HALLPASS_UPSTREAM_TOKEN")
    if piped and not yes:
        raise UsageError("With the upstream token on the pipe nothing can be asked: add --yes.")
    body = {"name": name, "time_zone": time_zone, "upstream_token": _upstream_token()}
    if not yes:
        _show_account(api.post("/districts", body)["account"])
        confirm("Is this the district's account?", yes=False)
    answer = api.make("/districts", body | {"confirmed": True})
    if as_json:
        show_json(answer)
        return
    if yes:
        _show_account(answer["account"])
    show_one(_pairs(answer["district"]))


@app.command("list")
def list_all(as_json: AsJson = False) -> None:
    """List the districts you may see."""
    answer = connect().all("/districts", "districts")
    if as_json:
        show_json(answer)
    else:
        show_rows(("id", "name", "time_zone", "status", "created_at"), answer["districts"], "No districts yet.")


@app.command()
def show(district: Annotated[str, typer.Argument(help="Its id.")], as_json: AsJson = False) -> None:
    """Show one district."""
    answer = connect().get(f"/districts/{path_part(district)}")
    if as_json:
        show_json(answer)
    else:
        show_one(_pairs(answer["district"]))


@app.command()
def quarantine(district: Annotated[str, typer.Argument(help="Its id.")], as_json: AsJson = False) -> None:
    """List what the upstream sent and nobody documented: it was withheld from every vendor but those of upstream@1."""
    answer = connect().all(f"/districts/{path_part(district)}/quarantine", "quarantine")
    if as_json:
        show_json(answer)
    else:
        columns = ("path", "logged_as", "nodes", "first_seen", "last_seen", "review")
        rows = [path | {"review": path["review"] and path["review"]["as"]} for path in answer["quarantine"]]
        show_rows(columns, rows, "Nothing undocumented has come.")


@app.command()
def review_quarantine(
    district: Annotated[str, typer.Argument(help="Its id.")],
    path: Annotated[str, typer.Argument(help="The path, as `district quarantine` lists it.")],
    finding: Annotated[Finding, typer.Option("--as", help="What came of looking into it.")],
    as_json: AsJson = False,
) -> None:
    """Say that you looked into an undocumented path, and what came of it. It is withheld all the same."""
    answer = connect().post(f"/districts/{path_part(district)}/quarantine/review", {"path": path, "as": finding.value})
    if as_json:
        show_json(answer)
        return
    shown = answer["quarantined"]
    review = shown["review"]
    show_one([("path", shown["path"]), *((f"reviewed {name}", review[name]) for name in ("as", "at", "by"))])


def path_part(text: str, width: int = DISTRICT_ID_LENGTH) -> str:
    """An id, of so many letters and digits. Raises UsageError, which does not say what was typed in its place."""
    if not (text.isascii() and text.isalnum() and len(text) == width):
        raise UsageError(
            "An id is letters and digits. A district's and a token's has 4, an integration's and a person's has 8;"
            " no person's name or number stands in its place."
        )
    return text


def _upstream_token() -> str:
    given = os.environ.get("HALLPASS_UPSTREAM_TOKEN")
    if given is None and sys.stdin.isatty():
        given = typer.prompt("The district's upstream client access token", hide_input=True, err=True)
    elif given is None:
        given = sys.stdin.readline()
    token = str(given).strip()
    if not token:
        raise UsageError("The upstream token is empty.")
    return token


def _show_account(account: dict[str, Any]) -> None:
    heading = f"The token opens {account['total_pages']} pages; on the first are {account['incidents']} incidents of:"
    typer.echo(heading, err=True)
    schools = [
        (f"{school['code'] or '-'}", f"{school['name'] or '-'}: {school['incidents']}") for school in account["schools"]
    ]
    show_one(schools or [("-", "no school")], error=True)


def _pairs(district: dict[str, Any]) -> list[tuple[str, object]]:
    ended = [(key, district[key]) for key in ("ended_at", "ended_by") if district.get("ended_at")]
    known = ("id", "name", "time_zone", "status", "created_at", "created_by", "version")
    return [*((key, district[key]) for key in known), *ended]
