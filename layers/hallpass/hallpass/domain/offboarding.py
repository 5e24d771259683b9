"""What a district's end took: of every integration its tokens and how each came to its end, and whether a key fell.

Rule: told from what stands in the registry afterwards alone, so that it is the same however often it is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from hallpass.domain.access import Integration, Status, Token, TokenStatus
from hallpass.domain.view import view_of


class TokenEnd(StrEnum):
    """`fell`: it held until its integration was ended. The others had ended before, or never held in this registry."""

    FELL = "fell with the integration"
    REVOKED = "revoked before"
    STOPPED = "stopped before"
    EXPIRED = "expired before"
    VOID = "void since a restore"
    HOLDS = "still holds"


class KeyEnd(StrEnum):
    """Of the key that an integration's pseudonyms were made with."""

    DESTROYED = "destroyed"
    NEVER = "never made"
    THERE = "still there"


@dataclass(frozen=True, slots=True)
class Leaving:
    """An integration as its district's end left it. `tokens`: every one that was ever issued, oldest first."""

    integration: Integration
    tokens: tuple[tuple[Token, TokenEnd], ...]
    key: KeyEnd

    @property
    def over(self) -> bool:
        """Whether nothing of it can be used any more."""
        ends = {end for _, end in self.tokens}
        return self.integration.status is Status.ENDED and self.key is not KeyEnd.THERE and TokenEnd.HOLDS not in ends


def leaving(integration: Integration, tokens: Sequence[Token], ended_at: datetime) -> Leaving:
    """`ended_at`: the district's; it counts for what was ended before that was noted of integrations themselves."""
    at = integration.ended_at or ended_at
    ends = tuple((token, token_end(token, integration, at)) for token in tokens)
    return Leaving(integration, ends, key_end(integration))


def token_end(token: Token, integration: Integration, ended_at: datetime) -> TokenEnd:
    """`ended_at`: the integration's."""
    if token.void:
        return TokenEnd.VOID
    if token.status is TokenStatus.REVOKED:
        return TokenEnd.REVOKED
    if token.expires_at <= ended_at:
        return TokenEnd.EXPIRED
    if token.generation == integration.token_generation:
        return TokenEnd.HOLDS
    # An end raises the generation by one, and so did every time that all tokens were stopped before.
    ended = integration.status is Status.ENDED and token.generation == integration.token_generation - 1
    return TokenEnd.FELL if ended else TokenEnd.STOPPED


def ended_when(token: Token, end: TokenEnd, integration: Integration) -> tuple[datetime | None, str | None]:
    """When and by whom (a person's id, or `holder`), as far as the registry knows."""
    match end:
        case TokenEnd.FELL:
            return integration.ended_at, integration.ended_by
        case TokenEnd.REVOKED:
            return token.revoked_at, token.revoked_by
        case TokenEnd.EXPIRED:
            return token.expires_at, None
        case TokenEnd.STOPPED | TokenEnd.VOID | TokenEnd.HOLDS:
            return None, None
        case _:
            assert_never(end)


def key_end(integration: Integration) -> KeyEnd:
    if integration.sealed_key is not None:
        return KeyEnd.THERE
    # A scope that needs no key any more destroys it and begins a new epoch.
    made = view_of(integration.scope.fields).pseudonymised or integration.pseudonym_epoch > 1
    return KeyEnd.DESTROYED if made else KeyEnd.NEVER
