"""The runbooks of restores: they know every change that one undoes, what is to be copied, and the template's names."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from datetime import date
from typing import get_type_hints

import pytest
from hallpass.adapters import ledger_items
from hallpass.adapters.admin_addresses import Address
from hallpass.adapters.admin_tables import Routes, addresses
from hallpass.domain.erasure import PurgeMode
from hallpass.domain.ledger import row_key

from tests.docs.test_docs import ROOT, names, rows, text

ADAPTERS = ROOT / "layers/hallpass/hallpass/adapters"
RUNBOOK = text("docs/operations.md").split("## Restore the registry", 1)[1].split("\n## ", 1)[0]
LEDGER = text("docs/operations.md").split("## Restore the ledger", 1)[1].split("\n## ", 1)[0]


def table() -> tuple[Address, ...]:
    # It asks its routes for their names alone.
    kinds = (get_type_hints(Routes)[each.name] for each in fields(Routes))
    return addresses(Routes(*(kind.__new__(kind) for kind in kinds)))


def changes() -> set[str]:
    """The action of every address that changes something, and what one is called in a special case."""
    sources = [(ADAPTERS / f"{name}.py").read_text(encoding="utf-8") for name in ("admin_routes", "admin_cache_routes")]
    special = re.findall(r'trail\.action = "([^"]+)"', "".join(sources))
    always_special = {f"district.purge-{mode}" for mode in PurgeMode}
    usual = {address.action for address in table() if address.changes} - {"district.purge"}
    return usual | always_special | set(special) - {"district.try"}


def test_the_runbook_says_of_every_change_what_is_to_be_done_after_a_restore() -> None:
    unindented = re.sub(r"^ +", "", RUNBOOK, flags=re.MULTILINE)
    told = [name for row in rows(unindented, "sort time asc") for name in names(row[0])]
    assert sorted(told) == sorted(changes())


def test_the_runbooks_query_leaves_out_every_look_and_no_change() -> None:
    left_out = re.search(r"action not like /([^/]+)/", RUNBOOK)
    assert left_out is not None
    assert [action for action in changes() if re.search(left_out[1], action)] == []
    looks = {address.action for address in table() if not address.changes}
    assert [action for action in looks if not re.search(left_out[1], action)] == []


@pytest.mark.parametrize(("runbook", "table"), [(RUNBOOK, "RegistryTable"), (LEDGER, "LedgerTable")])
def test_the_template_names_a_table_in_the_three_ways_that_its_runbook_replaces(runbook: str, table: str) -> None:
    template = text("template.yaml")
    ways = re.findall(rf"`([!$][^`]*{table}[^`]*)`", runbook)
    assert sorted(ways) == sorted([f"!GetAtt {table}.Arn", f"!Ref {table}", f"${{{table}}}"])
    for way in ways:
        template = re.sub(re.escape(way) + r"(?!\w)", "replaced", template)
    assert re.findall(rf"^.*\b{table}\b.*$", template, re.MULTILINE) == [f"  {table}:"]


def test_what_the_ledgers_runbook_names_is_in_the_template() -> None:
    template = text("template.yaml")
    made = set(re.findall(r"^  (\w+):$", template, re.MULTILINE))
    commented = re.findall(r"# (\w+Name)$", LEDGER, re.MULTILINE)
    assert commented == ["VendorApiFunctionName", "LedgerIndexFunctionName"]
    named = {*commented, *re.findall(r"`([A-Z]\w+[a-z])`", LEDGER)}
    assert len(named) > 6
    assert named - made == {"LedgerBroken"}


def test_the_ledgers_runbook_copies_every_kind_of_item_that_there_is() -> None:
    unindented = re.sub(r"^ +", "", LEDGER, flags=re.MULTILINE)
    day = date(2026, 11, 1)
    assert [names(row[1]) for row in rows(unindented, "put-item")] == [
        [ledger_items.row_partition("<district>", day).replace(day.isoformat(), "<day>")],
        [ledger_items.people_partition("<district>", "<name>")],
        [ledger_items.ACCOUNTS],
    ]
    phased = row_key({"time": "<time>", "request_id": "<request id>", "phase": "<phase>"})
    assert names(rows(unindented, "put-item")[0][2]) == [phased]
    looked_for = re.search(r"people#D1st#\w+", LEDGER)
    assert looked_for is not None
    assert looked_for[0] == ledger_items.people_partition("D1st", "NAME")


def test_the_event_that_files_again_is_json_with_a_day() -> None:
    payload = re.search(r"--payload '([^']+)'", LEDGER)
    assert payload is not None
    event = json.loads(payload[1])
    assert event == {"action": "file-again", "since": date.fromisoformat(event["since"]).isoformat()}
