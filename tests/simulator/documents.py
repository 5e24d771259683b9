"""What a test needs to look into a page: the tree, and the documented shape as a table."""

from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

CHILDREN: dict[str, tuple[str, ...]] = {
    "incidents": ("incident",),
    "incident": (
        *("date", "time", "written-by", "school", "location", "subject", "arrangement", "offense"),
        *("description", "attributes", "offenders", "victims"),
    ),
    "offenders": ("offender",),
    "offender": ("student", "injury", "offenses", "weapons", "actions"),
    "student": (
        *("name", "grade", "gender", "race", "ethnicity", "iep", "plan", "ell"),
        *("homeless", "foster", "frpl"),
    ),
    "offenses": ("offense",),
    "weapons": ("weapon",),
    "actions": ("action",),
    "action": ("name", "duration", "schedule", "details", "attributes", "assigned-by"),
    "schedule": ("event",),
    "event": ("date", "start", "end", "served"),
    "victims": ("victim",),
    "victim": ("student", "employee", "injury", "attributes"),
}
"""Documented children in document order (revision 2025-12); elements not named here are leaves."""

ATTRIBUTES: dict[str, frozenset[str]] = {
    "incidents": frozenset({"count", "page", "total-pages"}),
    "incident": frozenset({"uuid", "type", "last-modified", "bounced", "deleted"}),
    "written-by": frozenset({"datetime", "district-id"}),
    "assigned-by": frozenset({"datetime", "district-id"}),
    "student": frozenset({"district-id"}),
    "employee": frozenset({"district-id"}),
    "action": frozenset({"code", "cost"}),
    "duration": frozenset({"day-length"}),
    **dict.fromkeys(
        ("school", "location", "subject", "arrangement", "offense", "injury", "weapon"), frozenset({"code"})
    ),
    **dict.fromkeys(
        ("attributes", "offenders", "offenses", "weapons", "actions", "schedule", "victims"), frozenset({"count"})
    ),
}
"""Documented attributes by element."""


def page(body: bytes) -> Element:
    """The root of a page."""
    return fromstring(body)


def uuids(body: bytes) -> list[str]:
    """The members' uuids in order."""
    return [incident.attrib["uuid"] for incident in page(body)]


def texts(body: bytes, path: str) -> list[str]:
    """The text of every element at a path below the root."""
    return [element.text or "" for element in page(body).iterfind(path)]
