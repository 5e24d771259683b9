"""States that the API itself does not bring about yet, and what it answers in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hallpass.domain.access import Role, Status, TokenStatus
from hallpass.domain.errors import ConflictError
from hallpass.services.manage_people import create_first_operator

from tests.admin.conftest import Office
from tests.records import a_person


def end(office: Office, path: str) -> None:
    integration = office.desk.registry.integration(path.rsplit("/", 1)[1])
    assert integration is not None
    ended = replace(integration, status=Status.ENDED, version=integration.version + 1)
    office.desk.registry.save_integration(ended)


@pytest.mark.parametrize("path", ["/admin/v1/districts/None", "/admin/v1/districts/None/integrations"])
def test_what_is_not_there_is_404_for_an_operator_too(office: Office, path: str) -> None:
    assert office.call("GET", path).status == 404


@pytest.mark.parametrize("verb", ["pause", "resume", "revoke", "rotate"])
def test_a_token_that_is_not_there_is_404(office: Office, verb: str) -> None:
    path = office.integration(office.district())
    body: object = {} if verb == "rotate" else None
    assert office.call("POST", f"{path}/tokens/None/{verb}", body).status == 404


def test_an_end_is_final(office: Office) -> None:
    path = office.integration(office.district())
    end(office, path)
    for verb in ("pause", "resume"):
        assert office.call("POST", f"{path}/{verb}").status == 409
    assert office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(1)}).status == 409


def test_an_admin_of_a_district_that_is_gone_sees_none(office: Office) -> None:
    token = office.person(Role.DISTRICT_ADMIN, office.district())
    kept = office.desk.registry.people()[-1]
    people = office.desk.registry._people  # type: ignore[attr-defined]  # the fake's own
    people[kept.id] = replace(kept, district_id="Gone")
    assert office.call("GET", "/admin/v1/districts", token=token).json == {"districts": [], "next": None}


def test_the_first_operator_is_made_once_unless_said(office: Office) -> None:
    ends = office.clock.now() + timedelta(days=1)
    with pytest.raises(ConflictError):
        create_first_operator(office.desk, "Cy Inventado", ends, another=False)
    person, issued = create_first_operator(office.desk, "Cy Inventado", ends, another=True)
    assert (person.role, person.created_by) == (Role.OPERATOR, "bootstrap")
    assert office.call("GET", "/admin/v1/people", token=issued.text.reveal()).status == 200


def test_a_person_without_a_token_is_listed(office: Office) -> None:
    person = a_person("Person09")
    office.desk.registry._people[person.id] = person  # type: ignore[attr-defined]  # the fake's own
    listed = {entry["id"]: entry["token"] for entry in office.call("GET", "/admin/v1/people").json["people"]}
    assert listed["Person09"] is None


def test_a_paused_person_token_is_told_so(office: Office) -> None:
    token = office.person(Role.OPERATOR)
    tokens = office.desk.registry._person_tokens  # type: ignore[attr-defined]  # the fake's own
    key = next(reversed(tokens))
    tokens[key] = replace(tokens[key], status=TokenStatus.PAUSED)
    assert office.call("GET", "/admin/v1/districts", token=token).json["type"].endswith(":token-paused")
