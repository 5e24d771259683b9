"""How each problem that a vendor can meet is provoked with a test token: the docs show the request, the tests send it.

The rule: a problem without a request here is one that only the admin API answers.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hallpass.domain.synthetic import AT_PAGE_1, IN_A_WALK, TOO_LARGE, VENDORS
from hallpass.domain.tokens import SECRET_BYTES, TokenKind, mint

USUAL = "identified"
ADMIN_TOKEN = mint(TokenKind.ADMIN, "TestOper", "0001", bytes(SECRET_BYTES)).text.reveal()
"""Of the right shape, and of nobody."""


@dataclass(frozen=True, slots=True)
class Provocation:
    """`vendor`: whose test token is sent. `token`: what is sent instead; "" for none."""

    vendor: str = USUAL
    path: str = "/v1/incidents.json"
    query: str = ""
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    token: str | None = None

    @property
    def bearer(self) -> str:
        return VENDORS[self.vendor].token if self.token is None else self.token

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    def fields(self) -> dict[str, str]:
        """The request's header fields."""
        return ({"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}) | dict(self.headers)

    def curl(self) -> str:
        """The command, for a shell where `URL` is set."""
        told = [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in self.fields().items()]
        method = [] if self.method == "GET" else [f"-X {self.method}"]
        return " \\\n  ".join([" ".join(["curl -sS -i", *method]), *told, f'"$URL{self.target}"'])


def _of(*names: str, query: str = "") -> dict[str, Provocation]:
    return {name: Provocation(vendor=name, query=query) for name in names}


_POLL = "modified_since=2026-01-01&dataset=9.9"
_UNKNOWN = "hp_test_somethingElse"
PROVOCATIONS: Mapping[str, Provocation] = MappingProxyType(
    {
        "confirmation-required": Provocation(path="/v1/token", query="confirm=9999", method="DELETE"),
        "invalid-parameters": Provocation(query="page=0&type=unheard"),
        "token-in-query": Provocation(query="access_token=anything", token=""),
        "token-missing": Provocation(token=""),
        "token-invalid": Provocation(token=_UNKNOWN),
        "wrong-token-kind": Provocation(token=ADMIN_TOKEN),
        "insufficient-scope": Provocation(vendor="narrow", query="type=pending&school=012"),
        "not-found": Provocation(path="/v1/students.json"),
        "method-not-allowed": Provocation(method="POST"),
        "not-acceptable": Provocation(path="/v1/incidents", headers=(("Accept", "application/pdf"),)),
        "resync-required": Provocation(query=_POLL),
        "not-cached": Provocation(vendor="upstream-busy", headers=(("Cache-Control", "only-if-cached"),)),
        **_of("dates-required", "token-expired", "token-not-yet-valid", "token-revoked", "token-paused"),
        **_of("integration-paused", "quota-exceeded", "too-many-failures", TOO_LARGE, *AT_PAGE_1),
        **_of(*IN_A_WALK, query="page=2"),
    }
)
"""By the problem's type."""
