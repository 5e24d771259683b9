"""`hallpass translate`: a page of EducatorsHandbook.com's XML as typed JSON, lines of JSON or CSV. Asks no server.

Rule: what is not documented is left out, as the gateway does, and counted on the error stream; no value is told there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer
from hallpass.domain.csv_writer import render_csv
from hallpass.domain.json_writer import render_json, render_ndjson
from hallpass.domain.model import PageModel
from hallpass.domain.presets import ALL_DOCUMENTED_VIEW
from hallpass.domain.quarantine import unnamed
from hallpass.domain.reading import UnreadablePageError, read_page
from hallpass.domain.rendered import Rendered
from hallpass.domain.row_order import arranged
from hallpass.domain.view import FieldView, UnknownPresetError, view_of

from hallpass_cli.failures import UsageError
from hallpass_cli.whole_input import read_whole

EXAMPLES = (
    "Examples: hallpass translate page.xml · "
    "hallpass translate - --format csv --preset identified@1 < page.xml > page.csv"
)
MOST_PAGE = 64 << 20
DATASET = "offline"
_WRITERS: Mapping[str, Callable[[PageModel, FieldView], Rendered]] = {
    "json": lambda page, view: render_json(page, arranged(page.incidents, view), view, DATASET),
    "ndjson": lambda page, view: render_ndjson(arranged(page.incidents, view), view),
    "csv": lambda page, view: render_csv(arranged(page.incidents, view), view),
}


def translate(
    file: Annotated[Path, typer.Argument(help="A page as EducatorsHandbook.com sent it; - reads it from a pipe.")],
    preset: Annotated[str, typer.Option(help="Show what this preset, or list of groups, shows.")] = ALL_DOCUMENTED_VIEW,
    form: Annotated[str, typer.Option("--format", help="json, ndjson or csv.")] = "json",
) -> None:
    """Translate a page of XML, on this machine alone: no token, no network."""
    writer = _WRITERS.get(form)
    if writer is None:
        raise UsageError(f"--format is one of {', '.join(_WRITERS)}.")
    view = _view(preset)
    page = _page(file)
    rendered = writer(page, view)
    sys.stdout.buffer.write(rendered.body)
    sys.stdout.buffer.flush()
    for path, count in sorted(page.quarantine.items()):
        typer.echo(f"Left out, for it is not documented: {unnamed(path)}, {count} times.", err=True)
    if rendered.unparsed:
        typer.echo(f"Values that are not what is documented, and are null: {rendered.unparsed}.", err=True)


def _view(preset: str) -> FieldView:
    """Raises UsageError."""
    try:
        view = view_of(preset)
    except UnknownPresetError as unknown:
        raise UsageError("There is no such preset: `hallpass fields list` has them all.") from unknown
    if view.pseudonymised:
        raise UsageError("Pseudonyms are made with a key that only Hallpass has: take a preset without them.")
    return view


def _page(file: Path) -> PageModel:
    """Raises UsageError."""
    try:
        return read_page(read_whole(file, MOST_PAGE))
    except UnreadablePageError as unreadable:
        raise UsageError(f"{file} is no page of EducatorsHandbook.com's ({unreadable.reason}).") from unreadable
