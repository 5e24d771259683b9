"""The end of a district: vendors out at once, keys, credential and pages destroyed, and the proof of it.

Rule: an operator's, and typed. Every step may be repeated: who calls again goes on where the last call stopped, and is
told all of it again, also what earlier calls erased. Nothing of the ledger is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hallpass.domain.access import Actor, District, Person, Status, Token
from hallpass.domain.attention import LastUsed
from hallpass.domain.erasure import LONGEST_READER, Erased, WholeDistrict, check_proven
from hallpass.domain.errors import ConflictError
from hallpass.domain.offboarding import Leaving, leaving
from hallpass.services.deadline import deadline
from hallpass.services.grants import last_used
from hallpass.services.manage_access import Desk, refuse_field, require_operator, visible_district
from hallpass.services.manage_scopes import end_integration

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Afterwards:
    """`left`: every integration that there ever was. `admins`: the district's own whose tokens go on, and these tokens.
    `recorded_since`: of the ledger, which stays.
    """

    left: Sequence[Leaving]
    admins: Sequence[tuple[Person, Sequence[Token]]]
    last_used: LastUsed
    recorded_since: datetime | None


@dataclass(frozen=True, slots=True)
class DistrictErased:
    """`integrations`, `erased`: by this call; `after.erased`: by all. `again_after`: when to call once more to prove
    that nothing came back.
    """

    before: District
    after: District
    integrations: int
    afterwards: Afterwards
    erased: Erased
    again_after: datetime | None


def erase_district(desk: Desk, actor: Actor, district_id: str, confirm: str, seconds: float) -> DistrictErased:
    """`confirm`: the district's id, typed. `seconds`: what the invocation has left. Its record stays, as ended.

    Raises RoleInsufficientError, NotFoundError, BodyInvalidError, ConflictError, UnavailableError,
    ErasureUnprovenError.
    """
    require_operator(actor)
    left = deadline(desk.clock, seconds)
    before = visible_district(desk, actor, district_id)
    if confirm != before.id:
        raise refuse_field("confirm", "is the district's id: it is deleted with all its integrations")
    # First what keeps new readers out: one write, and no vendor is let in any more.
    after = _end(desk, actor, before)
    integrations = _end_integrations(desk, actor, after)
    desk.vault.erase(after.id)
    now = desk.clock.now()
    ended_at = after.ended_at or now
    afterwards = _afterwards(desk, after, ended_at)
    after, erased = _erase(desk, after, now, left)
    last_writer_gone = ended_at + LONGEST_READER
    again_after = last_writer_gone if now < last_writer_gone else None
    return DistrictErased(before, after, integrations, afterwards, erased, again_after)


def _erase(desk: Desk, ended: District, now: datetime, left: Callable[[], float]) -> tuple[District, Erased]:
    """Counted before and after: of a call that is broken off it is known that it is missing in the sums."""
    begun = _save(desk, ended, lambda last: replace(last, erased=last.erased.begin()))
    target = WholeDistrict(begun.id, begun.account_epoch, begun.ended_at)
    erased = desk.eraser.within(left).erase(target, now)
    counted = _save(desk, begun, lambda last: replace(last, erased=last.erased.count(erased)))
    return counted, check_proven(erased)


def _save(desk: Desk, known: District, change: Callable[[District], District]) -> District:
    """The change to what stands there, whoever else writes meanwhile. Raises ConflictError, if they write on and on."""
    for _ in range(_TRIES):
        changed = change(replace(known, version=known.version + 1))
        try:
            desk.registry.save_district(changed)
        except ConflictError:
            known = desk.registry.district(known.id) or known
        else:
            return changed
    raise ConflictError


def _end(desk: Desk, actor: Actor, district: District) -> District:
    if district.status is Status.ENDED:
        return district
    over = replace(district, status=Status.ENDED, ended_at=desk.now(), ended_by=actor.person.id)
    ended = replace(over, version=district.version + 1)
    desk.registry.save_district(ended)
    return ended


def _end_integrations(desk: Desk, actor: Actor, district: District) -> int:
    going_on = [one for one in desk.registry.integrations(district.id) if one.status is not Status.ENDED]
    for integration in going_on:
        end_integration(desk, actor, (district.id, integration.id))
    return len(going_on)


def _afterwards(desk: Desk, district: District, ended_at: datetime) -> Afterwards:
    """Read again: what is told stands in the registry. Raises ConflictError for what was added meanwhile."""
    integrations = desk.registry.integrations(district.id)
    tokens = {one.id: desk.registry.tokens(one.id) for one in integrations}
    left = [leaving(one, tokens[one.id], ended_at) for one in integrations]
    if not all(one.over for one in left):
        raise ConflictError("An integration was added meanwhile: delete the district again.")
    account = desk.ledger.account(district.id)
    used = last_used(desk.usage, integrations, tokens)
    return Afterwards(left, _admins(desk, district), used, account.opened_at if account else None)


def _admins(desk: Desk, district: District) -> Sequence[tuple[Person, Sequence[Token]]]:
    now = desk.clock.now()
    own = [person for person in desk.registry.people() if person.district_id == district.id]
    alive = [(person, [one for one in desk.registry.person_tokens(person.id) if one.alive(now)]) for person in own]
    return [(person, tokens) for person, tokens in alive if tokens]
