"""`If-Match` (RFC 9110 section 13.1.1) over versions that are counted.

Rule: a change that was meant for another state than the present one is not made.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from hallpass.domain.errors import InvalidParametersError
from hallpass.domain.retry_errors import PreconditionRequiredError, VersionConflictError

_TAG = re.compile(r'"([0-9]{1,15})"', re.ASCII)
NAME = "If-Match"


class Match(Enum):
    """Whether an address takes the condition."""

    NEVER = auto()
    MAY = auto()
    MUST = auto()


def version_seen(header: str | None, match: Match) -> int | None:
    """The version that the change is meant for; None: whatever it is (no field where it may be left out, or `*`).

    Raises PreconditionRequiredError, InvalidParametersError.
    """
    if header is None:
        if match is Match.MUST:
            raise PreconditionRequiredError
        return None
    tag = _TAG.fullmatch(header.strip())
    if match is Match.NEVER:
        raise InvalidParametersError([{"name": NAME, "detail": "is not for this address"}])
    if header.strip() == "*":
        return None
    if tag is None:
        raise InvalidParametersError([{"name": NAME, "detail": "is one `ETag` of an answer, as it stood there, or *"}])
    return int(tag[1])


def check_version(present: int, seen: int | None) -> None:
    """Raises VersionConflictError."""
    if seen is not None and seen != present:
        raise VersionConflictError(present)
