"""`hallpass district delete`: the end of a district, and the report of it.

Rule: it asks before it ends anything, and reports nothing that the API did not call finished.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from hallpass_cli.api import connect
from hallpass_cli.districts import path_part
from hallpass_cli.leaving_report import in_all, report
from hallpass_cli.output import AsJson, confirm_typed, show_json, show_one, show_rows
from hallpass_cli.private_file import check_place, write_private
from hallpass_cli.purges import DistrictId, show_erased, until_finished


def delete(
    district: DistrictId,
    confirmed: Annotated[str | None, typer.Option("--confirm", help="The district's id, instead of typing it.")] = None,
    file: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write what the district files, as Markdown.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file of --report.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a district: ends its integrations, destroys keys, credential and pages. Its record stays, as ended."""
    path = f"/districts/{path_part(district)}"
    if file is not None:
        check_place(file, force=force)
    api = connect()
    name = api.get(path)["district"]["name"]
    confirm_typed(f"This ends every integration of {name} and erases its pages. It is final.", district, confirmed)
    answer = until_finished(lambda: api.delete(path, {"confirm": district}))
    if file is not None:
        # If it cannot be written, the command can be said again: the answer is complete every time.
        write_private(file, report(answer, datetime.now(UTC)), force=force)
    if as_json:
        show_json(answer)
    else:
        _show(answer)


def _show(answer: Mapping[str, Any]) -> None:
    show_one([("integrations ended", answer["integrations_ended"]), ("credential", answer["credential"])])
    columns = ("id", "vendor", "agreement", "tokens that fell", "pseudonym key")
    show_rows(columns, _rows(answer["integrations"]), "It never had an integration.")
    show_erased(answer)
    typer.echo(f"{in_all(answer)}.")
    for admin in answer["admins"]:
        typer.echo(
            f"The token of {admin['id']} ({admin['role']}) goes on: `hallpass person revoke {admin['id']}` ends it."
        )
    typer.echo("Have the district revoke its token at EducatorsHandbook.com too: it still works there.")
    since = answer["ledger_since"]
    typer.echo(f"Kept: the record of disclosures since {since}." if since else "There is no record of disclosures.")


def _rows(integrations: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in integrations:
        fell = [token["id"] for token in one["tokens"] if token["end"].startswith("fell")]
        yield {
            "id": one["id"],
            "vendor": one["vendor"],
            "agreement": one["agreement"]["id"],
            "tokens that fell": " ".join(fell) or "none",
            "pseudonym key": one["pseudonym_key"],
        }
