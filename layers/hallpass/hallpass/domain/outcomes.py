"""What became of a request that may be sent again (draft-ietf-httpapi-idempotency-key-header).

Rule: a request whose end nobody knows is never made again, and what is kept can neither show a token nor tell the key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hallpass.domain.errors import InvalidParametersError
from hallpass.domain.retry_errors import KeyReusedError, OutcomeUnknownError, RequestInFlightError

KEPT_FOR: Final = timedelta(hours=24)
LONGEST_REQUEST: Final = timedelta(seconds=60)
"""No function answers later than that."""
# The draft's section 2.1 has a String of RFC 9651, in quotation marks; many clients send it bare.
_KEY = re.compile(r'("?)([0-9A-Za-z_.:-]{8,128})\1', re.ASCII)


@dataclass(frozen=True, slots=True)
class Claim:
    """A request under its key. `name`: a digest of the key; `fingerprint`: of what was asked, made with the key."""

    person_id: str
    name: str
    fingerprint: bytes
    at: datetime

    @property
    def until(self) -> datetime:
        return self.at + KEPT_FOR


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status`, `body`: of the answer; None while nobody knows."""

    fingerprint: bytes
    at: datetime
    status: int | None = None
    body: str | None = None


def claim_of(header: str, person_id: str, asked: bytes, now: datetime) -> Claim:
    """`header`: `Idempotency-Key`; `asked`: method, path and body. Raises InvalidParametersError."""
    match = _KEY.fullmatch(header.strip())
    if match is None:
        detail = "8 to 128 letters, digits and _ . : - in quotation marks, made anew for each request, such as a UUID"
        raise InvalidParametersError([{"name": "Idempotency-Key", "detail": detail}])
    key = match[2].encode("ascii")
    # Keyed, so that nobody who reads the store can try what a body held.
    return Claim(person_id, hashlib.sha256(key).hexdigest(), hmac.digest(key, asked, "sha256"), now)


def replayed(claim: Claim, found: Outcome) -> tuple[int, str]:
    """The answer of the first request under this key.

    Raises KeyReusedError when it was another request, RequestInFlightError while it may not have ended, and
    OutcomeUnknownError when it ended without anybody knowing how.
    """
    if not hmac.compare_digest(claim.fingerprint, found.fingerprint):
        raise KeyReusedError
    if found.status is not None and found.body is not None:
        return found.status, found.body
    if claim.at < found.at + LONGEST_REQUEST:
        raise RequestInFlightError
    raise OutcomeUnknownError
