"""The order in which rows are shown: the source's, unless it could tell what is withheld.

Rule: under pseudonyms the key's order, under whole days that of what is shown; neither follows a time of day, nor
anything else that the view does not show.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from hallpass.domain.json_writer import RowConverter
from hallpass.domain.model import Incident, incident_uuid
from hallpass.domain.view import FieldView

_ID = "incident/@uuid"


def arranged(rows: Sequence[Incident], view: FieldView) -> Sequence[Incident]:
    """Raises UnboundViewError for a pseudonymising view without its key."""
    if not view.whole_days:
        return rows
    convert = RowConverter(view).convert

    def shown(row: Incident) -> bytes:
        return orjson.dumps(convert(row))

    if not view.pseudonymised:
        return sorted(rows, key=shown)
    return view.key().in_order(rows, _id_of if view.shows(_ID) else _nameless, shown)


def _id_of(row: Incident) -> str:
    return incident_uuid(row) or ""


def _nameless(_row: Incident) -> str:
    return ""
