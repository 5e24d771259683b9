"""Where an item of the registry is found: what belongs to a district is in its partition.

Rule: an integration's id begins with its district's, so that a token leads to its partition without a look-up.
"""

from __future__ import annotations

from hallpass.adapters.item_reader import text
from hallpass.domain.access import DISTRICT_ID_LENGTH

PEOPLE = "people"
DIRECTORY = "directory"

Key = dict[str, dict[str, str]]


def key(partition: str, sort: str) -> Key:
    return {"pk": text(partition), "sk": text(sort)}


def district_key(district_id: str) -> Key:
    return key(f"district#{district_id}", "district")


def directory_key(district_id: str) -> Key:
    return key(DIRECTORY, f"district#{district_id}")


def integration_key(integration_id: str) -> Key:
    return key(_partition(integration_id), f"integration#{integration_id}")


def version_key(integration_id: str, version: int) -> Key:
    return key(_partition(integration_id), f"version#{integration_id}#{version:010d}")


def token_key(integration_id: str, token_id: str) -> Key:
    return key(_partition(integration_id), f"token#{integration_id}#{token_id}")


def person_key(person_id: str) -> Key:
    return key(PEOPLE, f"person#{person_id}")


def person_token_key(person_id: str, token_id: str) -> Key:
    return key(PEOPLE, f"token#{person_id}#{token_id}")


def _partition(integration_id: str) -> str:
    return f"district#{integration_id[:DISTRICT_ID_LENGTH]}"
