"""Which secrets open something of the control plane: enough to be sure, in a flood of bad ones, that one opens nothing.

Rule: each is looked up, so that no good one is ever refused; what cannot be read denies nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from hallpass.domain.errors import TokenInvalidError, UnavailableError
from hallpass.domain.tokens import PresentedToken, TokenKind
from hallpass.services.manage_access import Desk
from hallpass.services.manage_sessions import recognise


@dataclass(frozen=True, slots=True)
class DeskRoster:
    """The Roster port over admin tokens, sessions, invitations and claim links. It is not asked for vendors' tokens."""

    desk: Desk

    def may_hold(self, presented: PresentedToken) -> bool:
        try:
            return self._of_a_link(presented) if presented.kind is TokenKind.CLAIM else self._of_a_person(presented)
        except UnavailableError:
            return True

    def _of_a_link(self, presented: PresentedToken) -> bool:
        link = self.desk.claims.link(presented.holder_id, presented.token_id)
        return link is not None and link.digest == presented.digest

    def _of_a_person(self, presented: PresentedToken) -> bool:
        try:
            return recognise(self.desk, presented).person is not None
        except TokenInvalidError:
            return False
