"""Claim links: an admin makes one, the vendor opens it, and the token is shown to whoever has its secret, once.

Rule: link and token are written together, so that of two who ask at once one is shown a token, and of none that is
shown a second comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hallpass.domain.access import Actor, District, Integration
from hallpass.domain.bad_tokens import HEARD_OF_SECONDS
from hallpass.domain.claim_links import (
    CLAIM_ID_LENGTH,
    ClaimLink,
    ClaimState,
    Standing,
    check_open,
    presented_claim,
    proven_link,
    state_of,
)
from hallpass.domain.errors import ConflictError, NotFoundError, UnavailableError
from hallpass.domain.secret import Secret
from hallpass.domain.tokens import SECRET_BYTES, TokenKind, mint
from hallpass.services.failures import Failures
from hallpass.services.manage_access import Desk, visible_integration
from hallpass.services.manage_tokens import (
    IssuedToken,
    agreement_end,
    check_room,
    latest_end,
    mint_token,
)

TRIES = 3


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A new link and its secret, which is shown once."""

    link: ClaimLink
    secret: Secret


@dataclass(frozen=True, slots=True)
class ListedLink:
    link: ClaimLink
    state: ClaimState


def make_link(
    desk: Desk, actor: Actor, address: tuple[str, str], life: timedelta, token_ends: datetime | None
) -> MadeLink:
    """`address`: district, integration. `token_ends`: the token's end; None: as late as there can be one.

    Raises NotFoundError, BodyInvalidError, ConflictError when no token could be issued now, UnavailableError.
    """
    district, integration = visible_integration(desk, actor, *address)
    ends = token_ends or latest_end(desk, district, integration)
    check_room(desk, district, integration, ends)
    now, claim_id = desk.now(), desk.new_id(CLAIM_ID_LENGTH)
    minted = mint(TokenKind.CLAIM, integration.id, claim_id, desk.entropy(SECRET_BYTES))
    link = ClaimLink(
        id=claim_id,
        integration_id=integration.id,
        digest=minted.digest,
        made_at=now,
        made_by=actor.person.id,
        made_with=actor.token_id,
        expires_at=min(now + life, ends),
        token_expires_at=ends,
        generation=integration.token_generation,
    )
    desk.claims.add_link(link)
    return MadeLink(link, minted.text)


def links(desk: Desk, actor: Actor, address: tuple[str, str]) -> Sequence[ListedLink]:
    """Oldest first. Raises NotFoundError, UnavailableError."""
    district, integration = visible_integration(desk, actor, *address)
    found = desk.claims.links(integration.id)
    return [_listed(desk, link, district, integration) for link in found]


def withdraw(desk: Desk, actor: Actor, address: tuple[str, str, str]) -> tuple[ListedLink, ListedLink]:
    """Final and idempotent. `address`: district, integration, link. Answers before and after.

    Raises NotFoundError, ConflictError when it was used before, UnavailableError.
    """
    district, integration = visible_integration(desk, actor, *address[:2])
    before = link_of(desk, integration, address[2])
    now, by = desk.now(), actor.person.id
    try:
        desk.claims.withdraw_link(before, now, by)
    except ConflictError as used:
        raise ConflictError("The link was used before: revoke the token that came of it.") from used
    after = before.withdrawn(now, by)
    return _listed(desk, before, district, integration), _listed(desk, after, district, integration)


def link_of(desk: Desk, integration: Integration, claim_id: str) -> ClaimLink:
    """Raises NotFoundError."""
    link = desk.claims.link(integration.id, claim_id)
    if link is None:
        raise NotFoundError
    return link


def known_link(desk: Desk, failures: Failures, text: str, source: str) -> ClaimLink:
    """The link whose secret `text` is, whatever becomes of it.

    Raises NotFoundError, TooManyFailuresError for unknown ones from an address that had too many, UnavailableError.
    """
    presented = presented_claim(text)
    failures.check(source, presented)
    return proven_link(presented, desk.claims.link(presented.holder_id, presented.token_id))


def reveal(desk: Desk, proven: ClaimLink, source: str) -> IssuedToken:
    """Issues the link's token and shows it, once. `source`: the address that asks.

    Raises ClaimUsedError, ClaimOverError, IntegrationPausedError, ConflictError when the integration has its two
    tokens or is being changed, UnavailableError.
    """
    for _ in range(TRIES):
        link, (district, integration) = _again(desk, proven), _granted(desk, proven.integration_id)
        check_open(link, _standing(desk, link, district, integration), desk.clock.now())
        # What was agreed may have been shortened since the link was made.
        ends = min(link.token_expires_at, latest_end(desk, district, integration))
        check_room(desk, district, integration, ends)
        issued = mint_token(desk, link.made_by, integration, ends)
        try:
            desk.claims.redeem(link, issued.token, integration, source)
        except ConflictError:
            # Somebody else was first, with the link or with the integration: which, the next look tells.
            continue
        # Whoever refuses unknown tokens unseen has heard of it before anybody holds it.
        desk.patience.pause(HEARD_OF_SECONDS)
        return issued
    raise ConflictError("The integration is being changed: try again in a moment.")


def _again(desk: Desk, link: ClaimLink) -> ClaimLink:
    """As it is now. Raises UnavailableError when it is no more: it was proven a moment ago."""
    found = desk.claims.link(link.integration_id, link.id)
    if found is None:
        raise UnavailableError
    return found


def _granted(desk: Desk, integration_id: str) -> tuple[District, Integration]:
    """Raises NotFoundError for a link of another registry, whose integration there never was in this one."""
    integration = desk.registry.integration(integration_id)
    if integration is None:
        raise NotFoundError
    district = desk.registry.district(integration.district_id)
    if district is None:
        raise NotFoundError
    return district, integration


def _standing(desk: Desk, link: ClaimLink, district: District, integration: Integration) -> Standing:
    maker = desk.registry.find_person(link.made_by, link.made_with)
    return Standing(district, integration, maker, agreement_end(district, integration))


def _listed(desk: Desk, link: ClaimLink, district: District, integration: Integration) -> ListedLink:
    return ListedLink(link, state_of(link, _standing(desk, link, district, integration), desk.clock.now()))
