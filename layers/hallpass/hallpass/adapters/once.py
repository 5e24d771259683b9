"""A request that makes something is made once under its `Idempotency-Key`, however often it is sent.

Rule: the key is taken before anything is made; a refusal gives it back, and whatever else went wrong keeps it. What is
kept of an answer has no token in it: who missed the text is told how to get another.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from hallpass.desk_ports import OutcomeStore
from hallpass.domain.errors import UnavailableError
from hallpass.domain.failure import HallpassError
from hallpass.domain.http import HttpResponse
from hallpass.domain.outcomes import Claim, replayed

SHOWN_ONCE = ("token", "code", "claim", "claim_url_path")
ADVICE = "The text was in the first answer alone. Whoever missed it revokes or withdraws this one, and makes another."
REPLAYED = ("Idempotent-Replayed", "true")
_JSON = ("Content-Type", "application/json")


def answer_once(outcomes: OutcomeStore, claim: Claim, now: datetime, make: Callable[[], HttpResponse]) -> HttpResponse:
    """`make`'s answer, or what it was the first time. Raises what `make` and `replayed` raise, UnavailableError."""
    found = outcomes.claim(claim, now)
    if found is not None:
        status, body = replayed(claim, found)
        return HttpResponse(status, (_JSON, REPLAYED), body.encode())
    try:
        response = make()
    except HallpassError as refused:
        if refused.status < 500:
            with suppress(UnavailableError):
                outcomes.release(claim)
        raise
    # It is made: that it cannot be kept is no reason to hide it. Who sends it again hears that nobody knows.
    with suppress(UnavailableError):
        outcomes.finish(claim, response.status, without_secrets(response.body))
    return response


def without_secrets(body: bytes) -> str:
    document = json.loads(body)
    shown = [name for name in SHOWN_ONCE if isinstance(document.get(name), str)]
    hidden = dict.fromkeys(shown) | {"advice": ADVICE} if shown else {}
    return json.dumps(document | hidden, separators=(",", ":"))
