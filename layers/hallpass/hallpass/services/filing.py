"""Under which district an admin's request is filed, and which of the ids that it names are recorded.

Rule: an id is recorded once the registry knows it and the actor may see it. Any other is a text of the caller's making,
maybe a child's number that went to the wrong place, and the ledger forgets nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hallpass.domain.access import DISTRICT_ID_LENGTH, Actor, Person
from hallpass.domain.errors import NotFoundError
from hallpass.services.claim_tokens import link_of
from hallpass.services.ledger_access import readable_district
from hallpass.services.manage_access import Desk, integration_of, visible_token
from hallpass.services.trail import Trail

_DISTRICT_ID = re.compile(f"[0-9A-Za-z]{{{DISTRICT_ID_LENGTH}}}", re.ASCII)


def file_by_person(trail: Trail, person: Person) -> None:
    """What names nothing else stands in the caller's own district; an operator has none."""
    trail.note(actor=person.id, role=person.role.value, district=person.district_id)


@dataclass(frozen=True, slots=True)
class Filing:
    """Of one authenticated request."""

    desk: Desk
    actor: Actor
    trail: Trail

    def address(self, ids: Mapping[str, str]) -> None:
        """`ids`: those in the path, by name. Raises NotFoundError, UnavailableError; then what was known is noted."""
        if "person_id" in ids:
            self._person(ids["person_id"])
        if "district_id" in ids:
            self._district(ids["district_id"], ids.get("integration_id"), ids)

    def body(self, district: object) -> None:
        """`district`: what a body names as its district, whatever it is; whether it is one, the use case tells."""
        if not isinstance(district, str) or not _DISTRICT_ID.fullmatch(district):
            return
        if self.actor.person.sees(district) and self.desk.registry.district(district) is not None:
            self.trail.note(district=district)

    def _person(self, person_id: str) -> None:
        """Of somebody who has access, or is invited."""
        district_id = self._district_of(person_id)
        if not self.actor.person.sees_all and (district_id is None or district_id != self.actor.person.district_id):
            raise NotFoundError
        self.trail.note(district=district_id, target=person_id)

    def _district_of(self, person_id: str) -> str | None:
        for person in self.desk.registry.people():
            if person.id == person_id:
                return person.district_id
        invitation = self.desk.invitations.invitation(person_id)
        if invitation is None:
            raise NotFoundError
        return invitation.district_id

    def _district(self, district_id: str, integration_id: str | None, ids: Mapping[str, str]) -> None:
        district = readable_district(self.desk, self.actor, district_id)
        self.trail.note(district=district.district_id, target=district.district_id)
        if integration_id is None:
            return
        integration = integration_of(self.desk, district.district_id, integration_id)
        self.trail.note(integration=integration.id, target=integration.id)
        if "token_id" in ids:
            token = visible_token(self.desk, integration, ids["token_id"])
            self.trail.note(token=token.id, target=token.id)
        if "claim_id" in ids:
            self.trail.note(target=link_of(self.desk, integration, ids["claim_id"]).id)
