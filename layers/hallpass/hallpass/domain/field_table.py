"""Which fields a view shows and withholds, group by group, in the catalogue's words.

Rule: every value that is documented stands in exactly one line, shown or withheld.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hallpass.domain.catalogue import GROUPS, VICTIMS
from hallpass.domain.facets import FACETS, facets_of
from hallpass.domain.field_groups import VICTIM, VICTIM_NUMBER, Victims
from hallpass.domain.schema import Group
from hallpass.domain.showing import VICTIMS as OF_VICTIMS
from hallpass.domain.showing import group_of
from hallpass.domain.value_words import VALUES, value_words
from hallpass.domain.view import FieldView


@dataclass(frozen=True, slots=True)
class GroupLine:
    """`shown`, `withheld`: values in words. `label`, `warning`: the catalogue's; of victims, of their level."""

    group: str
    label: str
    warning: str
    shown: Sequence[str]
    withheld: Sequence[str]


def field_table(view: FieldView) -> Sequence[GroupLine]:
    """A line for each group, and one for victims."""
    level = VICTIMS[_level(view)]
    cards = {group.value: GROUPS[group] for group in Group} | {OF_VICTIMS: level}
    return [
        GroupLine(name, card.label, card.warning, _shown(name, view), _withheld(name, view))
        for name, card in cards.items()
    ]


def _shown(group: str, view: FieldView) -> list[str]:
    return [value_words(facet) for facet in facets_of(view) if group_of(facet.path) == group]


def _withheld(group: str, view: FieldView) -> list[str]:
    there = dict.fromkeys(facet.path for facet in FACETS if group_of(facet.path) == group)
    return [VALUES[path] for path in there if not view.shows(path)]


def _level(view: FieldView) -> Victims:
    of_victims = frozenset(facet.path for facet in facets_of(view) if group_of(facet.path) == OF_VICTIMS)
    if not of_victims:
        return Victims.NONE
    if of_victims <= {VICTIM}:
        return Victims.PRESENCE
    return (
        Victims.PSEUDONYMISED if of_victims <= {VICTIM, VICTIM_NUMBER} and view.pseudonymised else Victims.AS_OFFENDERS
    )
