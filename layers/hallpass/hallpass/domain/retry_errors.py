"""What a write ends with that was made over another state, or that was sent before.

HallpassError
├── VersionConflictError        412 version-conflict
├── PreconditionRequiredError   428 precondition-required
├── KeyReusedError              422 key-reused
└── ConflictError (errors.py)   409 RequestInFlightError request-in-flight, OutcomeUnknownError outcome-unknown
"""

from __future__ import annotations

from hallpass.domain.errors import ConflictError
from hallpass.domain.failure import HallpassError, Retry


class VersionConflictError(HallpassError):
    """RFC 9110 section 15.5.13. `version`: the present one, as `ETag` tells it."""

    status = 412
    slug = "version-conflict"
    title = "The record has changed since you read it"

    def __init__(self, version: int) -> None:
        super().__init__(
            "Somebody wrote it meanwhile. Read it again, look at what changed, and send your change with its `ETag`.",
            members={"version": version},
            headers=[("ETag", version_tag(version))],
        )


class PreconditionRequiredError(HallpassError):
    """RFC 6585 section 3."""

    status = 428
    slug = "precondition-required"
    title = "This change needs `If-Match`: the `ETag` of what you read"


class KeyReusedError(HallpassError):
    status = 422
    slug = "key-reused"
    title = "This `Idempotency-Key` was sent with another request: make a new one"


class RequestInFlightError(ConflictError):
    slug = "request-in-flight"
    title = "The first request under this `Idempotency-Key` may still be answered"
    retry = Retry.AFTER

    def __init__(self) -> None:
        super().__init__(headers=[("Retry-After", "5")])


class OutcomeUnknownError(ConflictError):
    slug = "outcome-unknown"
    title = "What became of the first request under this `Idempotency-Key` is not known: look, then use a new key"


def version_tag(version: int) -> str:
    return f'"{version}"'
