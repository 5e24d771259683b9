"""The words that rows may bear are those that the code writes: no more, and no fewer."""

from __future__ import annotations

import re
from pathlib import Path

from hallpass.adapters import admin_open_pages
from hallpass.adapters.admin_addresses import UNKNOWN
from hallpass.domain import audit_words, metrics
from hallpass.domain.audit_words import ACTIONS, problems

from tests.docs.test_restore import table

PACKAGE = Path(audit_words.__file__).parents[1]


def written() -> set[str]:
    """The actions that the code names: of the two tables of addresses, and those that an answer turns them into."""
    source = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    found = {address.action for address in table()} | {UNKNOWN}
    found |= set(admin_open_pages.ACTIONS.values()) | set(admin_open_pages.SITES.values())
    found |= set(re.findall(r'Route\("([a-z.-]+)"', source))
    found |= set(re.findall(r'\.action = "([a-z.-]+)"', source))
    found |= set(re.findall(r'action(?:: str = |=)"([a-z.-]+)"', source))
    assert 'f"district.purge-{order.mode}"' in source
    return found | {"district.purge-soft", "district.purge-hard"}


def test_every_action_is_known_and_no_other() -> None:
    assert written() == ACTIONS


def test_every_problem_is_known() -> None:
    assert problems() > metrics.REASONS
    assert {
        "unavailable",
        "internal-error",
        "upstream-credentials",
        "listing-unstable",
        "snapshot-expired",
    } <= problems()
