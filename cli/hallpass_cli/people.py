"""`hallpass person`: who may administer."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from hallpass.domain.access import PERSON_ID_LENGTH

from hallpass_cli.api import connect
from hallpass_cli.districts import path_part
from hallpass_cli.moments import Days, ExpiresAt, end_of_life
from hallpass_cli.output import AsJson, Yes, confirm, show_json, show_one, show_rows, show_token

app = typer.Typer(help="People who administer.", no_args_is_help=True)


class Role(StrEnum):
    OPERATOR = "operator"
    DISTRICT_ADMIN = "district-admin"
    AUDITOR = "auditor"


@app.command()
def create(
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[Role, typer.Option(help="operator: everything; district-admin: one district; auditor: reads.")],
    district: Annotated[str | None, typer.Option(help="A district-admin's district.")] = None,
    days: Days = None,
    expires_at: ExpiresAt = None,
    as_json: AsJson = False,
) -> None:
    """Add a person. Their admin token is shown once. A day of --expires-at ends in UTC."""
    end = end_of_life(days, expires_at, lambda: "UTC")
    within = None if district is None else path_part(district)
    body = {"name": name, "role": role.value, "district": within, "expires_at": end}
    answer = connect().make("/people", body)
    if as_json:
        show_json(answer)
        return
    person = answer["person"]
    show_one([(key, person[key]) for key in ("id", "name", "role", "district")] + [("expires_at", end)])
    show_token(answer["token"], "The person's admin token.")


@app.command("list")
def list_all(as_json: AsJson = False) -> None:
    """List the people, and the state of their tokens."""
    answer = connect().all("/people", "people")
    if as_json:
        show_json(answer)
        return
    rows = [
        {**person, "token": (person["token"] or {}).get("status"), "ends": (person["token"] or {}).get("expires_at")}
        for person in answer["people"]
    ]
    show_rows(("id", "name", "role", "district", "token", "ends"), rows, "Nobody yet.")


@app.command()
def revoke(
    person: Annotated[str, typer.Argument(help="The person's id.")], yes: Yes = False, as_json: AsJson = False
) -> None:
    """End a person's access for good, from the next request on."""
    path = f"/people/{path_part(person, PERSON_ID_LENGTH)}/revoke"
    confirm(f"Revoke the access of {person}? This is final.", yes=yes)
    answer = connect().post(path)
    if as_json:
        show_json(answer)
        return
    brought_in = ", ".join(answer["brought_in"]) or "nobody who still has access"
    show_one([("id", answer["id"]), ("status", answer["status"]), ("brought in", brought_in)])
