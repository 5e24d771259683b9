"""What every use case of the control plane works with, and who may see what.

Rule: an operator may do everything; who belongs to a district sees that one, and another's ids are answered exactly as
ids that do not exist. An auditor's requests end at the addresses that read (`adapters/admin_tables.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from hallpass.desk_ports import ClaimLinkStore, InvitationStore, OutcomeStore, SessionStore
from hallpass.domain.access import Actor, District, Integration, Role, Status, Token
from hallpass.domain.errors import BodyInvalidError, ConflictError, NotFoundError, RoleInsufficientError
from hallpass.domain.tokens import to_base62
from hallpass.ledger_ports import DisclosureIndex, LedgerKeys, LedgerReader, PeopleLedger
from hallpass.page_ports import CacheCounter, KeptPages, PageEraser, Patience, Warmer
from hallpass.ports import Clock, PseudonymKeyMaker, QuarantineReviewer, Registry, Upstream, Usage, VaultWriter

ID_TRIES = 3


@dataclass(frozen=True, slots=True)
class Registrar:
    """Who can enter people and tokens. `entropy`: that many random bytes."""

    registry: Registry
    clock: Clock
    entropy: Callable[[int], bytes]

    def now(self) -> datetime:
        """The time, whole seconds, UTC."""
        return self.clock.now().replace(microsecond=0)

    def new_id(self, width: int) -> str:
        """`width` random base62 characters, evenly spread."""
        return to_base62(int.from_bytes(self.entropy(16), "big") % 62**width, width)


@dataclass(frozen=True, slots=True)
class Desk(Registrar):
    """All the ports of the control plane. `warm_calls`: of the upstream, on a district in one run of warming."""

    vault: VaultWriter
    upstream: Upstream
    usage: Usage
    quarantine: QuarantineReviewer
    keys: PseudonymKeyMaker
    eraser: PageEraser
    counter: CacheCounter
    ledger: LedgerReader
    index: DisclosureIndex
    ledger_keys: LedgerKeys
    people: PeopleLedger
    kept: KeptPages
    patience: Patience
    sessions: SessionStore
    invitations: InvitationStore
    claims: ClaimLinkStore
    outcomes: OutcomeStore
    warmer: Warmer
    warm_calls: int

    def today(self, district: District) -> date:
        return self.clock.now().astimezone(ZoneInfo(district.time_zone)).date()


def require_operator(actor: Actor) -> None:
    """Raises RoleInsufficientError."""
    if actor.person.role is not Role.OPERATOR:
        raise RoleInsufficientError


def visible_district(desk: Desk, actor: Actor, district_id: str) -> District:
    """Raises NotFoundError."""
    if not actor.person.sees(district_id):
        raise NotFoundError
    district = desk.registry.district(district_id)
    if district is None:
        raise NotFoundError
    return district


def visible_integration(
    desk: Desk, actor: Actor, district_id: str, integration_id: str
) -> tuple[District, Integration]:
    """Raises NotFoundError, also for an integration of another district than the address says."""
    district = visible_district(desk, actor, district_id)
    return district, integration_of(desk, district.id, integration_id)


def integration_of(desk: Desk, district_id: str, integration_id: str) -> Integration:
    """Raises NotFoundError."""
    integration = desk.registry.integration(integration_id)
    if integration is None or integration.district_id != district_id:
        raise NotFoundError
    return integration


def visible_token(desk: Desk, integration: Integration, token_id: str) -> Token:
    """Raises NotFoundError."""
    for token in desk.registry.tokens(integration.id):
        if token.id == token_id:
            return token
    raise NotFoundError


def refuse_ended(record: District | Integration) -> None:
    """Raises ConflictError."""
    if record.status is Status.ENDED:
        kind = "district" if isinstance(record, District) else "integration"
        raise ConflictError(f"The {kind} has ended, and an end is final.")


def add_under_new_id(add: Callable[[], str]) -> str:
    """Calls `add`, which draws an id, until that id is free. Raises ConflictError after three that were not."""
    for _ in range(ID_TRIES - 1):
        try:
            return add()
        except ConflictError:
            continue
    return add()


def refuse_field(name: str, detail: str) -> BodyInvalidError:
    """The error of one field; `detail` says the rule, never the value."""
    return BodyInvalidError([{"name": name, "detail": detail}])
