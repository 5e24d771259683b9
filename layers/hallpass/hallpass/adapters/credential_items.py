"""Registry items <-> tokens and people.

Rule: what an item says is what the type says; a token of another registry is void.
"""

from __future__ import annotations

from hallpass.adapters.item_reader import SCHEMA, Item, ItemReader, number, text
from hallpass.adapters.registry_items import NewItem
from hallpass.adapters.registry_keys import Key, person_key
from hallpass.domain.access import Person, Role, Token, TokenStatus
from hallpass.domain.audit import time_text


def token_item(token: Token, at: Key, home: str) -> NewItem:
    """`home`: the registry that it is issued in."""
    item: NewItem = {
        **at,
        "schema": number(SCHEMA),
        "home": text(home),
        "id": text(token.id),
        "holder_id": text(token.holder_id),
        "digest": {"B": token.digest},
        "status": text(token.status),
        "starts_at": text(time_text(token.starts_at)),
        "expires_at": text(time_text(token.expires_at)),
        "issued_at": text(time_text(token.issued_at)),
        "issued_by": text(token.issued_by),
        "generation": number(token.generation),
    }
    if token.revoked_at is not None:
        item["revoked_at"] = text(time_text(token.revoked_at))
    if token.revoked_by is not None:
        item["revoked_by"] = text(token.revoked_by)
    return item


def read_token(item: Item, home: str) -> Token:
    """`home`: the registry that it is read from. In any other, and without a home of its own, it is void."""
    reader = ItemReader(item)
    return Token(
        id=reader.text("id"),
        holder_id=reader.text("holder_id"),
        digest=reader.binary("digest"),
        status=reader.choice("status", TokenStatus),
        starts_at=reader.time("starts_at"),
        expires_at=reader.time("expires_at"),
        issued_at=reader.time("issued_at"),
        issued_by=reader.text("issued_by"),
        generation=reader.number("generation"),
        revoked_at=reader.optional_time("revoked_at"),
        revoked_by=reader.optional_text("revoked_by"),
        void=reader.optional_text("home") != home,
    )


def person_item(person: Person) -> NewItem:
    item: NewItem = {
        **person_key(person.id),
        "schema": number(SCHEMA),
        "id": text(person.id),
        "name": text(person.name),
        "role": text(person.role),
        "created_at": text(time_text(person.created_at)),
        "created_by": text(person.created_by),
    }
    if person.district_id is not None:
        item["district_id"] = text(person.district_id)
    if person.revoked_at is not None:
        item["revoked_at"] = text(time_text(person.revoked_at))
    return item


def read_person(item: Item) -> Person:
    reader = ItemReader(item)
    return Person(
        id=reader.text("id"),
        name=reader.text("name"),
        role=reader.choice("role", Role),
        district_id=reader.optional_text("district_id"),
        created_at=reader.time("created_at"),
        created_by=reader.text("created_by"),
        revoked_at=reader.optional_time("revoked_at"),
    )
