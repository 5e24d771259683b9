"""Two people never overwrite each other: every resource has a version, and a change names the one it is meant for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.admin.conftest import Office
from tests.admin.test_cache_settings import OTHER
from tests.admin.test_people import slug

ALLOWED = {"may_refresh": True, "stale_cap": 60}


def changes(office: Office, path: str) -> dict[str, tuple[str, str, Any]]:
    district = path.partition("/integrations")[0]
    scope = {"scope": office.integration_body()["scope"] | {"fields": "pseudonymised@1"}}
    return {
        "the scope": ("PUT", f"{path}/scope", scope),
        "the allowance": ("PUT", f"{path}/cache", ALLOWED),
        "the policy": ("PUT", f"{district}/cache", OTHER),
    }


MUST = ["the scope", "the allowance", "the policy"]
MAY = ["pause", "resume", "end", "renew-pseudonyms"]


@pytest.mark.parametrize("what", MUST)
def test_a_change_is_made_over_the_version_that_was_read(either: Office, what: str) -> None:
    path = either.integration(either.district())
    method, at, body = changes(either, path)[what]
    owner = at.rpartition("/")[0]
    read = either.call("GET", owner)
    tag = read.headers["ETag"]
    assert tag == f'"{next(iter(read.json.values()))["version"]}"'

    changed = either.call(method, at, body, headers={"if-match": tag})
    assert (changed.status, changed.headers["ETag"]) == (200, '"2"')
    late = either.call(method, at, body, headers={"if-match": tag})
    assert (late.status, slug(late), late.json["version"]) == (412, "version-conflict", 2)
    assert late.headers["ETag"] == either.call("GET", owner).headers["ETag"] == '"2"'


@pytest.mark.parametrize("what", MUST)
def test_a_change_that_names_no_version_is_not_made(office: Office, what: str) -> None:
    path = office.integration(office.district())
    method, at, body = changes(office, path)[what]
    before = office.call("GET", at.rpartition("/")[0]).json
    reply = office.call(method, at, body, headers={"if-match": None})
    assert (reply.status, slug(reply)) == (428, "precondition-required")
    assert office.call("GET", at.rpartition("/")[0]).json == before


@pytest.mark.parametrize("field", ["5", 'W/"1"', '"one"', '"1", "2"', "", '"1234567890123456"', '"-1"'])
def test_a_condition_that_is_none_is_refused(office: Office, field: str) -> None:
    path = office.integration(office.district())
    reply = office.call("PUT", f"{path}/cache", ALLOWED, headers={"if-match": field})
    assert (reply.status, [entry["name"] for entry in reply.json["errors"]]) == (400, ["If-Match"])


@pytest.mark.parametrize("verb", MAY)
def test_a_change_of_state_is_conditional_when_it_says_so(office: Office, verb: str) -> None:
    path = office.integration(office.district())
    _, at, body = changes(office, path)["the scope"]
    office.call("PUT", at, body)
    late = office.call("POST", f"{path}/{verb}", headers={"if-match": '"1"'})
    assert (late.status, late.json["version"]) == (412, 2)
    assert office.call("POST", f"{path}/{verb}", headers={"if-match": '"2"'}).status == 200


@pytest.mark.parametrize("verb", ["stop", "tokens"])
def test_what_cannot_be_conditional_says_so(office: Office, verb: str) -> None:
    path = office.integration(office.district())
    body = {"expires_at": office.ahead(9)} if verb == "tokens" else None
    reply = office.call("POST", f"{path}/{verb}", body, headers={"if-match": "*"})
    assert (reply.status, [entry["name"] for entry in reply.json["errors"]]) == (400, ["If-Match"])
