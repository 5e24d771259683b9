"""Presets and lists of groups: what each shows, path for path, and which combinations there are not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hallpass.domain.catalogue import GROUPS, NUMBERS, VICTIMS
from hallpass.domain.custom_fields import CustomFields, custom_fields, is_custom
from hallpass.domain.field_groups import VICTIM, VICTIM_NUMBER, Numbers, Victims, may_be_pseudonymised, paths_of_groups
from hallpass.domain.presets import PRESETS
from hallpass.domain.schema import BY_NAME_GROUPS, FIELDS, REVISIONS, VALUE_PATHS, Group, Identity, Kind
from hallpass.domain.scope_error import ScopeInvalidError
from hallpass.domain.view import FieldView, UnknownPathError, UnknownPresetError, view_of
from hypothesis import assume, given
from hypothesis import strategies as st

PERSONS = frozenset(
    {Group.STUDENT_NUMBERS, Group.STUDENT_NAMES, Group.DEMOGRAPHICS, Group.DISCIPLINE, Group.STAFF, Group.NARRATIVE}
)


@st.composite
def customs(draw: st.DrawFn) -> CustomFields:
    """Any list of groups that may be granted."""
    numbers = draw(st.sampled_from(Numbers))
    pseudonymised = numbers is Numbers.PSEUDONYMISED
    refused = {Group.NARRATIVE, Group.STUDENT_NAMES} if pseudonymised else set()
    refused |= {Group.STUDENT_NUMBERS} if numbers is Numbers.DROPPED else set()
    groups = draw(st.frozensets(st.sampled_from(sorted(set(Group) - refused)), min_size=1))
    if pseudonymised:
        groups |= {draw(st.sampled_from([Group.ENVELOPE, Group.STUDENT_NUMBERS, Group.STAFF]))}
    victims = draw(st.sampled_from([v for v in Victims if pseudonymised or v is not Victims.PSEUDONYMISED]))
    revision = draw(st.sampled_from(REVISIONS))
    assume(paths_of_groups(groups, victims, numbers, revision))
    return CustomFields(groups, victims, numbers, revision)


def groups_of(name: str) -> set[Group]:
    return {group for path in view_of(name).paths if (group := FIELDS[path].group) is not None}


@pytest.mark.parametrize("name", PRESETS)
def test_f08_the_exact_paths_of_a_preset_are_a_reviewed_decision(
    golden: Callable[[str, object], None], name: str
) -> None:
    view = view_of(name)
    if name == "all-documented@1":  # the oldest file: paths alone
        golden(f"preset-{name}.json", sorted(view.paths))
        return
    golden(
        f"preset-{name}.json",
        {"whole_days": view.whole_days, "pseudonymised": view.pseudonymised, "paths": sorted(view.paths)},
    )


def test_no_people_has_no_person_no_identity_no_time_and_no_words() -> None:
    view = view_of("no-people@1")
    assert groups_of("no-people@1") == {Group.ENVELOPE, Group.CONTEXT}
    assert {path for path in view.paths if FIELDS[path].identity or FIELDS[path].kind is Kind.TIME} == set()
    assert {path for path in view.paths if not FIELDS[path].is_attribute} == {"incident/date"}
    assert view.whole_days
    assert not view.pseudonymised


def test_pseudonymised_has_identities_as_pseudonyms_only_and_no_words() -> None:
    view = view_of("pseudonymised@1")
    shown = {FIELDS[path].identity for path in view.paths} - {None}
    assert shown == {Identity.INCIDENT, Identity.STUDENT}
    assert groups_of("pseudonymised@1") == {
        Group.ENVELOPE, Group.CONTEXT, Group.STUDENT_NUMBERS, Group.DISCIPLINE,
    }  # fmt: skip
    assert all(may_be_pseudonymised(FIELDS[path]) for path in view.paths)
    assert {path for path in view.paths if FIELDS[path].victim} == {VICTIM}
    assert not {path for path in view.paths if FIELDS[path].kind in (Kind.TEXT, Kind.CODED) and "@" not in path}


def test_identified_has_neither_special_education_nor_narrative_staff_or_victims() -> None:
    assert groups_of("identified@1") == {
        Group.ENVELOPE, Group.CONTEXT, Group.STUDENT_NUMBERS, Group.STUDENT_NAMES, Group.DEMOGRAPHICS, Group.DISCIPLINE,
    }  # fmt: skip
    assert not {path for path in view_of("identified@1").paths if FIELDS[path].victim}


def test_the_groups_that_go_by_name_are_in_no_preset_but_the_upstreams_own() -> None:
    """F-05."""
    holding = {name for name in PRESETS if groups_of(name) & BY_NAME_GROUPS}
    assert holding == {"upstream@1"}


@given(customs())
def test_a_list_grants_what_its_groups_hold_and_the_groups_that_go_by_name_only_by_name(custom: CustomFields) -> None:
    shown = {FIELDS[path] for path in custom.paths} - {FIELDS[VICTIM], FIELDS[VICTIM_NUMBER]}
    assert {field.group for field in shown} <= custom.groups
    assert {field.group for field in shown} & BY_NAME_GROUPS <= custom.groups
    assert all(field.since <= custom.revision for field in shown), "F-04: what came later is not in it"


@given(customs())
def test_victims_have_a_level_of_their_own(custom: CustomFields) -> None:
    about_victims = {path for path in custom.paths if FIELDS[path].victim}
    expected: Mapping[Victims, Callable[[], bool]] = {
        Victims.NONE: lambda: about_victims == set(),
        Victims.PRESENCE: lambda: about_victims == {VICTIM},
        Victims.PSEUDONYMISED: lambda: about_victims == {VICTIM, VICTIM_NUMBER},
        Victims.AS_OFFENDERS: lambda: (
            about_victims
            == {VICTIM}
            | {
                path
                for path, field in FIELDS.items()
                if field.victim and field.group in custom.groups and field.since <= custom.revision
                if custom.numbers is not Numbers.DROPPED or field.identity is None
                if custom.numbers is not Numbers.PSEUDONYMISED or may_be_pseudonymised(field)
            }
        ),
    }
    assert expected[custom.victims]()


@given(customs())
def test_numbers_are_kept_dropped_or_pseudonymised_of_students_and_of_staff(custom: CustomFields) -> None:
    numbers = {path for path in custom.paths if FIELDS[path].identity in (Identity.STUDENT, Identity.STAFF)}
    if custom.numbers is Numbers.DROPPED:
        assert numbers == set()
    view = view_of(custom.name)
    assert view.pseudonymised == view.whole_days == (custom.numbers is Numbers.PSEUDONYMISED)
    assert view.paths == custom.paths


@given(customs(), customs())
def test_a_list_has_one_spelling(one: CustomFields, other: CustomFields) -> None:
    assert (one == other) == (one.name == other.name)
    assert is_custom(one.name)
    assert custom_fields(one.name) == one


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no group": ({"groups": frozenset()}, "fields.groups"),
    "a revision that there was not": ({"revision": "2018"}, "fields.revision"),
    "free text beside pseudonyms": (
        {"groups": {Group.ENVELOPE, Group.NARRATIVE}, "numbers": Numbers.PSEUDONYMISED}, "fields.groups",
    ),
    "names beside pseudonyms": (
        {"groups": {Group.STUDENT_NUMBERS, Group.STUDENT_NAMES}, "numbers": Numbers.PSEUDONYMISED}, "fields.groups",
    ),
    "nothing to pseudonymise": ({"groups": {Group.DISCIPLINE}, "numbers": Numbers.PSEUDONYMISED}, "fields.numbers"),
    "victims under pseudonyms beside plain numbers": ({"victims": Victims.PSEUDONYMISED}, "fields.victims"),
    "victims under pseudonyms beside dropped numbers": (
        {"groups": {Group.CONTEXT}, "numbers": Numbers.DROPPED, "victims": Victims.PSEUDONYMISED}, "fields.victims",
    ),
    "nothing that there was at the time": (
        {"groups": {Group.HOMELESS, Group.ATTRIBUTES}, "revision": "2020-04"}, "fields.groups",
    ),
    "nothing but staff numbers, dropped": (
        {"groups": {Group.HOMELESS}, "numbers": Numbers.DROPPED, "revision": "2017"}, "fields.groups",
    ),
    "numbers named and dropped": (
        {"groups": {Group.STUDENT_NUMBERS}, "numbers": Numbers.DROPPED}, "fields.numbers",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "field"), REFUSED.values(), ids=REFUSED)
def test_a_combination_that_there_is_not(changes: dict[str, Any], field: str) -> None:
    told: dict[str, Any] = {"groups": PERSONS, "victims": Victims.NONE, "numbers": Numbers.KEPT, **changes}
    with pytest.raises(ScopeInvalidError) as refused:
        CustomFields(frozenset(told.pop("groups")), **told)
    assert refused.value.field == field


GOOD = CustomFields(frozenset({Group.CONTEXT, Group.ENVELOPE}), Victims.NONE, Numbers.KEPT).name


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(GOOD.replace("context,envelope", "envelope,context"), id="another order"),
        pytest.param(GOOD.replace("context,", "context,context,"), id="a group twice"),
        pytest.param(GOOD.replace("context", "everything"), id="a group that there is not"),
        pytest.param(GOOD.replace("context", "*"), id="F-03 a pattern"),
        pytest.param(GOOD.replace("context", "!context"), id="F-03 an exclusion"),
        pytest.param(GOOD.replace("2025-12", "2031-01"), id="a later revision"),
        pytest.param(GOOD.replace("victims-none", "victims-all"), id="a level that there is not"),
        pytest.param(GOOD.replace("numbers-kept", "numbers-hashed"), id="a way that there is not"),
        pytest.param(GOOD + " ", id="a blank"),
        pytest.param(GOOD.upper(), id="capitals"),
        pytest.param("groups@2025-12", id="no groups"),
        pytest.param(GOOD.replace("kept", "pseudonymised").replace("context", "narrative"), id="a refused combination"),
    ],
)
def test_no_second_spelling(name: str) -> None:
    with pytest.raises(UnknownPresetError):
        view_of(name)
    with pytest.raises(ScopeInvalidError):
        custom_fields(name)


@pytest.mark.parametrize(
    ("path", "whole_days", "pseudonymised"),
    [
        pytest.param("incident/time", True, False, id="a time of day, of whole days"),
        pytest.param("incident/time", True, True, id="a time of day"),
        pytest.param("incident/description", True, True, id="free text"),
        pytest.param("incident/offenders/offender/student/name", True, True, id="a student's name"),
        pytest.param("incident/written-by", True, True, id="a name of the staff"),
        pytest.param("incident/@uuid", False, True, id="pseudonyms with times below the day"),
    ],
)
def test_a_view_does_not_break_its_own_promise(path: str, whole_days: bool, pseudonymised: bool) -> None:
    with pytest.raises(UnknownPathError):
        FieldView("x@1", frozenset({path}), whole_days, pseudonymised)


def test_every_group_level_way_and_preset_has_its_words() -> None:
    assert set(GROUPS) == set(Group)
    assert set(VICTIMS) == set(Victims)
    assert set(NUMBERS) == set(Numbers)
    cards = [*GROUPS.values(), *VICTIMS.values(), *NUMBERS.values(), *(preset.card for preset in PRESETS.values())]
    assert all(card.label and card.example for card in cards)
    assert all(GROUPS[group].warning for group in Group if group is not Group.ENVELOPE)
    assert len({card.label for card in cards}) == len(cards)


def test_every_documented_value_is_in_a_group_that_can_be_granted() -> None:
    everything = CustomFields(frozenset(Group), Victims.AS_OFFENDERS, Numbers.KEPT)
    assert everything.paths == VALUE_PATHS | {VICTIM}
