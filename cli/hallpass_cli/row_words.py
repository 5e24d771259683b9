"""What may be asked of rows and lines, checked before anything is asked.

Rule: what no record can bear is a mistake, and not an answer without rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches

from hallpass.domain.audit_words import ACTIONS, problems

from hallpass_cli.failures import UsageError

NO_DISTRICT = "none"
_INTEGRATION = re.compile(r"[0-9A-Za-z]{8}", re.ASCII)
_ID = re.compile(r"[0-9A-Za-z]{4,8}", re.ASCII)
_STATUS = re.compile(r"[1-5](xx|[0-9]{2})", re.ASCII)


def check(district: str | None, asked: Mapping[str, str | None]) -> None:
    """`asked`: what fields of a row have to say, by name. Raises UsageError for what no row there can hold."""
    _check_integration(district, asked.get("integration"))
    for name in ("token", "actor"):
        value = asked.get(name)
        if value is not None and not _ID.fullmatch(value):
            raise UsageError(f"--{name} is an id of 4 to 8 letters and digits.")
    _check_word("action", asked.get("action"), ACTIONS)
    _check_word("problem", asked.get("problem"), problems())
    status = asked.get("status")
    if status is not None and not _STATUS.fullmatch(status):
        raise UsageError("--status is a status such as 403, or a class such as 4xx.")


def _check_integration(district: str | None, integration: str | None) -> None:
    if integration is None:
        return
    if not _INTEGRATION.fullmatch(integration):
        raise UsageError("--integration is an id of 8 letters and digits; `hallpass integration list` has them.")
    if district not in (None, NO_DISTRICT) and not integration.startswith(district):
        raise UsageError(f"--integration {integration} is none of {district}: its id would begin so.")


def _check_word(name: str, word: str | None, known: frozenset[str]) -> None:
    if word is None or word in known:
        return
    near = get_close_matches(word, sorted(known), 3)
    hint = f" Did you mean {' or '.join(near)}?" if near else " docs/errors.md and docs/operations.md have them."
    raise UsageError(f"There is no {name} {word}.{hint}")
