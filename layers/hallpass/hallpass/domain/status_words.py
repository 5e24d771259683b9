"""What each status of an integration and of a token is called, and what a vendor is answered meanwhile.

Rule: the one table of these words; console and docs take them from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hallpass.domain.access import Status, TokenStatus


@dataclass(frozen=True, slots=True)
class Meaning:
    """`answered`: the problem's type that a request ends with; "" for none."""

    words: str
    answered: str = ""


_SHUT = "integration-paused"
INTEGRATIONS: Mapping[Status, Meaning] = MappingProxyType(
    {
        Status.DRAFT: Meaning("Agreed and not switched on yet", _SHUT),
        Status.ACTIVE: Meaning("In use"),
        Status.PAUSED: Meaning("Held by the district until it is resumed; tokens stay as they are", _SHUT),
        Status.ENDED: Meaning(
            "Over for good: all tokens are revoked, the pseudonyms' key is destroyed", "token-revoked"
        ),
    }
)
TOKENS: Mapping[TokenStatus, Meaning] = MappingProxyType(
    {
        TokenStatus.ACTIVE: Meaning("Holds from its first moment to its last"),
        TokenStatus.PAUSED: Meaning("Held by the district until it is resumed", "token-paused"),
        TokenStatus.REVOKED: Meaning("Ended for good, by the district or by its holder", "token-revoked"),
    }
)
NOT_YET = Meaning("Issued for a later moment", "token-not-yet-valid")
EXPIRED = Meaning("Its time is over; the district issues another", "token-expired")
