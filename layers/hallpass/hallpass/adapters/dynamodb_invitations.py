"""The InvitationStore over DynamoDB: all invitations in one partition, by the person that each is for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hallpass.adapters.item_reader import Item, ItemReader, text
from hallpass.adapters.partition import items_of
from hallpass.adapters.registry_keys import Key, key
from hallpass.adapters.sessions_table import NewItem, SessionsTable
from hallpass.domain.access import Role
from hallpass.domain.audit import time_text
from hallpass.domain.sessions import Invitation

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INVITATIONS = "invitations"


class DynamoDbInvitations:
    """The InvitationStore port over a table with string keys `pk` and `sk`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._table = SessionsTable(client, table)

    def add_invitation(self, invitation: Invitation) -> None:
        self._table.add(_key(invitation.person_id), invitation.expires_at, _members(invitation))

    def invitation(self, person_id: str) -> Invitation | None:
        found = self._table.get(_key(person_id))
        return None if found is None else _read(found)

    def invitations(self) -> Sequence[Invitation]:
        found = [_read(item) for item in items_of(self._table.client, self._table.table, INVITATIONS)]
        return sorted(found, key=lambda one: (one.invited_at, one.person_id))

    def withdraw(self, person_id: str) -> None:
        self._table.close(_key(person_id))


def _key(person_id: str) -> Key:
    return key(INVITATIONS, person_id)


def _members(invitation: Invitation) -> NewItem:
    members: NewItem = {
        "person_id": text(invitation.person_id),
        "code_id": text(invitation.code_id),
        "digest": {"B": invitation.digest},
        "name": text(invitation.name),
        "role": text(invitation.role),
        "access_ends": text(time_text(invitation.access_ends)),
        "invited_at": text(time_text(invitation.invited_at)),
        "invited_by": text(invitation.invited_by),
        "invited_with": text(invitation.invited_with),
    }
    return members if invitation.district_id is None else members | {"district_id": text(invitation.district_id)}


def _read(item: Item) -> Invitation:
    reader = ItemReader(item)
    return Invitation(
        person_id=reader.text("person_id"),
        code_id=reader.text("code_id"),
        digest=reader.binary("digest"),
        name=reader.text("name"),
        role=reader.choice("role", Role),
        district_id=reader.optional_text("district_id"),
        access_ends=reader.time("access_ends"),
        invited_at=reader.time("invited_at"),
        invited_by=reader.text("invited_by"),
        invited_with=reader.text("invited_with"),
        expires_at=reader.time("expires_at"),
        withdrawn=reader.flag("closed", absent=True),
    )
