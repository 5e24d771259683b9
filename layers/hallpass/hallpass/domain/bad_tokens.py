"""How often an address may come without a good token, and which of those beyond are worth a row in the ledger.

Rule: the bound costs a bad token its look-up, and a good one nothing: whether one is bad is known, or it is looked up.
"""

from __future__ import annotations

from datetime import datetime
from ipaddress import IPv6Address, ip_address

MOST_A_MINUTE = 20
"""Of one address in one container: so many are looked up and recorded one by one."""

ROSTER_SECONDS = 0.25
"""So old may the list be that an unknown token is refused by."""
HEARD_OF_SECONDS = 0.6
"""So long is a new token held back before it is shown: jitter halves it, and no list may lack what somebody holds."""


def minute_of(at: datetime) -> int:
    return int(at.timestamp()) // 60


def seconds_of_minute_left(at: datetime) -> int:
    """At least 1."""
    return 60 - int(at.timestamp()) % 60


def neighbourhood(source: str) -> str:
    """What counts as one address: of IPv6 the network of 64 bits, of which a host has all addresses."""
    try:
        address = ip_address(source)
    except ValueError:
        return source
    return source if not isinstance(address, IPv6Address) else str(int(address) >> 64)


def has_row(count: int) -> bool:
    """Whether the address's request of that number in its minute has a row: all up to the bound, then each double."""
    times, rest = divmod(count, MOST_A_MINUTE)
    return count <= MOST_A_MINUTE or (rest == 0 and times & (times - 1) == 0)
