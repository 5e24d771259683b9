"""What every Registry does: the fake and the real one alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hallpass.adapters.credential_items import person_item, read_person, read_token, token_item
from hallpass.adapters.registry_items import district_item, integration_item, read_district, read_integration
from hallpass.adapters.registry_keys import token_key
from hallpass.domain.access import Role, Status, TokenStatus
from hallpass.domain.cache_policy import CachePolicy, Check
from hallpass.domain.erasure import ErasedInAll
from hallpass.domain.errors import ConflictError, NotFoundError, UnavailableError
from hallpass.domain.failure import HallpassError
from hallpass.domain.limits import Limits
from hallpass.domain.scope import AllSchools, IncidentType, Rows, Scope, Unbounded
from hallpass.ports import Registry

from tests.records import (
    DISTRICT_ID,
    INTEGRATION_ID,
    NOW,
    PERSON_ID,
    a_district,
    a_person,
    a_token,
    an_integration,
)


@pytest.fixture
def filled(registry: Registry) -> Registry:
    registry.add_district(a_district())
    registry.add_integration(an_integration())
    registry.add_token(a_token(), an_integration())
    return registry


def test_a_pass_is_token_integration_and_district_as_written(filled: Registry) -> None:
    record = filled.find_pass(INTEGRATION_ID, "Tok1")
    assert record is not None
    assert record.token == a_token()
    assert record.integration == replace(an_integration(), version=2)
    assert record.district == a_district()


def test_a_district_named_like_another_is_another(filled: Registry) -> None:
    filled.add_district(a_district("D2nd", "Invented Unified"))
    assert [district.id for district in filled.districts()] == [DISTRICT_ID, "D2nd"]


@pytest.mark.parametrize(
    ("integration_id", "token_id"),
    [
        pytest.param(INTEGRATION_ID, "None", id="unknown token"),
        pytest.param("D1stNone", "Tok1", id="unknown integration"),
        pytest.param("NoneVnd1", "Tok1", id="unknown district"),
        pytest.param(INTEGRATION_ID.lower(), "Tok1", id="another case"),
    ],
)
def test_no_pass_unless_all_three_exist(filled: Registry, integration_id: str, token_id: str) -> None:
    assert filled.find_pass(integration_id, token_id) is None


def test_no_pass_without_its_district(registry: Registry) -> None:
    registry.add_integration(an_integration())
    registry.add_token(a_token(), an_integration())
    assert registry.find_pass(INTEGRATION_ID, "Tok1") is None


def test_what_is_not_there_is_none_or_empty(registry: Registry) -> None:
    assert registry.district("None") is None
    assert registry.integration("NoneNone") is None
    assert registry.find_person("NoneNone", "None") is None
    assert (registry.districts(), registry.people()) == ([], [])
    assert (registry.integrations("None"), registry.tokens("NoneNone")) == ([], [])
    assert registry.person_tokens("NoneNone") == []


@pytest.mark.parametrize(
    "fields", ["upstream@1", "pseudonymised@1", "groups@2020-04:context,envelope,frpl:victims-presence:numbers-dropped"]
)
def test_every_kind_of_scope_survives(registry: Registry, fields: str) -> None:
    everything = Scope(Rows(frozenset(IncidentType), AllSchools(), Unbounded(), deleted=True), fields)
    registry.add_integration(an_integration(scope=everything))
    assert registry.integration(INTEGRATION_ID) == an_integration(scope=everything)


@pytest.mark.parametrize(
    "sealed_key", [None, b"\x00sealed\xff", bytes(range(256))], ids=["none", "a short one", "every byte"]
)
def test_the_key_of_its_pseudonyms_is_kept_with_an_integration(registry: Registry, sealed_key: bytes | None) -> None:
    kept = replace(an_integration(), pseudonym_epoch=3, sealed_key=sealed_key)
    registry.add_district(a_district())
    registry.add_integration(kept)
    assert registry.integration(INTEGRATION_ID) == kept
    assert registry.integrations(DISTRICT_ID) == [kept]
    registry.add_token(a_token(), kept)
    record = registry.find_pass(INTEGRATION_ID, "Tok1")
    assert record is not None
    assert (record.integration.sealed_key, record.integration.pseudonym_epoch) == (sealed_key, 3)
    assert registry.stop_tokens(INTEGRATION_ID).sealed_key == sealed_key


def test_a_key_comes_is_replaced_and_goes_with_the_integration_that_is_saved(registry: Registry) -> None:
    registry.add_integration(an_integration())
    for version, sealed_key in enumerate((b"first", b"second", None), 2):
        saved = replace(an_integration(), sealed_key=sealed_key, version=version)
        registry.save_integration(saved)
        assert registry.integration(INTEGRATION_ID) == saved


@pytest.mark.parametrize("limits", [Limits(), Limits(1, 1, 1), Limits(6_000, 6_000, 1_000_000)], ids=str)
def test_an_integrations_limits_are_kept_and_replaced(registry: Registry, limits: Limits) -> None:
    registry.add_integration(replace(an_integration(), limits=limits))
    kept = registry.integration(INTEGRATION_ID)
    assert kept is not None
    assert kept.limits == limits
    registry.save_integration(replace(kept, limits=Limits(6, 3, 100), version=2))
    assert registry.stop_tokens(INTEGRATION_ID).limits == Limits(6, 3, 100)


def test_an_item_of_an_older_version_has_the_usual_limits_and_bad_ones_are_doubt() -> None:
    item = integration_item(replace(an_integration(), limits=Limits(6, 3, 100)))
    for broken in ("", "{}", "none", '{"per_minute":0,"burst":1,"pages_a_day":1}'):
        with pytest.raises(UnavailableError):
            read_integration(item | {"limits": {"S": broken}})
    del item["limits"]
    assert read_integration(item) == an_integration()


def test_an_item_of_an_older_version_has_no_key_and_one_of_another_kind_is_doubt() -> None:
    item = integration_item(replace(an_integration(), sealed_key=b"sealed"))
    assert item.pop("sealed_key") == {"B": b"sealed"}
    assert item == integration_item(an_integration())
    assert read_integration(item) == an_integration()
    with pytest.raises(UnavailableError):
        read_integration(item | {"sealed_key": {"S": "sealed"}})


def test_what_is_decided_about_a_cache_is_kept_with_district_and_integration(filled: Registry) -> None:
    policy = CachePolicy(fresh_for=timedelta(0), stale_if_error=timedelta(days=2), check=Check.VERIFIED)
    district = replace(a_district(), cache=policy, version=2)
    filled.save_district(district)
    assert (filled.district(DISTRICT_ID), filled.districts()) == (district, [district])
    allowed = replace(an_integration(), may_refresh=True, stale_cap=timedelta(minutes=10), version=3)
    filled.save_integration(allowed)
    record = filled.find_pass(INTEGRATION_ID, "Tok1")
    assert record is not None
    assert (record.district, record.integration) == (district, allowed)
    capped = replace(allowed, may_refresh=False, stale_cap=timedelta(0), version=4)
    filled.save_integration(capped)
    assert filled.integration(INTEGRATION_ID) == capped


def test_a_token_is_kept_with_when_and_by_whom_it_was_revoked(filled: Registry) -> None:
    revoked = replace(a_token("Tok2"), status=TokenStatus.REVOKED, revoked_at=NOW, revoked_by="holder")
    filled.add_token(revoked, replace(an_integration(), version=2))
    assert revoked in filled.tokens(INTEGRATION_ID)


def test_when_and_by_whom_district_and_integration_were_ended_is_kept_and_what_was_erased(filled: Registry) -> None:
    erased = ErasedInAll(3, 2, *range(10, 16))
    district = replace(a_district(), status=Status.ENDED, ended_at=NOW, ended_by=PERSON_ID, erased=erased, version=2)
    filled.save_district(district)
    assert filled.district(DISTRICT_ID) == district
    integration = replace(an_integration(), status=Status.ENDED, ended_at=NOW, ended_by=PERSON_ID, version=3)
    filled.save_integration(integration)
    assert filled.integration(INTEGRATION_ID) == integration


def test_what_erased_a_district_before_that_was_counted_is_missing_in_the_sums() -> None:
    item = district_item(replace(a_district(), status=Status.ENDED, ended_at=NOW))
    assert read_district(item).erased == ErasedInAll(begun=1)
    assert read_district(district_item(a_district())).erased == ErasedInAll()


@pytest.mark.parametrize(
    "erased", ["", "[]", "1", '{"begun":-1}', '{"begun":"1"}', '{"begun":1.5}', '{"begun":true}', '{"unknown":1}']
)
def test_sums_that_cannot_be_read_are_doubt(erased: str) -> None:
    with pytest.raises(UnavailableError):
        read_district(district_item(a_district()) | {"erased": {"S": erased}})


def test_items_from_before_there_were_policies_have_the_usual_one() -> None:
    district, integration = district_item(a_district()), integration_item(an_integration())
    del district["cache"], integration["may_refresh"]
    assert read_district(district) == a_district()
    assert a_district().cache == CachePolicy()
    assert read_integration(integration) == an_integration()


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda registry: registry.add_district(a_district()), id="a district twice"),
        pytest.param(lambda registry: registry.save_district(a_district()), id="an old reading of a district saved"),
        pytest.param(
            lambda registry: registry.save_district(replace(a_district("None"), version=2)),
            id="a save of a district that is not there",
        ),
        pytest.param(lambda registry: registry.add_integration(an_integration()), id="an integration twice"),
        pytest.param(
            lambda registry: registry.add_token(a_token(), replace(an_integration(), version=2)), id="a token twice"
        ),
        pytest.param(
            lambda registry: registry.add_token(a_token("Tok2"), an_integration()), id="a token on an old reading"
        ),
        pytest.param(
            lambda registry: registry.add_token(a_token("Tok2", generation=2), replace(an_integration(), version=2)),
            id="a token of another generation",
        ),
        pytest.param(
            lambda registry: registry.add_token(a_token("Tok2", "D1stNone"), an_integration("D1stNone")),
            id="a token of no integration",
        ),
        pytest.param(lambda registry: registry.save_integration(an_integration()), id="an old reading saved"),
        pytest.param(
            lambda registry: registry.save_integration(replace(an_integration("D1stNone"), version=2)),
            id="a save of what is not there",
        ),
    ],
)
def test_a_lost_race_is_a_conflict(filled: Registry, write: Callable[[Registry], None]) -> None:
    with pytest.raises(ConflictError):
        write(filled)
    assert len(filled.tokens(INTEGRATION_ID)) == 1
    assert filled.integration(INTEGRATION_ID) == replace(an_integration(), version=2)
    assert filled.districts() == [a_district()]


def test_of_two_tokens_issued_on_one_reading_one_is_kept(filled: Registry) -> None:
    seen = replace(an_integration(), version=2)
    filled.add_token(a_token("Tok2"), seen)
    with pytest.raises(ConflictError):
        filled.add_token(a_token("Tok3"), seen)
    assert [token.id for token in filled.tokens(INTEGRATION_ID)] == ["Tok1", "Tok2"]


def test_an_integration_is_saved_over_the_version_it_was_read_at(filled: Registry) -> None:
    paused = replace(an_integration(), status=Status.PAUSED, version=3)
    filled.save_integration(paused)
    assert filled.integration(INTEGRATION_ID) == paused


def test_stopping_raises_generation_and_version_every_time(filled: Registry) -> None:
    assert filled.stop_tokens(INTEGRATION_ID) == replace(an_integration(), token_generation=2, version=3)
    assert filled.stop_tokens(INTEGRATION_ID) == replace(an_integration(), token_generation=3, version=4)
    with pytest.raises(ConflictError):
        filled.add_token(a_token("Tok2"), replace(an_integration(), version=2))


def test_a_rotation_adds_and_ends_in_one_write(filled: Registry) -> None:
    ending = replace(a_token(), expires_at=NOW + timedelta(days=7))
    filled.add_token(a_token("Tok2", issued_at=NOW + timedelta(hours=1)), replace(an_integration(), version=2), ending)
    assert [token.id for token in filled.tokens(INTEGRATION_ID)] == ["Tok1", "Tok2"]
    assert filled.tokens(INTEGRATION_ID)[0] == ending


@pytest.mark.parametrize("case", ["later than now set", "revoked", "not there"])
def test_a_rotation_that_cannot_end_the_old_token_adds_none(filled: Registry, case: str) -> None:
    ending = replace(a_token(), expires_at=NOW + timedelta(days=7))
    if case == "later than now set":
        ending = replace(a_token(), expires_at=a_token().expires_at + timedelta(seconds=1))
    if case == "revoked":
        filled.revoke_token(INTEGRATION_ID, "Tok1", NOW, PERSON_ID)
    if case == "not there":
        ending = a_token("None")
    with pytest.raises(ConflictError):
        filled.add_token(a_token("Tok2"), replace(an_integration(), version=2), ending)
    assert len(filled.tokens(INTEGRATION_ID)) == 1


def test_a_token_is_paused_and_resumed(filled: Registry) -> None:
    for status in (TokenStatus.PAUSED, TokenStatus.PAUSED, TokenStatus.ACTIVE):
        filled.set_token_status(INTEGRATION_ID, "Tok1", status)
        assert filled.tokens(INTEGRATION_ID) == [replace(a_token(), status=status)]


def test_revoked_is_final_and_remembers_the_first_time(filled: Registry) -> None:
    filled.revoke_token(INTEGRATION_ID, "Tok1", NOW, PERSON_ID)
    filled.revoke_token(INTEGRATION_ID, "Tok1", NOW + timedelta(days=1), "other")
    with pytest.raises(ConflictError):
        filled.set_token_status(INTEGRATION_ID, "Tok1", TokenStatus.ACTIVE)
    assert filled.tokens(INTEGRATION_ID) == [
        replace(a_token(), status=TokenStatus.REVOKED, revoked_at=NOW, revoked_by=PERSON_ID)
    ]


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda registry: registry.stop_tokens("D1stNone"), id="stop"),
        pytest.param(lambda registry: registry.revoke_token(INTEGRATION_ID, "None", NOW, PERSON_ID), id="revoke"),
        pytest.param(
            lambda registry: registry.set_token_status(INTEGRATION_ID, "None", TokenStatus.PAUSED), id="pause"
        ),
        pytest.param(lambda registry: registry.revoke_person("NoneNone", NOW, PERSON_ID), id="revoke a person"),
    ],
)
def test_what_is_not_there_cannot_be_changed(filled: Registry, write: Callable[[Registry], None]) -> None:
    with pytest.raises(NotFoundError):
        write(filled)
    assert filled.integration("D1stNone") is None
    assert len(filled.tokens(INTEGRATION_ID)) == 1


def test_a_holder_sees_only_its_own_tokens_and_a_district_only_its_own_integrations(filled: Registry) -> None:
    filled.add_integration(an_integration("D1stVnd2", created_at=NOW - timedelta(days=1)))
    filled.add_token(a_token("Tok2", "D1stVnd2"), an_integration("D1stVnd2"))
    filled.add_integration(an_integration("D2ndVnd1"))
    assert [kept.id for kept in filled.integrations(DISTRICT_ID)] == ["D1stVnd2", INTEGRATION_ID]
    assert [token.id for token in filled.tokens(INTEGRATION_ID)] == ["Tok1"]
    assert [token.id for token in filled.tokens("D1stVnd2")] == ["Tok2"]


def test_a_person_and_a_token_are_found_together(registry: Registry) -> None:
    token = a_token("Ptk1", PERSON_ID, generation=0)
    registry.add_person(a_person(), token)
    record = registry.find_person(PERSON_ID, "Ptk1")
    assert record is not None
    assert (record.token, record.person) == (token, a_person())
    assert registry.find_person(PERSON_ID, "None") is None
    assert registry.find_pass(PERSON_ID, "Ptk1") is None


def test_a_district_admin_belongs_to_one_district(registry: Registry) -> None:
    admin = a_person("Person02", Role.DISTRICT_ADMIN, DISTRICT_ID)
    registry.add_person(admin, a_token("Ptk1", "Person02", generation=0))
    assert registry.people() == [admin]


def test_revoking_a_person_revokes_each_token_for_good(registry: Registry) -> None:
    registry.add_person(a_person(), a_token("Ptk1", PERSON_ID, generation=0))
    for at in (NOW, NOW + timedelta(days=1)):
        registry.revoke_person(PERSON_ID, at, "other")
    assert [(kept.status, kept.revoked_at, kept.revoked_by) for kept in registry.person_tokens(PERSON_ID)] == [
        (TokenStatus.REVOKED, NOW, "other")
    ]
    with pytest.raises(HallpassError):
        registry.add_person(a_person(), a_token("Ptk2", PERSON_ID, generation=0))


def test_a_persons_token_is_added_over_one_that_ends_earlier(registry: Registry) -> None:
    old = a_token("Ptk1", PERSON_ID, generation=0)
    new = a_token("Ptk2", PERSON_ID, NOW + timedelta(hours=1), generation=0)
    registry.add_person(a_person(), old)
    ending = replace(old, expires_at=NOW + timedelta(days=1))
    registry.add_person_token(new, ending)
    assert registry.person_tokens(PERSON_ID) == [ending, new]
    with pytest.raises(ConflictError):
        registry.add_person_token(new, ending)


@pytest.mark.parametrize(
    ("end", "changes"),
    [
        pytest.param("revoked", {}, id="of one who is revoked"),
        pytest.param(None, {"id": "Ptk9"}, id="over one that is not there"),
        pytest.param(None, {"holder_id": "Person09"}, id="of nobody"),
        pytest.param(None, {"expires_at": NOW + timedelta(days=900)}, id="over one that would end later"),
    ],
)
def test_a_persons_token_is_not_added(registry: Registry, end: str | None, changes: dict[str, object]) -> None:
    old = a_token("Ptk1", PERSON_ID, generation=0)
    registry.add_person(a_person(), old)
    if end:
        registry.revoke_person(PERSON_ID, NOW, "other")
    ending = replace(old, **changes)  # type: ignore[arg-type]  # of the table above
    with pytest.raises(ConflictError):
        registry.add_person_token(a_token("Ptk2", ending.holder_id, generation=0), ending)
    assert [token.id for token in registry.person_tokens(PERSON_ID)] == ["Ptk1"]


def test_a_revoked_person_is_on_record_as_revoked_first(registry: Registry) -> None:
    registry.add_person(a_person(), a_token("Ptk1", PERSON_ID, generation=0))
    for at in (NOW, NOW + timedelta(days=1)):
        registry.revoke_person(PERSON_ID, at, "other")
    assert [person.revoked_at for person in registry.people()] == [NOW]


@pytest.mark.parametrize("revoked_at", [None, NOW])
def test_a_person_and_a_token_are_read_as_they_were_written(revoked_at: datetime | None) -> None:
    person = replace(a_person(), revoked_at=revoked_at)
    assert read_person(person_item(person)) == person
    token = replace(a_token(), revoked_at=revoked_at)
    assert read_token(token_item(token, token_key(token.holder_id, token.id), "here"), "here") == token
