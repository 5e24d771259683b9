"""A page as the documented, typed model: what every scoped view is rendered from, and how it is stored.

Rule: an incident is nested dicts in the source's order, keyed by JSON names, holding the source's own characters.
A coded element always has `code` and `name`; None as a code means that the attribute was absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast

import orjson

MODEL_SCHEMA = 1

Node: TypeAlias = "str | list[Node] | dict[str, Node] | None"
Incident: TypeAlias = "dict[str, Node]"


@dataclass(frozen=True, slots=True)
class PageModel:
    """A page. `count` is what the upstream's root says, whatever it means by it; `quarantine` is path -> how often.

    Incidents are shared, not copied: nobody changes one.
    """

    count: int
    page: int
    total_pages: int
    incidents: tuple[Incident, ...]
    quarantine: Mapping[str, int]


class UnknownModelError(ValueError):
    """Stored bytes that are no model, or one of another schema version: to be read from the upstream again."""


def dump_model(model: PageModel) -> bytes:
    """The stored form: JSON, the same bytes for the same model, with its schema version inside."""
    return orjson.dumps(
        {
            "schema": MODEL_SCHEMA,
            "count": model.count,
            "page": model.page,
            "total_pages": model.total_pages,
            "quarantine": dict(sorted(model.quarantine.items())),
            "incidents": model.incidents,
        }
    )


def load_model(data: bytes) -> PageModel:
    """The model of stored bytes. Raises UnknownModelError."""
    try:
        stored: object = orjson.loads(data)
    except orjson.JSONDecodeError:
        stored = None
    match stored:
        case {
            "schema": int(schema),
            "count": int(count),
            "page": int(page),
            "total_pages": int(total_pages),
            "incidents": list(incidents),
            "quarantine": dict(quarantine),
        } if schema == MODEL_SCHEMA:
            return PageModel(count, page, total_pages, tuple(cast("list[Incident]", incidents)), quarantine)
        case _:
            raise UnknownModelError("not a page model of this schema version")


def _text(node: Node) -> str | None:
    return node if isinstance(node, str) else None


def incident_uuid(incident: Incident) -> str | None:
    return _text(incident.get("uuid"))


def incident_type(incident: Incident) -> str | None:
    """One of the documented types: the reader lets no other through."""
    return _text(incident.get("type"))


def incident_date(incident: Incident) -> str | None:
    """The date in the upstream's spelling, not checked to be one."""
    return _text(incident.get("date"))


def incident_school(incident: Incident) -> str | None:
    school = incident.get("school")
    return _text(school.get("code")) if isinstance(school, dict) else None


def incident_deleted(incident: Incident) -> bool:
    """A deleted incident carries the attribute; "0" is the one value that denies it."""
    return incident.get("deleted", "0") != "0"


def incident_last_modified(incident: Incident) -> str | None:
    """In the upstream's spelling, not checked to be a time."""
    return _text(incident.get("last_modified"))
