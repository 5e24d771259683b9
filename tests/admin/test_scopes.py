"""The scope of an integration is changed: what that does, what it leaves behind, and whose it is to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hallpass.domain.access import Integration, Role
from hallpass.domain.tokens import parse_token

from tests.admin.conftest import ListedVault, Office, open_office
from tests.admin.scopes import (
    PSEUDONYMISED,
    SOME,
    change,
    create,
    groups,
    kept,
    refused,
    same_request,
    scope,
    upstream,
    use,
)
from tests.fakes import MemoryRegistry
from tests.vendor_fakes import ListedUsage


@pytest.fixture
def pseudonymised(office: Office, path: str) -> str:
    assert change(office, path, scope()).status == 200
    return path


def test_a_changed_scope_is_a_new_version_and_a_new_dataset(either: Office) -> None:
    path = either.integration(either.district())
    before = either.call("GET", path).json["integration"]
    assert before["dataset"] == "1.1"
    wider = before["scope"] | {"rows": before["scope"]["rows"] | {"types": ["referral", "minor"]}}
    reply = change(either, path, wider)
    assert (reply.status, reply.json) == (
        200,
        {"integration": before | {"scope": wider, "dataset": "2.1", "version": 2}},
    )
    assert either.call("GET", path).json == reply.json
    assert change(either, path, before["scope"]).json["integration"]["dataset"] == "3.1"


def test_the_vendors_tokens_hold_under_the_changed_scope(either: Office) -> None:
    path = either.integration(either.district())
    token = either.call("POST", f"{path}/tokens", {"expires_at": either.ahead(30)}).json["token"]
    change(either, path, scope())
    assert use(either, token) == "ok"
    presented = parse_token(token)
    record = either.desk.registry.find_pass(presented.holder_id, presented.token_id)
    assert record is not None
    assert (record.integration.scope.fields, record.integration.scope_version) == (PSEUDONYMISED, 2)


@pytest.mark.parametrize(
    "spelling",
    [
        pytest.param(lambda said: said, id="word for word"),
        pytest.param(lambda said: said | {"fields": said["fields"] | {"revision": "2025-12"}}, id="revision said"),
        pytest.param(
            lambda said: said | {"fields": said["fields"] | {"groups": said["fields"]["groups"][::-1]}},
            id="groups in another order",
        ),
        pytest.param(lambda said: dict(reversed(list(said.items()))), id="members in another order"),
    ],
)
def test_the_same_scope_changes_nothing(
    either: Office, spelling: Callable[[dict[str, Any]], dict[str, Any]], capfd: pytest.CaptureFixture[str]
) -> None:
    path = either.integration(either.district())
    said = scope(groups("context", "envelope", "student_numbers", numbers="pseudonymised"))
    first = change(either, path, said)
    before = kept(either, path)
    capfd.readouterr()
    assert change(either, path, spelling(said)).json == first.json
    assert kept(either, path) == before
    line = json.loads(capfd.readouterr().out)
    assert line["status"] == 200
    assert line["before"] == line["after"]
    assert line["after"].startswith("scope 2: ")


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        pytest.param("no-people@1", "no-people@1", id="no-people@1"),
        pytest.param(PSEUDONYMISED, PSEUDONYMISED, id="pseudonymised@1"),
        pytest.param("identified@1", "identified@1", id="identified@1"),
        pytest.param("all-documented@1", "all-documented@1", id="all-documented@1"),
        pytest.param(
            groups("narrative", "context", "envelope"),
            groups("envelope", "context", "narrative", revision="2025-12"),
            id="groups out of order",
        ),
        pytest.param(
            groups("staff", "frpl", "harm", victims="as-offenders", numbers="dropped", revision="2017"),
            groups("frpl", "harm", "staff", victims="as-offenders", numbers="dropped", revision="2017"),
            id="groups of an older revision",
        ),
        pytest.param(
            groups("discipline", victims="pseudonymised", numbers="pseudonymised"),
            groups("discipline", victims="pseudonymised", numbers="pseudonymised", revision="2025-12"),
            id="victims alone under pseudonyms",
        ),
        pytest.param(
            groups("demographics", victims="presence"),
            groups("demographics", victims="presence", revision="2025-12"),
            id="one group",
        ),
    ],
)
def test_a_scope_comes_back_as_it_was_sent(either: Office, fields: object, shown: object) -> None:
    district = either.district()
    made = create(either, district, fields)
    assert (made.status, made.json["integration"]["scope"]) == (201, scope(shown))
    path = either.integration(district)
    changed = change(either, path, scope(fields)).json
    assert changed["integration"]["scope"] == either.call("GET", path).json["integration"]["scope"] == scope(shown)
    # What was shown can be sent.
    assert change(either, path, changed["integration"]["scope"]).json == changed


def test_a_window_from_a_day_to_a_day_goes_with_envelope_and_context(office: Office, path: str) -> None:
    dated = SOME | {"window": {"from": "2026-01-01", "to": "2026-02-01"}}
    reply = change(office, path, scope(groups("context", "envelope"), dated))
    assert (reply.status, reply.json["integration"]["scope"]["rows"]) == (200, dated)


def test_a_change_is_recorded_with_both_versions_and_the_fields(
    office: Office, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    change(office, path, scope(groups("context", "envelope")))
    line = json.loads(capfd.readouterr().out)
    *_, district, _, integration = path.split("/")
    assert (line["action"], line["status"], line["role"]) == ("integration.scope", 200, "operator")
    assert (line["district"], line["integration"], line["target"]) == (district, integration, integration)
    rows = "types=minor schools=10 window=30 without-deleted"
    assert line["before"] == f"scope 1: {rows} all-documented@1"
    assert line["after"] == f"scope 2: {rows} groups@2025-12:context,envelope:victims-none:numbers-kept"
    assert line["scope_version"] == 2
    assert line["fields_preset"] == "groups@2025-12:context,envelope:victims-none:numbers-kept"


@pytest.mark.parametrize("confirm", [None, "", "yes", "UPSTREAM@1", "upstream@1 ", "all-documented@1", True])
def test_a_change_to_the_upstreams_bytes_is_named_twice(
    office: Office, path: str, confirm: object, capfd: pytest.CaptureFixture[str]
) -> None:
    before = kept(office, path)
    capfd.readouterr()
    assert refused(change(office, path, upstream(), confirm=confirm)) == (400, "body-invalid", ["confirm"])
    assert kept(office, path) == before
    made = change(office, path, upstream(), confirm="upstream@1")
    assert (made.status, made.json["integration"]["scope"]) == (200, upstream())
    # Not by being what it is already, either.
    assert refused(change(office, path, upstream(), confirm=confirm)) == (400, "body-invalid", ["confirm"])
    seen = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    # A confirmation that is no text is refused before it is known what was to be confirmed.
    actions = [line["action"] for line in seen if line["status"] == 200 or isinstance(confirm, str)]
    assert set(actions) - {"integration.scope"} == {"integration.scope-upstream"}
    assert [line.get("fields_preset") for line in seen] == [None, "upstream@1", None]


def test_a_change_to_the_upstreams_bytes_has_an_action_of_its_own(
    office: Office, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    for confirm in ("no", "upstream@1"):
        change(office, path, upstream(), confirm=confirm)
    change(office, path, scope("identified@1"))
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [(line["action"], line["status"]) for line in lines] == [
        ("integration.scope-upstream", 400),
        ("integration.scope-upstream", 200),
        ("integration.scope", 200),
    ]
    everything = "types=referral,minor,pending schools=all window=unbounded with-deleted upstream@1"
    assert (lines[1]["after"], lines[2]["before"]) == (f"scope 2: {everything}",) * 2


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        pytest.param("PUT", "/scope", {"scope": scope("identified@1")}, id="change"),
        pytest.param("PUT", "/scope", {"scope": upstream(), "confirm": "upstream@1"}, id="change to upstream@1"),
        pytest.param("PUT", "/scope", {"scope": upstream()}, id="change to upstream@1 unconfirmed"),
        pytest.param("PUT", "/scope", {"scope": scope()}, id="the same scope"),
        pytest.param("POST", "/renew-pseudonyms", None, id="renew"),
        pytest.param("POST", "/end", None, id="end"),
    ],
)
def test_another_districts_integration_is_answered_like_one_that_is_not(
    office: Office, pseudonymised: str, method: str, tail: str, body: object
) -> None:
    theirs, mine = pseudonymised, office.district("Another Invented")
    admin = office.person(Role.DISTRICT_ADMIN, mine)
    before = kept(office, theirs)
    foreign = f"/admin/v1/districts/{mine}/integrations/{theirs.rpartition('/')[2]}"
    nowhere = "/admin/v1/districts/None/integrations/NoneNone"
    replies = [
        office.call(method, base + tail, body, token=admin, requestContext=same_request(method))
        for base in (theirs, foreign, nowhere)
    ]
    assert replies[0] == replies[1] == replies[2]
    assert refused(replies[0]) == (404, "not-found", [])
    assert kept(office, theirs) == before
    # Nor through the wrong district's address.
    assert office.call(method, foreign + tail, body).status == 404


def test_a_districts_own_admin_does_all_of_it(office: Office, path: str) -> None:
    admin = office.person(Role.DISTRICT_ADMIN, path.split("/")[4])
    for method, tail, body in (
        ("PUT", "/scope", {"scope": upstream(), "confirm": "upstream@1"}),
        ("PUT", "/scope", {"scope": scope()}),
        ("POST", "/renew-pseudonyms", None),
        ("POST", "/end", None),
    ):
        assert office.call(method, path + tail, body, token=admin).status == 200


@pytest.mark.parametrize(
    ("tail", "allowed"),
    [("/scope", "PUT"), ("/renew-pseudonyms", "POST"), ("/end", "POST")],
)
def test_another_method_is_told_which_is_right(office: Office, path: str, tail: str, allowed: str) -> None:
    reply = office.call("GET", path + tail)
    assert (reply.status, reply.headers["Allow"]) == (405, allowed)


@dataclass(slots=True)
class Raced(MemoryRegistry):
    """A registry in which, once it is `watched`, somebody writes whenever an integration has just been read."""

    watched: bool = False

    def integration(self, integration_id: str) -> Integration | None:
        found = MemoryRegistry.integration(self, integration_id)
        if self.watched:
            self.stop_tokens(integration_id)
        return found


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        pytest.param("PUT", "/scope", {"scope": scope("identified@1")}, id="change"),
        pytest.param("PUT", "/scope", {"scope": scope(groups("envelope", numbers="pseudonymised"))}, id="with a key"),
        pytest.param("POST", "/renew-pseudonyms", None, id="renew"),
        pytest.param("POST", "/end", None, id="end"),
    ],
)
def test_a_lost_race_is_a_conflict_and_the_other_write_stands(method: str, tail: str, body: object) -> None:
    registry = Raced()
    office = open_office(registry, ListedVault(), ListedUsage())
    path = office.integration(office.district())
    change(office, path, scope())
    before = kept(office, path)
    registry.watched = True
    reply = office.call(method, path + tail, body)
    registry.watched = False
    assert refused(reply) == (409, "conflict", [])
    # It is read for the record, then for the change: each time somebody wrote after it.
    assert kept(office, path) == replace(before, token_generation=3, version=before.version + 2)
    assert office.call(method, path + tail, body).status == 200
