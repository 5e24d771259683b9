"""What integrations have used of their limits: one item for each in the table of notes of use.

Rule: taking is one conditional update that adds to what is there; nothing is written from what was read before. What
was last seen only chooses among the forms of that update: a wrong guess fails and tells what there is.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from hallpass.adapters.aws_errors import CONDITION_FAILED, aws_errors, error_code
from hallpass.adapters.item_reader import SCHEMA, ItemReader, number, text
from hallpass.adapters.registry_keys import key
from hallpass.domain.errors import UnavailableError
from hallpass.domain.limits import Limits
from hallpass.domain.quota import (
    UNUSED,
    WHOLE,
    Level,
    Taken,
    microseconds,
    most_ahead,
    most_spent,
    taken,
    utc_day,
    whole_takes,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# A guess, an item that rests and is of a day before, what is left of these two, which end once and for all however many
# write, and a look at a level that was filled meanwhile.
ATTEMPTS = 5
# By then the item says no more than one that is not there.
KEPT = timedelta(days=2)


class DynamoDbQuotas:
    """The Quotas port over a table with string keys `pk` and `sk`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def take(self, integration_id: str, limits: Limits, at: datetime, seen: Level) -> Taken:
        if seen == UNUSED:
            # A container that has seen nothing yet is most often the next one of a vendor that polls.
            seen = replace(UNUSED, day=utc_day(at))
        for _ in range(ATTEMPTS):
            if not taken(seen, limits, at).fits:
                return Taken(fits=False, level=seen)
            written, seen = self._add(integration_id, limits, at, seen)
            if written:
                return Taken(fits=True, level=seen)
        raise UnavailableError

    def _add(self, integration_id: str, limits: Limits, at: datetime, seen: Level) -> tuple[bool, Level]:
        """Whether one more was written, and the level that there is."""
        update, condition, values = _form(limits, at, seen)
        try:
            with aws_errors():
                answer = self._client.update_item(
                    TableName=self._table,
                    Key=key(f"quota#{integration_id}", "level"),
                    UpdateExpression=f"{update}, #schema = :schema, #ttl = :ttl",
                    ConditionExpression=condition,
                    ExpressionAttributeNames={"#schema": "schema", "#ttl": "ttl"},
                    ExpressionAttributeValues={
                        **values,
                        ":schema": number(SCHEMA),
                        ":ttl": number(int((at + KEPT).timestamp())),
                    },
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except Exception as failed:
            cause = failed.__cause__
            if not isinstance(cause, ClientError) or error_code(cause) != CONDITION_FAILED:
                raise
            there: Any = cause.response.get("Item")
            return False, _level(there) if there else UNUSED
        return True, _level(answer["Attributes"])


def _form(limits: Limits, at: datetime, seen: Level) -> tuple[str, str, dict[str, Any]]:
    """Update, condition and values that fit what was seen."""
    now, takes, day = microseconds(at), whole_takes(limits), utc_day(at)
    values = {":now": number(now), ":day": text(day.isoformat()), ":whole": number(WHOLE)}
    rests, another_day = seen.free_at <= now, seen.day < day
    if rests:
        rate, holds = "free_at = :free_at", "free_at <= :now"
        values[":free_at"] = number(now + takes)
    else:
        rate, holds = "free_at = free_at + :takes", "free_at BETWEEN :now AND :latest"
        values |= {":takes": number(takes), ":latest": number(now + most_ahead(limits) - takes)}
    if another_day:
        count, holds = "on_day = :day, spent = :whole", f"{holds} AND on_day < :day"
    else:
        count = "spent = if_not_exists(spent, :none) + :whole, on_day = if_not_exists(on_day, :day)"
        holds = f"{holds} AND on_day >= :day AND spent <= :most"
        values |= {":none": number(0), ":most": number(most_spent(limits) - WHOLE)}
    if rests:
        holds = f"attribute_not_exists(pk) OR ({holds})"
    return f"SET {rate}, {count}", holds, values


def _level(item: Any) -> Level:
    """Raises UnavailableError."""
    reader = ItemReader(item)
    return Level(reader.number("free_at"), reader.day("on_day"), reader.number("spent"))
