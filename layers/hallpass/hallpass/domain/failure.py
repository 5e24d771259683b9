"""What every error carries, and the challenge that goes with a refused credential.

Rule: a detail is our own fixed text; no value of the request, of the upstream or of an exception stands in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import ClassVar, Self


class Retry(StrEnum):
    """Whether the same request can succeed later: never as it is, at once, or after `Retry-After`."""

    NO = "no"
    NOW = "now"
    AFTER = "after"


class Owner(StrEnum):
    """Who can mend the cause."""

    VENDOR = "vendor"
    DISTRICT = "district"
    OPERATOR = "operator"
    UPSTREAM = "upstream"


Member = str | int | Sequence[str] | Sequence[Mapping[str, str]] | Mapping[str, Sequence[str]]


class HallpassError(Exception):
    """Base of the tree. `detail` is safe to show; `members` are extension members; `headers` go out with it."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something failed on our side"
    retry: ClassVar[Retry] = Retry.NO
    owner: ClassVar[Owner] = Owner.VENDOR

    def __init__(
        self,
        detail: str = "",
        *,
        members: Mapping[str, Member] | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(self.slug)
        self.detail = detail or self.title
        self.members: Mapping[str, Member] = members or {}
        self.headers = tuple(headers)

    def restarting_at(self, address: str) -> Self:
        """With the address of page 1, for an error that ends a walk."""
        self.members = {**self.members, "restart": address}
        self.headers = (*self.headers, ("Link", f'<{address}>; rel="first"'))
        return self


def bearer_challenge(error: str | None, description: str | None, scope: Sequence[str] = ()) -> tuple[str, str]:
    """`WWW-Authenticate` (RFC 6750 section 3): no `error` when the request carried no token.

    `scope`: what would be needed, as scope-tokens of printable ASCII without space, quote and backslash.
    """
    parts = ['Bearer realm="hallpass"']
    if error:
        parts.append(f'error="{error}"')
    if description:
        # RFC 6750 section 3: error_description has no characters outside %x20-21 / %x23-5B / %x5D-7E.
        parts.append(f'error_description="{description.replace(chr(34), "").replace(chr(92), "")}"')
    if scope:
        parts.append(f'scope="{" ".join(scope)}"')
    return "WWW-Authenticate", ", ".join(parts)
