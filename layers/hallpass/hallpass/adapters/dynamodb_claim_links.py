"""The ClaimLinkStore over DynamoDB: one item a link, under its integration, beside what else an admin has for hours.

Rule: the token is written by the registry's own conditions and the link's in one transaction over both tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hallpass.adapters.aws_errors import aws_errors
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.adapters.item_reader import Item, ItemReader, flag, number, text
from hallpass.adapters.partition import items_of
from hallpass.adapters.registry_keys import Key, key
from hallpass.adapters.sessions_table import NewItem, SessionsTable
from hallpass.domain.access import Integration, Token
from hallpass.domain.audit import time_text
from hallpass.domain.claim_links import TOLD_FOR, ClaimLink
from hallpass.domain.errors import NotFoundError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_UNUSED = "attribute_exists(pk) AND attribute_not_exists(token_id)"


class DynamoDbClaimLinks:
    """The ClaimLinkStore port over a table with string keys `pk` and `sk`. `registry`: where the tokens go."""

    def __init__(self, client: DynamoDBClient, table: str, registry: DynamoDbRegistry) -> None:
        self._table = SessionsTable(client, table)
        self._registry = registry

    def add_link(self, link: ClaimLink) -> None:
        self._table.add(_key(link), link.expires_at, _members(link), TOLD_FOR)

    def link(self, integration_id: str, claim_id: str) -> ClaimLink | None:
        found = self._table.get(key(_partition(integration_id), claim_id))
        return None if found is None else _read(found)

    def links(self, integration_id: str) -> Sequence[ClaimLink]:
        items = items_of(self._table.client, self._table.table, _partition(integration_id))
        return sorted((_read(item) for item in items), key=lambda one: (one.made_at, one.id))

    def withdraw_link(self, link: ClaimLink, at: datetime, by: str) -> None:
        if self._table.get(_key(link)) is None:
            raise NotFoundError
        with aws_errors():
            self._table.client.update_item(
                TableName=self._table.table,
                Key=_key(link),
                UpdateExpression="SET withdrawn_at = if_not_exists(withdrawn_at, :at), "
                "withdrawn_by = if_not_exists(withdrawn_by, :by), closed = :yes",
                ConditionExpression=_UNUSED,
                ExpressionAttributeValues={":at": text(time_text(at)), ":by": text(by), ":yes": flag(True)},
            )

    def redeem(self, link: ClaimLink, token: Token, seen: Integration, source: str) -> None:
        values: NewItem = {
            ":at": text(time_text(token.issued_at)),
            ":source": text(source),
            ":token": text(token.id),
            ":yes": flag(True),
            ":no": flag(False),
        }
        used: Any = {
            "TableName": self._table.table,
            "Key": _key(link),
            "UpdateExpression": "SET claimed_at = :at, claimed_from = :source, token_id = :token, closed = :yes",
            "ConditionExpression": f"{_UNUSED} AND closed = :no AND expires_at > :at",
            "ExpressionAttributeValues": values,
        }
        with aws_errors():
            self._table.client.transact_write_items(
                TransactItems=[{"Update": used}, *self._registry.token_writes(token, seen)]
            )


def _partition(integration_id: str) -> str:
    return f"claims#{integration_id}"


def _key(link: ClaimLink) -> Key:
    return key(_partition(link.integration_id), link.id)


def _members(link: ClaimLink) -> NewItem:
    return {
        "id": text(link.id),
        "integration_id": text(link.integration_id),
        "digest": {"B": link.digest},
        "made_at": text(time_text(link.made_at)),
        "made_by": text(link.made_by),
        "made_with": text(link.made_with),
        "token_expires_at": text(time_text(link.token_expires_at)),
        "generation": number(link.generation),
    }


def _read(item: Item) -> ClaimLink:
    reader = ItemReader(item)
    return ClaimLink(
        id=reader.text("id"),
        integration_id=reader.text("integration_id"),
        digest=reader.binary("digest"),
        made_at=reader.time("made_at"),
        made_by=reader.text("made_by"),
        made_with=reader.text("made_with"),
        expires_at=reader.time("expires_at"),
        token_expires_at=reader.time("token_expires_at"),
        generation=reader.number("generation"),
        claimed_at=reader.optional_time("claimed_at"),
        claimed_from=reader.optional_text("claimed_from"),
        token_id=reader.optional_text("token_id"),
        withdrawn_at=reader.optional_time("withdrawn_at"),
        withdrawn_by=reader.optional_text("withdrawn_by"),
    )
