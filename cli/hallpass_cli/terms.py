"""`hallpass integration edit|activate|scopes|usage`: what was agreed, since when, and how it is used.

Rule: what is not said stays as it is, and is written over the version that was read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from hallpass.domain.scope import DateRange
from hallpass.domain.scope_format import scope_from_json, scope_words

from hallpass_cli import spans
from hallpass_cli.api import AdminApi, Document, connect
from hallpass_cli.failures import UsageError
from hallpass_cli.integrations import IntegrationId, integration_path, show_integration
from hallpass_cli.output import AsJson, Seen, Yes, confirm, show_json, show_one, show_rows

EXAMPLE = "Example: hallpass integration usage D1stVnd1 --from 2026-02-01 --to 2026-02-28"


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


def scopes(integration: IntegrationId, as_json: AsJson = False) -> None:
    """List the scopes that it had: which, since when, by whom."""
    answer = connect().all(f"{integration_path(integration)}/scopes", "scopes")
    if as_json:
        show_json(answer)
        return
    listed = [{**one, "scope": scope_words(scope_from_json(one["scope"]))} for one in answer["scopes"]]
    show_rows(("scope_version", "written_at", "written_by", "scope"), listed, "None is on record.")


def usage(
    integration: IntegrationId,
    first: Annotated[str | None, typer.Option("--from", metavar="DAY", help="The first day, of UTC.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DAY", help="The last day; unless said, today.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show how it was used, day by day."""
    api, path = connect(), f"{integration_path(integration)}/usage"
    days: dict[str, Document] = {}
    for answer in _answers(api, path, spans.span(first, last)):
        # A day that was cut goes on in the next answer.
        days |= {one["day"]: _added(days.get(one["day"]), one) for one in answer["days"]}
    if as_json:
        show_json({**answer, "days": list(days.values())})
        return
    columns = ("day", "requests", "answers", "unchanged", "incidents", "bytes", "refused")
    rows = [{**one, "refused": sum(one["denials"].values())} for one in days.values()]
    show_rows(columns, rows, "No request in these days.")
    show_one([("last used", answer["last_used"]), ("complete until", answer["complete_until"])])


def _answers(api: AdminApi, path: str, whole: DateRange) -> Iterator[Document]:
    """Of all its days, in the parts that one call takes, each to its end."""
    for part in spans.parts(whole):
        asked = f"{path}?from={part.first}&to={part.last}"
        answer = api.get(asked)
        yield answer
        while answer["next"]:
            answer = api.get(f"{asked}&next={answer['next']}")
            yield answer


def _added(one: Document | None, other: Document) -> Document:
    if one is None:
        return other
    return {name: _sum(one[name], value) for name, value in other.items()}


def _sum(one: object, other: object) -> object:
    match one, other:
        case int(), int():
            return one + other
        case dict(), dict():
            return {name: one.get(name, 0) + other.get(name, 0) for name in one | other}
        case _:
            return other
