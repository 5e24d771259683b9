"""A cache policy in its one JSON shape: stored, shown and audited alike. Times are whole seconds.

Rule: strict; a shape that is not wholly a policy within its bounds is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from hallpass.domain.cache_policy import BOUNDS, LONGEST_STALE, CachePolicy, Check
from hallpass.domain.http_caching import UpstreamControl

_NAMES = frozenset(BOUNDS) | {"control", "check"}


class PolicyInvalidError(ValueError):
    """Not a policy, or not a time within its bounds. Says nothing of what it was instead."""


def policy_to_json(policy: CachePolicy) -> dict[str, int | str]:
    """`{"fresh_for": 300, ..., "control": "override", "check": "guarded"}`."""
    times: dict[str, int | str] = {name: whole_seconds(getattr(policy, name)) for name in BOUNDS}
    return {**times, "control": policy.control.value, "check": policy.check.value}


def policy_from_json(value: object) -> CachePolicy:
    """Raises PolicyInvalidError."""
    if not isinstance(value, Mapping) or value.keys() != _NAMES:
        raise PolicyInvalidError
    times = {name: time_within(value[name], *bounds) for name, bounds in BOUNDS.items()}
    try:
        return CachePolicy(**times, control=UpstreamControl(value["control"]), check=Check(value["check"]))
    except ValueError as unknown:
        raise PolicyInvalidError from unknown


def policy_words(policy: CachePolicy) -> str:
    """For the audit, in one line: `fresh_for=300 ... control=override check=guarded`."""
    return " ".join(f"{name}={value}" for name, value in policy_to_json(policy).items())


def stale_cap_of(seconds: object) -> timedelta:
    """An integration's cap on `stale_if_error`. Raises PolicyInvalidError."""
    return time_within(seconds, timedelta(0), LONGEST_STALE)


def time_within(seconds: object, least: timedelta, most: timedelta) -> timedelta:
    """Raises PolicyInvalidError for what is no whole number of seconds from `least` to `most`."""
    if type(seconds) is int and whole_seconds(least) <= seconds <= whole_seconds(most):
        return timedelta(seconds=seconds)
    raise PolicyInvalidError


def whole_seconds(time: timedelta) -> int:
    return time // timedelta(seconds=1)
