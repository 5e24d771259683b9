"""`hallpass person invite|invitations|withdraw|accept|rotate`: how a person comes by a token of their own."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from hallpass.domain.access import PERSON_ID_LENGTH
from hallpass.domain.errors import TokenInvalidError
from hallpass.domain.tokens import TokenKind, parse_token

from hallpass_cli.api import AdminApi, connect, connect_with
from hallpass_cli.districts import path_part
from hallpass_cli.failures import UsageError
from hallpass_cli.moments import Days, ExpiresAt, end_of_life
from hallpass_cli.output import AsJson, Yes, confirm, show_json, show_one, show_rows, show_token
from hallpass_cli.people import Role

PersonId = Annotated[str, typer.Argument(help="The person's id.")]


def invite(
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[Role, typer.Option(help="operator: everything; district-admin: one district; auditor: reads.")],
    district: Annotated[str | None, typer.Option(help="Their district; an auditor of all has none.")] = None,
    days: Days = None,
    expires_at: ExpiresAt = None,
    as_json: AsJson = False,
) -> None:
    """Invite a person: the code is shown once, holds for 72 hours, and they exchange it with `person accept`."""
    end = end_of_life(days, expires_at, lambda: "UTC")
    body = {"name": name, "role": role.value, "district": district, "expires_at": end}
    answer = connect().make("/invitations", body)
    if as_json:
        show_json(answer)
        return
    told = answer["invitation"]
    show_one([(key, told[key]) for key in ("id", "name", "role", "district", "access_ends", "expires_at")])
    show_token(answer["code"], "The invitation.")


def invitations(as_json: AsJson = False) -> None:
    """List the invitations that nobody has used yet."""
    answer = connect().all("/invitations", "invitations")
    if as_json:
        show_json(answer)
    else:
        columns = ("id", "name", "role", "district", "access_ends", "expires_at")
        show_rows(columns, answer["invitations"], "Nobody is invited.")


def withdraw(person: PersonId, yes: Yes = False, as_json: AsJson = False) -> None:
    """End an invitation that was not used."""
    path = f"/invitations/{path_part(person, PERSON_ID_LENGTH)}/withdraw"
    confirm(f"Withdraw the invitation of {person}?", yes=yes)
    _show(connect().post(path), as_json)


def accept(as_json: AsJson = False) -> None:
    """Exchange an invitation for your admin token, once.

    The code is read from HALLPASS_INVITATION, from a pipe, or asked for; never from an option.
    """
    answer = connect_with(_code()).post("/invitations/accept")
    if as_json:
        show_json(answer)
        return
    person = answer["person"]
    show_one([(key, person[key]) for key in ("id", "name", "role", "district")])
    show_token(answer["token"], "Your admin token.")


def rotate(
    overlap_days: Annotated[int, typer.Option(min=0, max=30, help="How long the old one still holds.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Replace your own token. The new one ends when the old one would have."""
    api = connect()
    answer = api.make(f"/people/{_own_id(api)}/rotate", {"overlap_days": overlap_days})
    if as_json:
        show_json(answer)
        return
    replaced = answer["replaces"]
    ends = ("the old one ends", f"{replaced['id']}, {replaced['expires_at']}")
    show_one([("id", answer["id"]), ("expires_at", answer["details"]["expires_at"]), ends])
    show_token(answer["token"], "Your new admin token.")


def _own_id(api: AdminApi) -> str:
    try:
        return parse_token(api.token).holder_id
    except TokenInvalidError as error:
        raise UsageError("HALLPASS_TOKEN is no token.") from error


def _code() -> str:
    given = os.environ.get("HALLPASS_INVITATION")
    if given is None and sys.stdin.isatty():
        given = typer.prompt("The invitation", hide_input=True, err=True)
    elif given is None:
        given = sys.stdin.readline()
    code = str(given).strip()
    try:
        if parse_token(code).kind is TokenKind.INVITE:
            return code
    except TokenInvalidError as error:
        raise UsageError("That is no invitation: it begins with hp_invite_.") from error
    raise UsageError("That is a token, and no invitation.")


def _show(answer: dict[str, object], as_json: bool) -> None:
    if as_json:
        show_json(answer)
    else:
        show_one(answer.items())
