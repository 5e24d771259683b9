"""The keys of pseudonyms come, are renewed and go; an integration ends for good."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hallpass.domain.access import Status

from tests.admin.conftest import Office
from tests.admin.scopes import (
    PSEUDONYMISED,
    change,
    create,
    groups,
    kept,
    refused,
    scope,
    use,
)
from tests.vendor_fakes import MemoryKeys


@pytest.fixture
def pseudonymised(office: Office, path: str) -> str:
    assert change(office, path, scope()).status == 200
    return path


def test_a_key_is_made_with_the_first_pseudonyms_kept_while_there_are_any_and_destroyed_with_the_last(
    either: Office,
) -> None:
    path = either.integration(either.district())
    assert kept(either, path).sealed_key is None
    keys = []
    for fields in (
        "identified@1",
        PSEUDONYMISED,
        groups("envelope", numbers="pseudonymised"),
        "no-people@1",
        PSEUDONYMISED,
    ):
        assert change(either, path, scope(fields)).status == 200
        keys.append(kept(either, path).sealed_key)
    assert keys[0] is None
    assert keys[1]
    assert keys[2] == keys[1]
    assert keys[3] is None, "nobody is shown pseudonyms"
    assert keys[4] not in (None, keys[1]), "who is shown pseudonyms again is shown others"
    assert kept(either, path).dataset == "6.2"


@pytest.mark.parametrize(
    ("fields", "keyed"),
    [
        (PSEUDONYMISED, True),
        (groups("student_numbers", numbers="pseudonymised"), True),
        ("no-people@1", False),
        (groups("student_numbers"), False),
    ],
)
def test_an_integration_is_made_with_a_key_if_it_shows_pseudonyms(either: Office, fields: object, keyed: bool) -> None:
    district = either.district()
    made = create(either, district, fields).json["integration"]
    assert (made["dataset"], kept(either, made["id"]).sealed_key is not None) == ("1.1", keyed)


def test_two_integrations_have_two_keys(either: Office) -> None:
    district = either.district()
    ids = [create(either, district, PSEUDONYMISED).json["integration"]["id"] for _ in range(2)]
    assert len({kept(either, one).sealed_key for one in ids}) == 2


def test_no_answer_and_no_line_shows_a_key(office: Office, capfd: pytest.CaptureFixture[str]) -> None:
    path = office.integration(office.district())
    replies = [change(office, path, scope())]
    sealed = [kept(office, path).sealed_key]
    replies += [office.call("POST", f"{path}/renew-pseudonyms"), office.call("GET", path)]
    sealed.append(kept(office, path).sealed_key)
    replies.append(office.call("POST", f"{path}/end"))
    told = "".join(reply.text for reply in replies) + "".join(capfd.readouterr())
    for key in sealed:
        assert key
        assert key.decode() not in told
    assert "sealed" not in told


def test_renewing_raises_the_epoch_and_replaces_the_key(either: Office, capfd: pytest.CaptureFixture[str]) -> None:
    path = either.integration(either.district())
    change(either, path, scope())
    before = kept(either, path)
    capfd.readouterr()
    reply = either.call("POST", f"{path}/renew-pseudonyms")
    assert (reply.status, reply.json["integration"]["dataset"]) == (200, "2.2")
    after = kept(either, path)
    assert after == replace(before, pseudonym_epoch=2, sealed_key=after.sealed_key, version=before.version + 1)
    assert after.sealed_key
    assert after.sealed_key != before.sealed_key
    line = json.loads(capfd.readouterr().out)
    assert (line["action"], line["before"], line["after"]) == ("integration.renew-pseudonyms", "epoch 1", "epoch 2")
    assert either.call("POST", f"{path}/renew-pseudonyms").json["integration"]["dataset"] == "2.3"


def test_of_an_integration_made_with_pseudonyms_only_the_epoch_of_the_dataset_changes(office: Office) -> None:
    district = office.district()
    made = create(office, district, PSEUDONYMISED).json["integration"]["id"]
    path = f"/admin/v1/districts/{district}/integrations/{made}"
    assert office.call("POST", f"{path}/renew-pseudonyms").json["integration"]["dataset"] == "1.2"


@pytest.mark.parametrize("had_some", [False, True], ids=["never had some", "has them no more"])
def test_without_pseudonyms_there_is_nothing_to_renew(office: Office, path: str, had_some: bool) -> None:
    if had_some:
        change(office, path, scope())
        change(office, path, scope("identified@1"))
    before = kept(office, path)
    reply = office.call("POST", f"{path}/renew-pseudonyms")
    assert refused(reply) == (409, "conflict", [])
    assert reply.json["detail"] == "The integration's scope shows no pseudonyms."
    assert kept(office, path) == before


def test_an_end_stops_the_tokens_and_destroys_the_key(either: Office, capfd: pytest.CaptureFixture[str]) -> None:
    path = either.integration(either.district())
    change(either, path, scope())
    issued = [either.call("POST", f"{path}/tokens", {"expires_at": either.ahead(30)}).json for _ in range(2)]
    before = kept(either, path)
    [operator] = either.desk.registry.people()
    capfd.readouterr()
    reply = either.call("POST", f"{path}/end")
    assert (reply.status, reply.json["integration"]["status"]) == (200, "ended")
    assert kept(either, path) == replace(
        before,
        status=Status.ENDED,
        ended_at=either.desk.now(),
        ended_by=operator.id,
        sealed_key=None,
        token_generation=before.token_generation + 1,
        version=before.version + 1,
    )
    assert {use(either, token["token"]) for token in issued} == {"token-revoked"}
    listed = either.call("GET", f"{path}/tokens").json["tokens"]
    assert [token["status"] for token in listed] == ["revoked", "revoked"]
    line = json.loads(capfd.readouterr().out.splitlines()[0])
    assert (line["action"], line["before"], line["after"]) == ("integration.end", "active", "ended")


def test_an_end_is_said_as_often_as_one_likes(either: Office, capfd: pytest.CaptureFixture[str]) -> None:
    path = either.integration(either.district())
    first = either.call("POST", f"{path}/end")
    before = kept(either, path)
    capfd.readouterr()
    assert either.call("POST", f"{path}/end").json == first.json
    assert kept(either, path) == before
    line = json.loads(capfd.readouterr().out)
    assert (line["status"], line["before"], line["after"]) == (200, "ended", "ended")


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        pytest.param("PUT", "/scope", {"scope": scope("identified@1")}, id="change"),
        pytest.param("PUT", "/scope", {"scope": scope()}, id="the same scope"),
        pytest.param("POST", "/pause", None, id="pause"),
        pytest.param("POST", "/resume", None, id="resume"),
        pytest.param("POST", "/renew-pseudonyms", None, id="renew"),
        pytest.param("POST", "/tokens", {"expires_at": "2026-06-01T00:00:00Z"}, id="issue"),
        pytest.param("POST", "/tokens/{token}/rotate", {}, id="rotate"),
        pytest.param("POST", "/tokens/{token}/resume", None, id="resume a token"),
    ],
)
@pytest.mark.parametrize("paused", [False, True], ids=["ended", "paused and ended"])
def test_an_end_is_final(
    office: Office, pseudonymised: str, method: str, tail: str, body: object, paused: bool
) -> None:
    path = pseudonymised
    token = office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(30)}).json["id"]
    if paused:
        office.call("POST", f"{path}/pause")
    office.call("POST", f"{path}/end")
    before = kept(office, path)
    assert refused(office.call(method, path + tail.format(token=token), body)) == (409, "conflict", [])
    assert kept(office, path) == before
    assert (before.status, before.sealed_key) == (Status.ENDED, None)


@pytest.fixture
def keys(office: Office) -> MemoryKeys:
    keys = office.desk.keys
    assert isinstance(keys, MemoryKeys)
    return keys


def test_without_the_key_store_nothing_is_made_that_needs_a_key(office: Office, keys: MemoryKeys) -> None:
    district = office.district()
    keys.unreachable = True
    reply = create(office, district, PSEUDONYMISED)
    assert (*refused(reply), reply.headers["Retry-After"]) == (503, "unavailable", [], "5")
    assert office.call("GET", f"/admin/v1/districts/{district}/integrations").json == {"integrations": [], "next": None}
    assert create(office, district, "identified@1").status == 201
    keys.unreachable = False
    assert create(office, district, PSEUDONYMISED).status == 201


def test_without_the_key_store_a_scope_that_needs_a_key_is_not_changed(
    office: Office, path: str, keys: MemoryKeys
) -> None:
    before = kept(office, path)
    keys.unreachable = True
    reply = change(office, path, scope())
    assert (*refused(reply), reply.headers["Retry-After"]) == (503, "unavailable", [], "5")
    assert kept(office, path) == before
    keys.unreachable = False
    assert change(office, path, scope()).json["integration"]["dataset"] == "2.1"
    # What has its key needs no other.
    keys.unreachable = True
    assert change(office, path, scope(groups("envelope", numbers="pseudonymised"))).status == 200


def test_without_the_key_store_pseudonyms_are_not_renewed_but_ended(
    office: Office, pseudonymised: str, keys: MemoryKeys
) -> None:
    before = kept(office, pseudonymised)
    keys.unreachable = True
    reply = office.call("POST", f"{pseudonymised}/renew-pseudonyms")
    assert (*refused(reply), reply.headers["Retry-After"]) == (503, "unavailable", [], "5")
    assert kept(office, pseudonymised) == before
    assert office.call("POST", f"{pseudonymised}/end").status == 200
