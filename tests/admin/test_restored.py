"""D-21 in the control plane: after the registry was restored an operator comes in by AWS credentials alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hallpass.adapters.admin_http import AdminHttp
from hallpass.adapters.aws_clients import client
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.domain.errors import ConflictError
from hallpass.services.manage_people import create_first_operator

from tests.admin.conftest import Office
from tests.aws_tables import restore_table


def restore(office: Office) -> None:
    """The control plane reads a copy of the registry from now on."""
    dynamodb = client("dynamodb")
    registry = DynamoDbRegistry(dynamodb, restore_table(dynamodb, "registry", "registry-restored"))
    office.desk = replace(office.desk, registry=registry)
    office.admin = AdminHttp(office.desk, office.recorder, office.telemetry)


def let_in(office: Office) -> None:
    """What `hallpass bootstrap --another` does."""
    end = office.clock.now() + timedelta(days=30)
    with pytest.raises(ConflictError):
        create_first_operator(office.desk, "Ada Inventada", end, another=False)
    office.operator = create_first_operator(office.desk, "Ada Inventada", end, another=True)[1].text.reveal()


def test_a_restored_registry_is_taken_over_step_by_step(aws_office: Office) -> None:
    office = aws_office
    at = office.integration(office.district())
    old = [office.call("POST", f"{at}/tokens", {"expires_at": office.ahead(90)}).json["id"] for _ in range(2)]
    restore(office)
    assert office.call("GET", "/admin/v1/districts").status == 401
    let_in(office)
    assert [token["status"] for token in office.call("GET", f"{at}/tokens").json["tokens"]] == ["void"] * 2
    refused = [("pause", None), ("resume", None), ("rotate", {"overlap_days": 2})]
    assert [office.call("POST", f"{at}/tokens/{old[0]}/{verb}", body).status for verb, body in refused] == [409] * 3
    assert office.call("POST", f"{at}/tokens/{old[0]}/revoke").status == 200
    issued = office.call("POST", f"{at}/tokens", {"expires_at": office.ahead(90)})
    assert issued.status == 201
    listed = office.call("GET", f"{at}/tokens").json["tokens"]
    assert {token["id"]: token["status"] for token in listed} == {
        old[0]: "revoked",
        old[1]: "void",
        issued.json["id"]: "active",
    }
    assert office.call("POST", f"{at}/stop").json["tokens_revoked"] == 1


def test_people_of_a_restored_registry_are_listed_and_can_be_revoked(aws_office: Office) -> None:
    office = aws_office
    restore(office)
    let_in(office)
    before, after = office.call("GET", "/admin/v1/people").json["people"]
    assert (before["token"]["status"], after["token"]["status"]) == ("void", "active")
    assert office.call("POST", f"/admin/v1/people/{before['id']}/revoke").status // 100 == 2
    assert office.call("GET", "/admin/v1/people").json["people"][0]["token"]["status"] == "revoked"
