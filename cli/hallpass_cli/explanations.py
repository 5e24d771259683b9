"""`hallpass explain`: what a vendor's request would be answered, and why. Nothing is asked for and nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from hallpass.domain.query import Format

from hallpass_cli.api import Document, connect
from hallpass_cli.integrations import IntegrationId, integration_path
from hallpass_cli.output import AsJson, show_json, show_one, show_rows

EXAMPLES = (
    'Examples: hallpass explain D1stVnd1 "type=referral&page=2" · '
    'hallpass explain D1stVnd1 "from=2026-01-01&to=2026-01-31" --format csv --token Tok1'
)
Query = Annotated[str, typer.Argument(help="The query as it stands in the address after the question mark.")]
Token = Annotated[str | None, typer.Option(help="As this token of the integration, by its id.")]


def explain(
    integration: IntegrationId,
    query: Query = "",
    form: Annotated[Format, typer.Option("--format", help="Of /v1/incidents.")] = Format.JSON,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a request would be answered now: from the cache or not, which rows and fields, or which refusal."""
    body: dict[str, Any] = {"query": query.removeprefix("?"), "format": form.value}
    if token is not None:
        body["token"] = token
    told = connect().post(f"{integration_path(integration)}/explain", body)
    if as_json:
        show_json(told)
    else:
        _show(told)


def _show(told: Document) -> None:
    show_one([*_refusal(told["refusal"]), *_cache(told), *_rows(told["rows"])])
    if told["fields"]:
        typer.echo()
        lines = [
            {"group": line["group"], "shown": ", ".join(line["shown"]), "withheld": ", ".join(line["withheld"])}
            for line in told["fields"]
        ]
        show_rows(("group", "shown", "withheld"), lines, "")


def _refusal(refusal: Document | None) -> Iterator[tuple[str, object]]:
    if refusal is None:
        yield "answer", "200, unless the upstream or a limit says otherwise"
        return
    yield "answer", f"{refusal['status']} {refusal['type'].rpartition(':')[2]}"
    yield "", refusal["title"]
    if refusal["detail"] != refusal["title"]:
        yield "", refusal["detail"]
    for entry in refusal.get("errors", []):
        yield "", f"{entry['name']}: {entry['detail']}"


def _cache(told: Document) -> Iterator[tuple[str, object]]:
    listing, cache = told["listing"], told["cache"]
    if listing is not None:
        yield "list", listing["query"] or "without parameters"
        yield "page", told["page"]
        yield "cache key", listing["key"]
    if cache is not None:
        yield "found", cache["found"]
        yield "", cache["why"]
        for name, title in (("snapshot", "snapshot"), ("read_at", "read at"), ("total_pages", "pages in all")):
            if cache[name] is not None:
                yield title, cache[name]
        if cache["fresh_for_seconds"] is not None:
            yield "seconds that it is still fresh", cache["fresh_for_seconds"]
        yield "computed before", "yes" if cache["computed_before"] else "no"


def _rows(rows: Document | None) -> Iterator[tuple[str, object]]:
    if rows is None:
        return
    yield "incidents on the page", rows["on_page"]
    yield "shown", rows["shown"]
    for removed in rows["removed"]:
        yield "", f"{removed['rows']} left out: {removed['words']}"
    yield "persons shown", rows["persons"]
