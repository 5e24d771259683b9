"""The items of the ledger and of its index, and their keys.

Rule: no key holds a number, a name or a uuid; a person is a mark, which only the district's key can make again.

ledger  row      pk row#<district>#<day>         sk <time>#<request id>#<phase>    the audit record's own fields
        people   pk people#<district>#<name>     sk <number of the part>           a set of persons
        account  pk account                      sk <district>                     the sealed key of its marks
index   person   pk person#<district>#<mark>     sk <day>#<recipient>#<people>; `seen`
        answer   pk answer#<district>#<people>   sk <day>#<recipient>#<row>        the row once more
        nobody   pk unnumbered#<district>#<kind> sk <mark of an incident>
        vendor   pk received#<district>          sk <recipient>#<day>#<fields>
        until    pk until                        sk <district>
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from hallpass.adapters.item_reader import SCHEMA, number, text
from hallpass.adapters.registry_keys import Key, key
from hallpass.domain.codec import chunks_of
from hallpass.domain.errors import UnavailableError
from hallpass.domain.ledger import Appearance, Received, Row, RowFacts, recipient_of
from hallpass.domain.people import DISCLOSED, LEVELS, MARK_BYTES, People, Person, Shown

ACCOUNTS, UNTIL, SEEN = "account", "until", "seen"

Item = Mapping[str, Any]


def row_partition(district_id: str, day: date) -> str:
    return f"row#{district_id}#{day.isoformat()}"


def row_item(where: Key, facts: RowFacts) -> dict[str, Any]:
    """`facts` beside the key: texts and whole numbers."""
    told = {name: text(value) if isinstance(value, str) else number(value) for name, value in facts.items()}
    return {**where, "schema": number(SCHEMA), **told}


def row_of(sort: str, item: Item) -> Row:
    """Raises UnavailableError for an item that is no row: nothing is told of a ledger in doubt."""
    facts: dict[str, str | int] = {}
    for name, value in item.items():
        if name in ("pk", "sk", "schema"):
            continue
        match value:
            case {"S": str(told)}:
                facts[name] = told
            case {"N": str(told)} if told.lstrip("-").isdigit():
                facts[name] = int(told)
            case _:
                raise UnavailableError
    if item.get("schema") != number(SCHEMA) or not isinstance(facts.get("time"), str):
        raise UnavailableError
    return Row(sort, facts)


def people_partition(district_id: str, name: str) -> str:
    return f"people#{district_id}#{name}"


def people_parts(people: People) -> list[bytes]:
    """How many there are at each level, then the marks: an empty set has a part too."""
    parts = [*(people.at(level) for level in LEVELS), *(people.without_number(person) for person in Person)]
    return chunks_of(_HEAD.pack(*map(len, parts)) + b"".join(b"".join(part) for part in parts))


def people_of_parts(whole: bytes) -> People | None:
    """None for what no set comes to."""
    if len(whole) < _HEAD.size:
        return None
    counts = _HEAD.unpack_from(whole)
    if len(whole) != _HEAD.size + MARK_BYTES * sum(counts):
        return None
    marks = iter([whole[at : at + MARK_BYTES] for at in range(_HEAD.size, len(whole), MARK_BYTES)])
    parts = [tuple(next(marks) for _ in range(count)) for count in counts]
    shown = tuple((level, held) for level, held in zip(LEVELS, parts[: len(LEVELS)], strict=True) if held)
    unnumbered = tuple((person, held) for person, held in zip(Person, parts[len(LEVELS) :], strict=True) if held)
    return People(shown, unnumbered)


_HEAD = struct.Struct(f">{len(LEVELS) + len(Person)}I")


def person_partition(district_id: str, mark: bytes) -> str:
    return f"person#{district_id}#{mark.hex()}"


def answer_key(district_id: str, people: str, row: Row, day: date) -> Key:
    return key(answer_partition(district_id, people), f"{answer_stem(day, recipient_of(row.facts))}{row.key}")


def answer_partition(district_id: str, people: str) -> str:
    return f"answer#{district_id}#{people}"


def answer_stem(day: date, recipient: str) -> str:
    return f"{day.isoformat()}#{recipient}#"


def person_items(district_id: str, people: People, day: date, recipient: str) -> Iterator[dict[str, Any]]:
    """What is filed of a set that somebody received on a day."""
    yield from seen_items(district_id, people, levels=(Shown.WITHHELD,))
    for level in DISCLOSED:
        for mark in people.at(level):
            told = {"schema": number(SCHEMA), "shown": text(level.value)}
            where = key(person_partition(district_id, mark), f"{answer_stem(day, recipient)}{people.name}")
            yield {**where, **told}
    for person, marks in people.unnumbered:
        for mark in marks:
            yield {**key(unnumbered_partition(district_id, person), mark.hex()), "schema": number(SCHEMA)}


def seen_items(district_id: str, people: People, levels: Iterable[Shown] = LEVELS) -> Iterator[dict[str, Any]]:
    """Of persons who stood on a page, whatever was sent of it."""
    for level in levels:
        for mark in people.at(level):
            yield {**key(person_partition(district_id, mark), SEEN), "schema": number(SCHEMA)}


def unnumbered_partition(district_id: str, person: Person) -> str:
    return f"unnumbered#{district_id}#{person.value}"


def received_partition(district_id: str) -> str:
    return f"received#{district_id}"


def received_item(district_id: str, row: Row, day: date) -> dict[str, Any]:
    """That the recipient received incidents under these fields on that day."""
    sort = f"{recipient_of(row.facts)}#{day.isoformat()}#{row.text('fields_preset') or ''}"
    return {**key(received_partition(district_id), sort), "schema": number(SCHEMA)}


def received_of(item: Item) -> Received:
    """Raises UnavailableError."""
    try:
        integration, day, fields = item["sk"]["S"].split("#", 2)
        return Received(integration, date.fromisoformat(day), fields)
    except (KeyError, ValueError) as broken:
        raise UnavailableError from broken


def appearance_of(item: Item) -> Appearance:
    """Raises UnavailableError."""
    try:
        day, recipient, people = item["sk"]["S"].split("#")
        return Appearance(date.fromisoformat(day), recipient, people, Shown(item["shown"]["S"]))
    except (KeyError, ValueError) as broken:
        raise UnavailableError from broken
