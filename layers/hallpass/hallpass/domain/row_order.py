"""The order in which rows are shown: the source's, unless it could tell what is withheld.

Rule: under pseudonyms the key's order, under whole days that of what is shown; neither follows a time of day, nor
anything else that the view does not show.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from hallpass.domain.json_writer import RowConverter
from hallpass.domain.model import Incident
from hallpass.domain.view import FieldView


def arranged(rows: Sequence[Incident], view: FieldView) -> Sequence[Incident]:
    """Raises UnboundViewError for a pseudonymising view without its key."""
    if not view.whole_days:
        return rows
    convert = RowConverter(view).convert

    def shown(row: Incident) -> bytes:
        return orjson.dumps(convert(row))

    return view.key().in_order(rows, shown) if view.pseudonymised else sorted(rows, key=shown)
