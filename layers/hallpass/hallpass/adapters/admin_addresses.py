"""An address of the admin API, and which one a request is for.

Rule: one table (`admin_tables.py`) gives routes, the `Allow` of a 405, the action in the audit, and who may call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hallpass.domain.access import DISTRICT_ID_LENGTH, INTEGRATION_ID_LENGTH, PERSON_ID_LENGTH, TOKEN_ID_LENGTH
from hallpass.domain.claim_links import CLAIM_ID_LENGTH
from hallpass.domain.errors import MethodNotAllowedError, NotFoundError
from hallpass.domain.failure import HallpassError
from hallpass.domain.preconditions import Match
from hallpass.domain.tokens import TokenKind

WIDTHS = {
    "district_id": DISTRICT_ID_LENGTH,
    "integration_id": INTEGRATION_ID_LENGTH,
    "token_id": TOKEN_ID_LENGTH,
    "person_id": PERSON_ID_LENGTH,
    "claim_id": CLAIM_ID_LENGTH,
}
UNKNOWN = "admin"
"""The action of a request that is for no address of the table."""
SIGNED_IN = frozenset({TokenKind.ADMIN, TokenKind.SESSION})
OWN_TOKEN = frozenset({TokenKind.ADMIN})
OWN_SESSION = frozenset({TokenKind.SESSION})
OWN_INVITATION = frozenset({TokenKind.INVITE})
NO_TOKEN: frozenset[TokenKind] = frozenset()
"""Nobody signs in: what opens it stands in its body."""


@dataclass(frozen=True, slots=True)
class Address:
    """`action`: as in the audit. `body`: whether one is read. `asks`: a POST whose body is a question.

    `operators`: nobody else may. `about`: the member of the body that names the district it is about. `auditor`:
    whether one may call it. `once`: it makes something, and takes an `Idempotency-Key`. `match`: whether it takes
    `If-Match`. `opens`: the kinds of token that open it. `takes`: its parameters.
    """

    method: str
    rule: str
    action: str
    answer: Callable[..., Any]
    body: bool = False
    asks: bool = False
    operators: bool = False
    about: str | None = None
    auditor: bool = False
    once: bool = False
    match: Match = Match.NEVER
    opens: frozenset[TokenKind] = SIGNED_IN
    takes: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether something is another afterwards."""
        return self.method != "GET" and not self.asks


@dataclass(frozen=True, slots=True)
class Found:
    """An address, and the ids that stand in the path."""

    address: Address
    ids: Mapping[str, str]


class AddressBook:
    """The table, ready to be asked."""

    def __init__(self, table: tuple[Address, ...]) -> None:
        self._patterns = [(_pattern(address.rule), address) for address in table]

    def find(self, method: str, path: str) -> Found:
        """Raises NotFoundError, and MethodNotAllowedError with what is allowed."""
        found = [(match, address) for pattern, address in self._patterns if (match := pattern.fullmatch(path))]
        if not found:
            raise NotFoundError
        for match, address in found:
            if address.method == method:
                return Found(address, match.groupdict())
        raise MethodNotAllowedError(sorted({address.method for _, address in found}))

    def action(self, method: str, path: str) -> str:
        """For the record alone: what a request was for that goes no further."""
        try:
            return self.find(method, path).address.action
        except HallpassError:
            return UNKNOWN


def _pattern(rule: str) -> re.Pattern[str]:
    # An id is base62 and of its kind's width: anything else in its place is an address that there is not.
    return re.compile(re.sub(r"<(\w+)>", _id_pattern, re.escape(rule)), re.ASCII)


def _id_pattern(name: re.Match[str]) -> str:
    return f"(?P<{name[1]}>[0-9A-Za-z]{{{WIDTHS[name[1]]}}})"
