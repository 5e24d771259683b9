"""The invented upstream of test tokens: the incidents that ship in the package, and accounts that fare badly.

Rule: it is opened by the account's name, which is no secret; nothing outside the package is read or called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hallpass.domain import synthetic_pages
from hallpass.domain.errors import InternalError, UnavailableError
from hallpass.domain.http_caching import Headers
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.secret import Secret
from hallpass.domain.synthetic import AT_PAGE_1, SYNTHETIC
from hallpass.domain.synthetic_pages import Row
from hallpass.domain.upstream import UpstreamAnswer, as_before

INCIDENTS = Path(__file__).resolve().parent.parent / "synthetic" / "incidents.xml"
RETRY_AFTER_SECONDS = 2


@cache
def incidents() -> Sequence[Row]:
    """Read once in a container, when a test token first comes."""
    return synthetic_pages.rows_of(INCIDENTS.read_bytes())


def fault_of(account: str) -> str:
    """The problem that an account of an invented district ends with; "" for none."""
    return account.removeprefix(SYNTHETIC).removeprefix("-")


@dataclass(frozen=True, slots=True)
class SyntheticVault:
    """`Vault`: a district's credential is its name."""

    def read(self, district_id: str, *, again: bool = False) -> Secret:
        match fault_of(district_id):
            case UnavailableError.slug:
                raise UnavailableError
            case InternalError.slug:
                raise InternalError
            case _:
                return Secret(district_id)


@dataclass(frozen=True, slots=True)
class SyntheticUpstream:
    """`Upstream`. `origin`: no address."""

    origin: str = "synthetic:"

    def fetch(
        self,
        credential: Secret,
        query: UpstreamQuery,
        page: int,
        seconds: float,
        validators: Headers = (),
    ) -> UpstreamAnswer:
        fault = fault_of(credential.reveal())
        if fault in AT_PAGE_1:
            raise as_before(fault, RETRY_AFTER_SECONDS)
        rows = synthetic_pages.listed(incidents(), query)
        return UpstreamAnswer(synthetic_pages.page(rows, page), ms=0)
