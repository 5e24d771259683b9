"""How many incidents and persons two scopes show which values of, and what the one adds to the other.

Rule: each person once, however many incidents; it gives numbers, and keeps whom it counted to itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hallpass.domain.facets import FACETS, THERE, Bearer, Facet, Known, bit, mask_of, present
from hallpass.domain.field_groups import VICTIM
from hallpass.domain.model import Incident
from hallpass.domain.schema import FIELDS, Group
from hallpass.domain.view import FieldView

VICTIMS: Final = "victims"
_CURRENT, _PROPOSED = 0, 1


@dataclass(frozen=True, slots=True)
class Change:
    """What one scope shows and the other does not. `group`: a group's name, or `victims`.

    `incidents`, `students` and so on: how many gain or lose any of it, by Bearer. `facets`: of which there is any.
    """

    adds: bool
    group: str
    facets: Sequence[Facet]
    counts: Mapping[Bearer, int]


class Showing:
    """Under two views; None: there is no other scope."""

    def __init__(self, current: FieldView | None, proposed: FieldView) -> None:
        self._masks = (mask_of(current) if current else 0, mask_of(proposed))
        self._shown: dict[Known, list[int]] = {}

    def add(self, incident: Incident, *, current: bool, proposed: bool) -> None:
        """`current`, `proposed`: whether that scope shows the incident."""
        if not (current or proposed):
            return
        for known, bits in present(incident).items():
            both = self._shown.setdefault(known, [0, 0])
            for place, shown in ((_CURRENT, current), (_PROPOSED, proposed)):
                if shown:
                    both[place] |= bits & self._masks[place]

    def of_current(self) -> Mapping[Bearer, int]:
        """How many incidents and persons the current scope's incidents hold, shown or not."""
        return self._there(_CURRENT)

    def of_proposed(self) -> Mapping[Bearer, int]:
        return self._there(_PROPOSED)

    def rows_added(self) -> tuple[int, int]:
        """Incidents that only the proposed scope shows, and those that only the current one does."""
        both = [pair for (bearer, _), pair in self._shown.items() if bearer is Bearer.INCIDENT]
        return sum(not old and bool(new) for old, new in both), sum(bool(old) and not new for old, new in both)

    def changes(self) -> Iterator[Change]:
        """What is added, then what is removed, group by group in the table's order."""
        gained = Counter((known[0], new & ~old) for known, (old, new) in self._shown.items())
        lost = Counter((known[0], old & ~new) for known, (old, new) in self._shown.items())
        for adds, counted in ((True, gained), (False, lost)):
            for group, facets in _GROUPS.items():
                yield from _change(adds, group, facets, counted)

    def _there(self, place: int) -> Mapping[Bearer, int]:
        counted = Counter(known[0] for known, both in self._shown.items() if both[place] & THERE)
        return {bearer: counted[bearer] for bearer in Bearer}


def _change(
    adds: bool, group: str, facets: Sequence[Facet], counted: Mapping[tuple[Bearer, int], int]
) -> Iterator[Change]:
    mask = sum(map(bit, facets))
    touched, counts = 0, Counter[Bearer]()
    for (bearer, bits), number in counted.items():
        if bits & mask:
            touched |= bits & mask
            counts[bearer] += number
    if touched:
        yield Change(adds, group, [facet for facet in facets if bit(facet) & touched], counts)


def group_of(path: str) -> str:
    """The name that a value is granted under; all of victims stand together."""
    field = FIELDS[path]
    if field.victim or path == VICTIM:
        return VICTIMS
    assert field.group is not None  # a value that is documented is in a group
    return field.group.value


def _by_group() -> Mapping[str, Sequence[Facet]]:
    names = [*(group.value for group in Group), VICTIMS]
    return {name: [facet for facet in FACETS if group_of(facet.path) == name] for name in names}


_GROUPS: Final = _by_group()
