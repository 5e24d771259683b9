"""How much a vendor may ask for: what a district sets for an integration, within bounds.

Rule: a limit slows a vendor down; whoever means to shut one out pauses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from hallpass.domain.values import Json


@dataclass(frozen=True, slots=True)
class Limits:
    """`per_minute`: requests, in the long run. `burst`: requests at once, after a rest. `pages_a_day`: of UTC.

    A request is a whole one when the upstream was asked for it, else a tenth of one: see quota.py.
    """

    per_minute: int = 60
    burst: int = 60
    pages_a_day: int = 5_000


LIMIT_BOUNDS: Mapping[str, tuple[int, int]] = {
    "per_minute": (1, 6_000),
    "burst": (1, 6_000),
    "pages_a_day": (1, 1_000_000),
}


class LimitsInvalidError(ValueError):
    """What was stored are no limits."""


def limits_to_json(limits: Limits) -> dict[str, int]:
    return {each.name: getattr(limits, each.name) for each in fields(limits)}


def limits_from_json(value: Json) -> Limits:
    """Raises LimitsInvalidError."""
    if not isinstance(value, Mapping) or value.keys() != LIMIT_BOUNDS.keys():
        raise LimitsInvalidError
    numbers = {name: number for name, number in value.items() if type(number) is int and _allowed(name, number)}
    if len(numbers) != len(LIMIT_BOUNDS):
        raise LimitsInvalidError
    return Limits(**numbers)


def limits_words(limits: Limits) -> str:
    """For the audit."""
    return " ".join(f"{name}={number}" for name, number in limits_to_json(limits).items())


def _allowed(name: str, number: int) -> bool:
    least, most = LIMIT_BOUNDS[name]
    return least <= number <= most
