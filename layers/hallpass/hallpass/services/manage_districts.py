"""Districts: a credential is tried before it is kept, and what it opens is shown before it is confirmed.

Rule: only an operator adds a district. Nothing is kept of an attempt that was not confirmed or failed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from hallpass.domain.access import DISTRICT_ID_LENGTH, Actor, District, Status
from hallpass.domain.errors import ConflictError, NotFoundError
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.model import Incident
from hallpass.domain.reading import read_page
from hallpass.domain.secret import Secret
from hallpass.domain.unreadable import UnreadablePageError
from hallpass.domain.upstream import UpstreamInvalidError, call_seconds
from hallpass.services.manage_access import (
    Desk,
    add_under_new_id,
    refuse_field,
    require_operator,
    visible_district,
)


@dataclass(frozen=True, slots=True)
class DistrictDraft:
    """What an operator says about a new district."""

    name: str
    time_zone: str
    credential: Secret


@dataclass(frozen=True, slots=True)
class School:
    """A school as the upstream names it, and how many incidents of it were seen."""

    code: str | None
    name: str | None
    incidents: int


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """What a credential opens: the first page of the upstream's own default period."""

    incidents: int
    total_pages: int
    schools: tuple[School, ...]


def try_account(desk: Desk, actor: Actor, draft: DistrictDraft, seconds: float) -> AccountSeen:
    """Reads one page with the credential. `seconds`: what the invocation has left.

    Raises RoleInsufficientError, BodyInvalidError, an UpstreamError.
    """
    require_operator(actor)
    _check_time_zone(draft.time_zone)
    answer = desk.upstream.fetch(draft.credential, UpstreamQuery(), 1, call_seconds(seconds))
    try:
        page = read_page(answer.body)
    except UnreadablePageError as unreadable:
        raise UpstreamInvalidError(upstream_status=200) from unreadable
    if page.page != 1:
        raise UpstreamInvalidError(upstream_status=200)
    return AccountSeen(len(page.incidents), page.total_pages, _schools(page.incidents))


def create_district(desk: Desk, actor: Actor, draft: DistrictDraft, seconds: float) -> tuple[District, AccountSeen]:
    """Tries the credential, keeps it, opens the ledger, then writes the district: what is listed can be read.

    Raises what `try_account` raises, UnavailableError, ConflictError.
    """
    account = try_account(desk, actor, draft, seconds)

    def add() -> str:
        district = _district(_unused_id(desk), draft, desk, actor)
        desk.vault.keep(district.id, draft.credential)
        desk.ledger.open(district.id, desk.clock.now())
        desk.registry.add_district(district)
        return district.id

    return visible_district(desk, actor, add_under_new_id(add)), account


def districts(desk: Desk, actor: Actor) -> Sequence[District]:
    """Those the actor may see."""
    if actor.person.sees_all:
        return desk.registry.districts()
    try:
        return [visible_district(desk, actor, actor.person.district_id or "")]
    except NotFoundError:
        return []


def _unused_id(desk: Desk) -> str:
    """An id that no district has: keeping a credential must not replace another's."""

    def draw() -> str:
        district_id = desk.new_id(DISTRICT_ID_LENGTH)
        if desk.registry.district(district_id) is not None:
            raise ConflictError
        return district_id

    return add_under_new_id(draw)


def _district(district_id: str, draft: DistrictDraft, desk: Desk, actor: Actor) -> District:
    return District(
        id=district_id,
        name=draft.name,
        time_zone=draft.time_zone,
        account_epoch=1,
        status=Status.ACTIVE,
        created_at=desk.clock.now(),
        created_by=actor.person.id,
        version=1,
    )


def _check_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    # A name that is no key, one that leaves the database's folder, and one that is a folder in it.
    except (KeyError, ValueError, OSError) as error:
        raise refuse_field("time_zone", "is the name of an IANA time zone, such as America/Chicago") from error


def _schools(incidents: Sequence[Incident]) -> tuple[School, ...]:
    counted = Counter(_school(incident) for incident in incidents)
    ordered = sorted(counted.items(), key=lambda entry: (entry[0][0] or "", entry[0][1] or ""))
    return tuple(School(code, name, number) for (code, name), number in ordered)


def _school(incident: Incident) -> tuple[str | None, str | None]:
    school = incident.get("school")
    if not isinstance(school, dict):
        return None, None
    code, name = school.get("code"), school.get("name")
    return code if isinstance(code, str) else None, name if isinstance(name, str) else None
