"""The runbook of a restore: it knows every change that a restore undoes, and where the template names the registry."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import get_type_hints

from hallpass.adapters.admin_addresses import Address
from hallpass.adapters.admin_tables import Routes, addresses
from hallpass.domain.erasure import PurgeMode

from tests.docs.test_docs import ROOT, names, rows, text

ADAPTERS = ROOT / "layers/hallpass/hallpass/adapters"
RUNBOOK = text("docs/operations.md").split("## Restore the registry", 1)[1].split("\n## ", 1)[0]


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


def test_the_template_names_the_registry_in_the_three_ways_that_the_runbook_replaces() -> None:
    template = text("template.yaml")
    ways = re.findall(r"`([!$][^`]*RegistryTable[^`]*)`", RUNBOOK)
    assert sorted(ways) == ["!GetAtt RegistryTable.Arn", "!Ref RegistryTable", "${RegistryTable}"]
    for way in ways:
        template = re.sub(re.escape(way) + r"(?!\w)", "replaced", template)
    assert re.findall(r"^.*\bRegistryTable\b.*$", template, re.MULTILINE) == ["  RegistryTable:"]
