"""The registry's reading half, over DynamoDB: one consistent read for each question.

Rule: every read is consistent and nothing is kept between requests, so that what was revoked is refused next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from hallpass.adapters.aws_errors import CANCELLED, aws_errors, error_code
from hallpass.adapters.credential_items import read_person, read_token
from hallpass.adapters.item_reader import Item
from hallpass.adapters.partition import items_of
from hallpass.adapters.registry_items import read_district, read_integration, read_version
from hallpass.adapters.registry_keys import (
    DIRECTORY,
    PEOPLE,
    Key,
    district_key,
    integration_key,
    person_key,
    person_token_key,
    token_key,
)
from hallpass.domain.access import (
    DISTRICT_ID_LENGTH,
    District,
    Integration,
    PassRecord,
    Person,
    PersonRecord,
    Token,
)
from hallpass.domain.errors import UnavailableError
from hallpass.domain.histories import Written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_Read = TypeVar("_Read")


class RegistryReads:
    """The readers of the Registry port. Raises UnavailableError."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table
        # A restore makes a table of another name, or in another region: what it holds was issued elsewhere.
        self._home = f"{client.meta.region_name}/{table}"

    def find_pass(self, integration_id: str, token_id: str) -> PassRecord | None:
        # The district's id is the head of the integration's: one request finds all three.
        found = self._together(
            token_key(integration_id, token_id),
            integration_key(integration_id),
            district_key(integration_id[:DISTRICT_ID_LENGTH]),
        )
        if found is None:
            return None
        token, integration, district = found
        return PassRecord(self._token(token), read_integration(integration), read_district(district))

    def find_person(self, person_id: str, token_id: str) -> PersonRecord | None:
        found = self._together(person_token_key(person_id, token_id), person_key(person_id))
        if found is None:
            return None
        token, person = found
        return PersonRecord(self._token(token), read_person(person))

    def district(self, district_id: str) -> District | None:
        return self._one(district_key(district_id), read_district)

    def districts(self) -> Sequence[District]:
        directory = self._all(DIRECTORY, "district#", lambda item: str(item["sk"]["S"]).removeprefix("district#"))
        listed = [self.district(district_id) for district_id in directory]
        return [district for district in listed if district is not None]

    def integration(self, integration_id: str) -> Integration | None:
        return self._one(integration_key(integration_id), read_integration)

    def integrations(self, district_id: str) -> Sequence[Integration]:
        found = self._all(f"district#{district_id}", "integration#", read_integration)
        return sorted(found, key=lambda integration: (integration.created_at, integration.id))

    def integration_history(self, integration_id: str) -> Sequence[Written]:
        return self._all(f"district#{integration_id[:DISTRICT_ID_LENGTH]}", f"version#{integration_id}#", read_version)

    def tokens(self, holder_id: str) -> Sequence[Token]:
        return self._tokens(f"district#{holder_id[:DISTRICT_ID_LENGTH]}", holder_id)

    def people(self) -> Sequence[Person]:
        found = self._all(PEOPLE, "person#", read_person)
        return sorted(found, key=lambda person: (person.created_at, person.id))

    def person_tokens(self, person_id: str) -> Sequence[Token]:
        return self._tokens(PEOPLE, person_id)

    def _tokens(self, partition: str, holder_id: str) -> Sequence[Token]:
        found = self._all(partition, f"token#{holder_id}#", self._token)
        return sorted(found, key=lambda token: (token.issued_at, token.id))

    def _token(self, item: Item) -> Token:
        return read_token(item, self._home)

    def _one(self, at: Key, read: Callable[[Item], _Read]) -> _Read | None:
        with aws_errors():
            item = self._client.get_item(TableName=self._table, Key=at, ConsistentRead=True).get("Item")
        return None if item is None else read(item)

    def _all(self, partition: str, prefix: str, read: Callable[[Item], _Read]) -> list[_Read]:
        return [read(item) for item in items_of(self._client, self._table, partition, prefix)]

    def _together(self, *keys: Key) -> list[Item] | None:
        """All the items of one moment, or None unless every one exists."""
        gets: Any = [{"Get": {"TableName": self._table, "Key": key}} for key in keys]
        with aws_errors(UnavailableError):
            answers = self._transact_get(gets)
        items = [answer["Item"] for answer in answers if answer.get("Item")]
        return items if len(items) == len(keys) else None

    def _transact_get(self, gets: Any) -> Sequence[Any]:
        try:
            return self._client.transact_get_items(TransactItems=gets)["Responses"]
        except ClientError as error:
            if error_code(error) != CANCELLED:
                raise
        # It met a write of one of its items, which is over in milliseconds; boto3 does not try this again.
        return self._client.transact_get_items(TransactItems=gets)["Responses"]
