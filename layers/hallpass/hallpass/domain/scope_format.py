"""A scope as JSON: the one shape of admin bodies, registry items and the answer about a token.

Rule: strict. An unknown key, a second spelling or a missing part is refused, and what is refused is
named by its field, never by its value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import assert_never

from hallpass.domain.custom_fields import CustomFields, custom_fields, is_custom
from hallpass.domain.field_groups import Numbers, Victims
from hallpass.domain.presets import PRESETS
from hallpass.domain.schema import REVISIONS, Group
from hallpass.domain.school_code import MAX_SCHOOL_CODE, is_school_code
from hallpass.domain.scope import (
    AllSchools,
    DateRange,
    IncidentType,
    RollingWindow,
    Rows,
    Schools,
    Scope,
    ScopeInvalidError,
    Unbounded,
    Window,
)
from hallpass.domain.values import read_day

MAX_SCHOOLS = 2_000
# In an audit line, which is under a kilobyte.
MOST_TOLD = 20

Json = str | int | bool | list[str] | dict[str, "Json"]


def scope_from_json(value: object) -> Scope:
    """Reads `{"rows": {"types", "schools", "window", "deleted"}, "fields"}`. Raises ScopeInvalidError.

    `fields`: a preset's name, or `{"groups", "victims", "numbers"}` with, unless the newest is meant, `"revision"`.
    """
    parts = _object(value, "scope", ("rows", "fields"))
    rows = _object(parts["rows"], "rows", ("types", "schools", "window", "deleted"))
    deleted = rows["deleted"]
    if not isinstance(deleted, bool):
        raise ScopeInvalidError("rows.deleted", "is true or false")
    read = Rows(_types(rows["types"]), _schools(rows["schools"]), _window(rows["window"]), deleted)
    return Scope(read, _fields(parts["fields"]))


def scope_to_json(scope: Scope) -> dict[str, Json]:
    """The shape that `scope_from_json` reads; equal scopes come out equal, in one order."""
    rows = scope.rows
    schools: Json = "all" if isinstance(rows.schools, AllSchools) else sorted(rows.schools)
    return {
        "rows": {
            "types": [kind.value for kind in IncidentType if kind in rows.types],
            "schools": schools,
            "window": _window_to_json(rows.window),
            "deleted": rows.deleted,
        },
        "fields": fields_to_json(scope.fields),
    }


def fields_to_json(fields: str) -> Json:
    """A preset's name, or a list of groups as an object with its revision."""
    if not is_custom(fields):
        return fields
    custom = custom_fields(fields)
    return {
        "groups": [group.value for group in Group if group in custom.groups],
        "victims": custom.victims.value,
        "numbers": custom.numbers.value,
        "revision": custom.revision,
    }


def scope_words(scope: Scope) -> str:
    """A scope in one short line, for the audit: which rows and which fields. Many schools are counted."""
    rows, window = scope.rows, _window_to_json(scope.rows.window)
    dates = window if isinstance(window, str) else "/".join(str(part) for part in dict(window).values())  # type: ignore[arg-type]
    types = ",".join(kind.value for kind in IncidentType if kind in rows.types)
    deleted = "with" if rows.deleted else "without"
    return f"types={types} schools={schools_words(rows.schools, ',')} window={dates} {deleted}-deleted {scope.fields}"


def schools_words(schools: Schools, separator: str) -> str:
    """The codes up to MOST_TOLD of them; `all`; or how many there are."""
    if isinstance(schools, AllSchools):
        return "all"
    return separator.join(sorted(schools)) if len(schools) <= MOST_TOLD else f"({len(schools)})"


def day_from_json(value: object, field: str) -> date:
    """A date written `YYYY-MM-DD` in ASCII digits and no other way. Raises ScopeInvalidError."""
    day = read_day(value) if isinstance(value, str) else None
    if day is None:
        raise ScopeInvalidError(field, "is a date written YYYY-MM-DD")
    return day


def _object(value: object, field: str, keys: tuple[str, ...]) -> Mapping[str, object]:
    if not isinstance(value, dict) or set(value) != set(keys):
        raise ScopeInvalidError(field, f"is an object of exactly {', '.join(keys)}")
    return value


def _fields(value: object) -> str:
    rule = f"is one of {', '.join(PRESETS)}, or an object of groups, victims and numbers"
    if isinstance(value, str) and value in PRESETS:
        return value
    if not isinstance(value, dict):
        raise ScopeInvalidError("fields", rule)
    parts = _object({"revision": REVISIONS[-1], **value}, "fields", ("groups", "victims", "numbers", "revision"))
    names = _texts(parts["groups"], "fields.groups", f"is a list of {', '.join(Group)}, each once")
    if not set(names) <= set(Group):
        raise ScopeInvalidError("fields.groups", f"is a list of {', '.join(Group)}, each once")
    victims = _choice(parts["victims"], "fields.victims", tuple(Victims))
    numbers = _choice(parts["numbers"], "fields.numbers", tuple(Numbers))
    revision = _choice(parts["revision"], "fields.revision", REVISIONS)
    return CustomFields(frozenset(map(Group, names)), Victims(victims), Numbers(numbers), revision).name


def _choice(value: object, field: str, choices: Sequence[str]) -> str:
    if isinstance(value, str) and value in choices:
        return value
    raise ScopeInvalidError(field, f"is one of {', '.join(choices)}")


def _types(value: object) -> frozenset[IncidentType]:
    names = _texts(value, "rows.types", f"is a list of {', '.join(IncidentType)}, each once")
    if not set(names) <= set(IncidentType):
        raise ScopeInvalidError("rows.types", f"is a list of {', '.join(IncidentType)}, each once")
    return frozenset(IncidentType(name) for name in names)


def _schools(value: object) -> Schools:
    if value == "all":
        return AllSchools()
    rule = (
        f'is "all" alone, or a list of up to {MAX_SCHOOLS} school codes, each once, '
        f"of 1 to {MAX_SCHOOL_CODE} characters without white space"
    )
    codes = _texts(value, "rows.schools", rule)
    if len(codes) > MAX_SCHOOLS or any(not is_school_code(code) for code in codes):
        raise ScopeInvalidError("rows.schools", rule)
    return frozenset(codes)


def _texts(value: object, field: str, rule: str) -> list[str]:
    if not isinstance(value, list):
        raise ScopeInvalidError(field, rule)
    texts = [item for item in value if isinstance(item, str)]
    if len(set(texts)) != len(value):
        raise ScopeInvalidError(field, rule)
    return texts


def _window(value: object) -> Window:
    if value == "unbounded":
        return Unbounded()
    if isinstance(value, dict) and set(value) == {"from", "to"}:
        return DateRange(day_from_json(value["from"], "rows.window.from"), day_from_json(value["to"], "rows.window.to"))
    if isinstance(value, dict) and set(value) == {"days"}:
        days = value["days"]
        if isinstance(days, int) and not isinstance(days, bool):
            return RollingWindow(days)
        raise ScopeInvalidError("rows.window.days", "is a number from 1 to 3660")
    raise ScopeInvalidError("rows.window", 'is an object of from and to, an object of days, or "unbounded"')


def _window_to_json(window: Window) -> Json:
    match window:
        case DateRange():
            return {"from": window.first.isoformat(), "to": window.last.isoformat()}
        case RollingWindow():
            return {"days": window.days}
        case Unbounded():
            return "unbounded"
        case _:
            assert_never(window)
