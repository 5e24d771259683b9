"""The SessionStore over DynamoDB: one item a session, under its person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hallpass.adapters.item_reader import ItemReader, text
from hallpass.adapters.registry_keys import Key, key
from hallpass.adapters.sessions_table import NewItem, SessionsTable
from hallpass.domain.audit import time_text
from hallpass.domain.sessions import Session

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoDbSessions:
    """The SessionStore port over a table with string keys `pk` and `sk`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._table = SessionsTable(client, table)

    def add_session(self, session: Session) -> None:
        members: NewItem = {
            "id": text(session.id),
            "person_id": text(session.person_id),
            "token_id": text(session.token_id),
            "digest": {"B": session.digest},
            "started_at": text(time_text(session.started_at)),
        }
        self._table.add(_key(session.person_id, session.id), session.expires_at, members)

    def session(self, person_id: str, session_id: str) -> Session | None:
        found = self._table.get(_key(person_id, session_id))
        if found is None:
            return None
        reader = ItemReader(found)
        return Session(
            id=reader.text("id"),
            person_id=reader.text("person_id"),
            token_id=reader.text("token_id"),
            digest=reader.binary("digest"),
            started_at=reader.time("started_at"),
            expires_at=reader.time("expires_at"),
            ended=reader.flag("closed", absent=True),
        )

    def end_session(self, person_id: str, session_id: str) -> None:
        self._table.close(_key(person_id, session_id))


def _key(person_id: str, session_id: str) -> Key:
    return key(f"session#{person_id}", session_id)
