"""The Registry over DynamoDB: the writing half. `registry_keys.py` has the keys.

Rule: every write carries its condition, so that the service decides a race and nobody's memory does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hallpass.adapters.aws_errors import aws_errors
from hallpass.adapters.credential_items import person_item, token_item
from hallpass.adapters.item_reader import SCHEMA, number, text
from hallpass.adapters.registry_items import NewItem, district_item, integration_item, read_integration, version_item
from hallpass.adapters.registry_keys import Key, directory_key, integration_key, person_key, person_token_key, token_key
from hallpass.adapters.registry_reads import RegistryReads
from hallpass.domain.access import District, Integration, Person, Token, TokenStatus
from hallpass.domain.audit import time_text
from hallpass.domain.errors import NotFoundError
from hallpass.domain.histories import Written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_NEW = "attribute_not_exists(pk)"
_EXISTS = "attribute_exists(pk)"
# A token that is neither revoked nor void, for `_holding`'s values. What is void can be revoked and nothing else.
_HOLDS = "#status <> :revoked AND #home = :home"
_HOLDS_NAMES = {"#status": "status", "#home": "home"}


class DynamoDbRegistry(RegistryReads):
    """The Registry port over one table with string keys `pk` and `sk`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        super().__init__(client, table)

    def add_district(self, district: District) -> None:
        entry: NewItem = {**directory_key(district.id), "schema": number(SCHEMA), "name": text(district.name)}
        self._write(self._put_new(district_item(district)), self._put_new(entry))

    def save_district(self, district: District) -> None:
        self._save(district_item(district), district.version)

    def add_integration(self, integration: Integration) -> None:
        # A transaction carries a client token, so that a repeated call does not meet its own item as a conflict.
        written = Written(integration, integration.created_at, integration.created_by)
        self._write(self._put_new(integration_item(integration)), self._put_new(version_item(written)))

    def save_integration(self, integration: Integration) -> None:
        self._save(integration_item(integration), integration.version)

    def amend_integration(self, integration: Integration, at: datetime, by: str) -> None:
        seen = {":seen": number(integration.version - 1)}
        put: Any = {
            "TableName": self._table,
            "Item": integration_item(integration),
            "ConditionExpression": "version = :seen",
            "ExpressionAttributeValues": seen,
        }
        self._write({"Put": put}, self._put_new(version_item(Written(integration, at, by))))

    def _save(self, item: NewItem, version: int) -> None:
        with aws_errors():
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="version = :seen",
                ExpressionAttributeValues={":seen": number(version - 1)},
            )

    def stop_tokens(self, integration_id: str) -> Integration:
        with aws_errors(NotFoundError):
            answer = self._client.update_item(
                TableName=self._table,
                Key=integration_key(integration_id),
                UpdateExpression="ADD token_generation :one, version :one",
                ConditionExpression=_EXISTS,
                ExpressionAttributeValues={":one": number(1)},
                ReturnValues="ALL_NEW",
            )
        return read_integration(answer["Attributes"])

    def add_token(self, token: Token, seen: Integration, ending: Token | None = None) -> None:
        writes = self.token_writes(token, seen)
        if ending is not None:
            writes.append(self._end_earlier(ending, token_key(ending.holder_id, ending.id)))
        self._write(*writes)

    def token_writes(self, token: Token, seen: Integration) -> list[Any]:
        """What adds a token, for one transaction."""
        return [
            self._put_new(token_item(token, token_key(token.holder_id, token.id), self._home)),
            self._update(
                integration_key(seen.id),
                "SET version = :next",
                "version = :seen AND token_generation = :generation",
                {
                    ":next": number(seen.version + 1),
                    ":seen": number(seen.version),
                    ":generation": number(token.generation),
                },
            ),
        ]

    def _end_earlier(self, token: Token, at: Key) -> Any:
        return self._update(
            at,
            "SET expires_at = :end",
            f"expires_at >= :end AND {_HOLDS}",
            {":end": text(time_text(token.expires_at)), **self._holding()},
            _HOLDS_NAMES,
        )

    def set_token_status(self, holder_id: str, token_id: str, status: TokenStatus) -> None:
        at = token_key(holder_id, token_id)
        if self._one(at, lambda item: item) is None:
            raise NotFoundError
        with aws_errors():
            self._client.update_item(
                TableName=self._table,
                Key=at,
                UpdateExpression="SET #status = :status",
                ConditionExpression=_HOLDS,
                ExpressionAttributeNames=_HOLDS_NAMES,
                ExpressionAttributeValues={":status": text(status), **self._holding()},
            )

    def revoke_token(self, holder_id: str, token_id: str, at: datetime, by: str) -> None:
        self._revoke(token_key(holder_id, token_id), at, by)

    def add_person(self, person: Person, token: Token) -> None:
        item = token_item(token, person_token_key(person.id, token.id), self._home)
        self._write(self._put_new(person_item(person)), self._put_new(item))

    def add_person_token(self, token: Token, ending: Token) -> None:
        at = person_token_key(token.holder_id, token.id)
        self._write(
            self._put_new(token_item(token, at, self._home)),
            self._end_earlier(ending, person_token_key(ending.holder_id, ending.id)),
            {
                "ConditionCheck": {
                    "TableName": self._table,
                    "Key": person_key(token.holder_id),
                    "ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(revoked_at)",
                }
            },
        )

    def revoke_person(self, person_id: str, at: datetime, by: str) -> None:
        # The person first: it is one write, and a token that somebody adds meanwhile is refused with the others.
        with aws_errors(NotFoundError):
            self._client.update_item(
                TableName=self._table,
                Key=person_key(person_id),
                UpdateExpression="SET revoked_at = if_not_exists(revoked_at, :at), "
                "revoked_by = if_not_exists(revoked_by, :by)",
                ConditionExpression=_EXISTS,
                ExpressionAttributeValues={":at": text(time_text(at)), ":by": text(by)},
            )
        for token in self.person_tokens(person_id):
            self._revoke(person_token_key(person_id, token.id), at, by)

    def _revoke(self, key: Key, at: datetime, by: str) -> None:
        with aws_errors(NotFoundError):
            self._client.update_item(
                TableName=self._table,
                Key=key,
                # The first revocation stays on record, however often it is said.
                UpdateExpression="SET #status = :revoked, revoked_at = if_not_exists(revoked_at, :at), "
                "revoked_by = if_not_exists(revoked_by, :by)",
                ConditionExpression=_EXISTS,
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":revoked": text(TokenStatus.REVOKED),
                    ":at": text(time_text(at)),
                    ":by": text(by),
                },
            )

    def _holding(self) -> NewItem:
        return {":revoked": text(TokenStatus.REVOKED), ":home": text(self._home)}

    def _put_new(self, item: NewItem) -> Any:
        return {"Put": {"TableName": self._table, "Item": item, "ConditionExpression": _NEW}}

    def _update(
        self, key: Key, update: str, condition: str, values: NewItem, names: Mapping[str, str] | None = None
    ) -> Any:
        parts: dict[str, Any] = {
            "TableName": self._table,
            "Key": key,
            "UpdateExpression": update,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": values,
        }
        return {"Update": {**parts, "ExpressionAttributeNames": names} if names else parts}

    def _write(self, *writes: Any) -> None:
        with aws_errors():
            self._client.transact_write_items(TransactItems=writes)
