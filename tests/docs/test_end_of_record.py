"""The runbook of a record's end: what it has deleted is all of a district's ledger, and nothing of another's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hallpass.domain.people import Shown

from tests.docs.test_docs import names, rows, text
from tests.ledger.conftest import Books, aws, clients, dynamodb, stored
from tests.ledger.material import AT, group, later, record, row
from tests.records import DISTRICT_ID

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["aws", "clients", "dynamodb", "stored"]
STEPS = rows(text("docs/operations.md"), "### The end of a record")
OTHER = "D1su"
FORM = re.compile(
    r"partitions that begin with `(?P<stem>[^`]+)`|partition `(?P<pk>[^`]+)`(?:, sort key `(?P<sk>[^`]+)`)?"
)


def fill(books: Books, district: str) -> None:
    people = group("1001 1002", withheld="1003", unnumbered="u-1", unidentified="1004")
    assert {level for level, _ in people.shown} == {Shown.IDENTIFIED, Shown.UNIDENTIFIED, Shown.WITHHELD}
    books.ledger.open(district, AT)
    books.ledger.keep(district, people)
    for days in (0, 40):
        told: dict[str, Any] = {
            "at": later(days=days),
            "people": people,
            "district": district,
            "integration": f"{district}Vnd1",
        }
        books.ledger.add(record(**told))
        books.index.add(district, row(**told), people)
    books.index.advance(district, later(days=41))


def items(client: DynamoDBClient, table: str) -> list[Any]:
    return [item for page in client.get_paginator("scan").paginate(TableName=table) for item in page["Items"]]


def goes(step: list[str], item: Any) -> bool:
    form = FORM.fullmatch(step[1])
    assert form is not None, step
    pk, sk = item["pk"]["S"], item["sk"]["S"]
    return pk.startswith(form["stem"]) if form["stem"] else pk == form["pk"] and form["sk"] in {None, sk}


def test_it_names_all_of_a_districts_ledger_and_nothing_of_anothers(stored: Books, dynamodb: DynamoDBClient) -> None:
    tables = {"LedgerTableName": stored.ledger._table, "DisclosureIndexTableName": stored.index._table}
    fill(stored, OTHER)
    others = {name: items(dynamodb, table) for name, table in tables.items()}
    fill(stored, DISTRICT_ID)
    for step in STEPS:
        [output] = names(step[0])
        gone = [item for item in items(dynamodb, tables[output]) if goes(step, item)]
        assert gone, f"nothing is as {step[1]}"
        for item in gone:
            dynamodb.delete_item(TableName=tables[output], Key={"pk": item["pk"], "sk": item["sk"]})
    for name, table in tables.items():
        left = sorted(items(dynamodb, table), key=str)
        assert left == sorted(others[name], key=str)


def test_the_key_goes_first() -> None:
    assert STEPS[0][:2] == ["`LedgerTableName`", f"partition `account`, sort key `{DISTRICT_ID}`"]
