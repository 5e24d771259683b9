"""What the docs say of the admin API is what it is: its addresses, its roles, the exit codes of its command line."""

from __future__ import annotations

import re

from hallpass.adapters.admin_addresses import Address
from hallpass.adapters.admin_words import SUMMARIES
from hallpass.adapters.dynamodb_quarantine import KEPT_FOR as QUARANTINE_KEPT
from hallpass.domain.access import Role
from hallpass.domain.outcomes import KEPT_FOR
from hallpass.domain.paging import MOST, USUAL
from hallpass.domain.quarantine import Finding
from hallpass.domain.sessions import INVITATION_LIFE, SESSION_LIFE
from hallpass_cli import failures

from tests.docs.test_docs import names, rows, text
from tests.docs.test_restore import table

PAGE = text("docs/admin-api.md")


def test_every_address_is_documented_and_whether_an_auditor_may() -> None:
    told = [(row[0].strip("`"), row[1], row[2]) for row in rows(PAGE, "## Addresses")]
    coded = [(_spelt(each), SUMMARIES[each.action], "yes" if each.auditor else "no") for each in table()]
    assert told == coded


def _spelt(address: Address) -> str:
    return f"{address.method} " + re.sub("<(.+?)_id>", r"{\1}", address.rule.removeprefix("/admin/v1"))


def test_every_role_is_documented() -> None:
    assert [names(row[0]) for row in rows(PAGE, "## Who may do what")] == [[role.value] for role in Role]


def test_the_numbers_of_the_docs_are_the_codes() -> None:
    assert f"(1 to {MOST}; {USUAL} unless said)" in PAGE
    assert (SESSION_LIFE.total_seconds(), "half an hour" in PAGE) == (1800, True)
    assert f"holds {INVITATION_LIFE.total_seconds() / 3600:.0f} hours" in PAGE
    assert f"within {KEPT_FOR.total_seconds() / 3600:.0f} hours" in PAGE


def test_everything_that_a_review_can_say_is_documented() -> None:
    told = [names(row[0]) for row in rows(text("docs/districts.md"), "A review releases nothing:")]
    assert told == [[finding.value] for finding in Finding]
    assert all(f"`{finding.value}`" in PAGE for finding in Finding)
    assert f"has not come for {QUARANTINE_KEPT.days} days" in " ".join(text("docs/districts.md").split())


def test_every_exit_code_is_documented() -> None:
    told = {int(row[0]): row[1] for row in rows(text("docs/districts.md"), "## The command itself")}
    kinds = (failures.CommandError, failures.UsageError, failures.UnreachableError, failures.AwsError)
    assert set(told) == {0, *(kind.exit_code for kind in kinds)}
