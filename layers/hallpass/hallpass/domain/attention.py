"""What of a district's grants wants somebody's attention: tokens that end soon or lie idle, agreements that end.

Rule: only what can still be used counts; what was revoked, stopped, ended or is void needs nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from hallpass.domain.access import Integration, Status, Token, TokenStatus

EXPIRING = timedelta(days=30)
DORMANT = timedelta(days=90)
ENDING = timedelta(days=60)
NEW_FOR = timedelta(hours=3)
"""For how long after it began to want attention something is new: two hourly counts in a row may fail."""

TokensOf = Mapping[str, Sequence[Token]]
"""By the integration's id."""
LastUsed = Mapping[tuple[str, str], datetime]
"""By the ids of integration and token."""


@dataclass(frozen=True, slots=True)
class Attention:
    """`alive`: tokens that hold, the paused ones too. Of these `expiring` end within 30 days, and `dormant`, which
    somebody could use, were not used for 90. Of the agreements of integrations that go on, `ending` end within 60 days,
    the last day included, and `over` have ended.
    """

    alive: tuple[Token, ...]
    expiring: tuple[Token, ...]
    dormant: tuple[Token, ...]
    ending: tuple[Integration, ...]
    over: tuple[Integration, ...]

    def counts(self) -> dict[str, int]:
        """How many, of each that wants attention."""
        found = {"expiring": self.expiring, "dormant": self.dormant, "ending": self.ending, "over": self.over}
        return {name: len(which) for name, which in found.items()}


def news(found: Attention, last_used: LastUsed, now: datetime, zone: ZoneInfo) -> Attention:
    """Of what was found, what began to want attention within NEW_FOR: of an agreement, at midnight in `zone`."""

    def entered(at: datetime) -> bool:
        return now - at < NEW_FOR

    def midnight(one: Integration, days: timedelta) -> datetime:
        return datetime.combine(one.agreement.ends_on + days, time(), zone)

    return Attention(
        alive=(),
        expiring=tuple(token for token in found.expiring if entered(max(token.issued_at, token.expires_at - EXPIRING))),
        dormant=tuple(token for token in found.dormant if entered(_last_use(token, last_used) + DORMANT)),
        ending=tuple(one for one in found.ending if entered(max(one.created_at, midnight(one, -ENDING)))),
        over=tuple(one for one in found.over if entered(midnight(one, timedelta(days=1)))),
    )


def attention(
    integrations: Sequence[Integration], tokens: TokensOf, last_used: LastUsed, now: datetime, zone: ZoneInfo
) -> Attention:
    """`zone`: the district's, in which agreements end."""
    going_on = [one for one in integrations if one.status is not Status.ENDED]
    alive = [(one, token) for one in going_on for token in alive_tokens(one, tokens.get(one.id, ()), now)]
    today = now.astimezone(zone).date()
    left = [(one, one.agreement.ends_on - today) for one in going_on]
    return Attention(
        alive=tuple(token for _, token in alive),
        expiring=tuple(token for _, token in alive if token.expires_at - now <= EXPIRING),
        dormant=tuple(token for one, token in alive if _dormant(one, token, last_used, now)),
        ending=tuple(one for one, days in left if timedelta(0) <= days <= ENDING),
        over=tuple(one for one, days in left if days < timedelta(0)),
    )


def alive_tokens(integration: Integration, tokens: Sequence[Token], now: datetime) -> Iterator[Token]:
    """Those of the integration that hold: neither revoked nor stopped together, expired or void."""
    return (token for token in tokens if token.generation == integration.token_generation and token.alive(now))


def _dormant(integration: Integration, token: Token, last_used: LastUsed, now: datetime) -> bool:
    if integration.status is not Status.ACTIVE or token.status is not TokenStatus.ACTIVE:
        return False
    return now - _last_use(token, last_used) >= DORMANT


def _last_use(token: Token, last_used: LastUsed) -> datetime:
    return last_used.get((token.holder_id, token.id), token.issued_at)
