"""What the upstream sent and nobody documented, by district: one small item a path, and who looked into it.

Rule: a path, never a value; noting it is a convenience that never raises and that no request waits on twice a minute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from hallpass.adapters.aws_errors import CONDITION_FAILED, aws_errors, error_code
from hallpass.adapters.item_reader import SCHEMA, ItemReader, number, text
from hallpass.adapters.registry_keys import Key, key
from hallpass.domain.audit import time_text
from hallpass.domain.errors import NotFoundError
from hallpass.domain.pages import digest
from hallpass.domain.quarantine import Finding, QuarantinedPath, Review

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EVERY = timedelta(minutes=1)
MOST_NOTED_AT_ONCE = 10
"""Paths of one page that are noted; the metric counts them all."""
MOST_LISTED = 500
KEPT_FOR = timedelta(days=400)
"""A path that has not come for so long is swept."""
_MAX_NOTES = 10_000
# Of a megabyte each, as DynamoDB cuts them: some thousands of paths.
_MOST_PAGES = 10


class DynamoDbQuarantine:
    """The QuarantineWriter and QuarantineReviewer ports over a table with string keys `pk` and `sk`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table
        self._noted: dict[tuple[str, str], datetime] = {}
        self._failed_at: datetime | None = None

    def note(self, district_id: str, counts: Mapping[str, int], at: datetime) -> int:
        if self._failed_at is not None and at < self._failed_at + EVERY:
            return 0
        due = [path for path in sorted(counts) if self._is_due(district_id, path, at)]
        if len(self._noted) >= _MAX_NOTES:
            self._noted.clear()
        new = 0
        for path in due[:MOST_NOTED_AT_ONCE]:
            self._noted[district_id, path] = at
            try:
                new += self._write(district_id, path, counts[path], at)
            except (ClientError, BotoCoreError):
                # It is not asked again for a minute, whatever comes.
                self._failed_at = at
                break
        return new

    def _is_due(self, district_id: str, path: str, at: datetime) -> bool:
        noted = self._noted.get((district_id, path))
        return noted is None or at >= noted + EVERY

    def _write(self, district_id: str, path: str, nodes: int, at: datetime) -> bool:
        """Whether it was not there before."""
        answer = self._client.update_item(
            TableName=self._table,
            Key=_quarantine_key(district_id, path),
            UpdateExpression="SET #schema = :schema, #path = :path, nodes = :nodes, last_seen = :at, #ttl = :ttl, "
            "first_seen = if_not_exists(first_seen, :at)",
            ExpressionAttributeNames={"#schema": "schema", "#path": "path", "#ttl": "ttl"},
            ExpressionAttributeValues={
                ":schema": number(SCHEMA),
                ":path": text(path),
                ":nodes": number(nodes),
                ":at": text(time_text(at)),
                ":ttl": number(int((at + KEPT_FOR).timestamp())),
            },
            ReturnValues="UPDATED_OLD",
        )
        return not answer.get("Attributes")

    def quarantine(self, district_id: str) -> Sequence[QuarantinedPath]:
        found: list[QuarantinedPath] = []
        start: dict[str, Any] = {}
        for _ in range(_MOST_PAGES):
            with aws_errors():
                answer = self._client.query(
                    TableName=self._table,
                    KeyConditionExpression="pk = :pk",
                    ExpressionAttributeValues={":pk": text(f"quarantine#{district_id}")},
                    **start,
                )
            found += [_path(ItemReader(item)) for item in answer["Items"]]
            if not answer.get("LastEvaluatedKey"):
                break
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
        return sorted(found, key=lambda path: (path.last_seen, path.path), reverse=True)[:MOST_LISTED]

    def review(self, district_id: str, path: str, review: Review) -> QuarantinedPath:
        with aws_errors():
            before = self._mark(_quarantine_key(district_id, path), review)
        if before is None:
            raise NotFoundError
        return _path(ItemReader(before))

    def _mark(self, place: Key, review: Review) -> Any:
        """The item as it was; None: there is none."""
        try:
            return self._client.update_item(
                TableName=self._table,
                Key=place,
                UpdateExpression="SET reviewed_by = :by, reviewed_at = :at, reviewed_as = :as",
                # An item that is not there has no schema; one of another schema is left alone.
                ConditionExpression="#schema = :schema AND NOT (reviewed_by = :by AND reviewed_as = :as)",
                ExpressionAttributeNames={"#schema": "schema"},
                ExpressionAttributeValues={
                    ":schema": number(SCHEMA),
                    ":by": text(review.by),
                    ":at": text(time_text(review.at)),
                    ":as": text(review.finding.value),
                },
                ReturnValues="ALL_OLD",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )["Attributes"]
        except ClientError as error:
            if error_code(error) != CONDITION_FAILED:
                raise
            return error.response.get("Item")


def _path(reader: ItemReader) -> QuarantinedPath:
    return QuarantinedPath(
        reader.text("path"),
        reader.time("first_seen"),
        reader.time("last_seen"),
        reader.number("nodes"),
        _review(reader),
    )


def _review(reader: ItemReader) -> Review | None:
    by = reader.optional_text("reviewed_by")
    if by is None:
        return None
    return Review(by, reader.time("reviewed_at"), reader.choice("reviewed_as", Finding))


def _quarantine_key(district_id: str, path: str) -> Key:
    # A key stands in places that its item does not, and a name in the path could be a person's.
    return key(f"quarantine#{district_id}", digest(path.encode())[:32])
