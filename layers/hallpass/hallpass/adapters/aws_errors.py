"""What an AWS client raises -> ours. Told apart by code, never by message.

Rule: a condition that did not hold is a conflict; everything else is doubt, and doubt denies.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from hallpass.domain.errors import ConflictError, UnavailableError
from hallpass.domain.failure import HallpassError

CONDITION_FAILED = "ConditionalCheckFailedException"
CANCELLED = "TransactionCanceledException"
# A transaction that met another one on the same item has lost a race, as one whose condition failed has.
_LOST_RACE = frozenset({"ConditionalCheckFailed", "TransactionConflict"})


def error_code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def aws_errors(condition_failed: type[HallpassError] = ConflictError) -> Iterator[None]:
    """Turns a failed condition into `condition_failed` and every other failure into UnavailableError."""
    try:
        yield
    except ClientError as error:
        if _condition_failed(error):
            raise condition_failed from error
        raise UnavailableError from error
    except BotoCoreError as error:
        raise UnavailableError from error


def _condition_failed(error: ClientError) -> bool:
    if error_code(error) != CANCELLED:
        return error_code(error) == CONDITION_FAILED
    reasons = error.response.get("CancellationReasons", [])
    return any(reason.get("Code") in _LOST_RACE for reason in reasons)
