"""Whom the upstream's own bytes are about, beyond what the model holds: undocumented places, repeats, withheld rows.

Rule: a number counts wherever it stands; where something stands that nobody documented, nobody can tell who is in it,
and that is told of its incident. The page was read before, so its limits hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers.expat import XMLParserType

from hallpass.domain.parties import PARTIES, PERSONS, Person
from hallpass.domain.people import Numbered, Unnumbered
from hallpass.domain.reading import defused_parser, parse
from hallpass.domain.tree import DOCUMENTED, Element, Shape

_NUMBER = "district-id"
# Where flags of the district's own stand, whose names and attributes are not documented: a leaf here is no person.
_FLAGS = "/attributes"
_PAGE = frozenset({"count", "page", "total-pages"})
_LIST = frozenset({"count"})


@dataclass(frozen=True, slots=True)
class Verbatim:
    """`incidents`: that the bytes hold, wherever; at least one where they hold anything undocumented. `nameless`: who
    may be in an incident without a number, by the incident's name, or that of a part of the page.
    """

    incidents: int
    numbers: frozenset[Numbered]
    nameless: frozenset[Unnumbered]


def verbatim_people(data: bytes, name: str) -> Verbatim:
    """Of a page that could be read. `name`: of the page, for parts that have none."""
    parser = defused_parser()
    reader = _Reader(parser, name)
    parse(parser, data)
    return reader.verbatim()


@dataclass(slots=True, eq=False)
class _Open:
    """An element that is being read. `documented`: None in what nobody documented; `met`: names of its children."""

    documented: Element | None
    met: set[str] = field(default_factory=set)


class _Reader:
    def __init__(self, parser: XMLParserType, name: str) -> None:
        self._name = name
        self._open: list[_Open] = []
        self._parts = 0
        self._part = b""
        self._incidents = 0
        self._numbers: set[Numbered] = set()
        self._nameless: set[Unnumbered] = set()
        self._undocumented = 0
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end

    def verbatim(self) -> Verbatim:
        return Verbatim(
            self._incidents or min(self._undocumented, 1), frozenset(self._numbers), frozenset(self._nameless)
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "incident":
            self._incidents += 1
        documented = self._element(name, attributes)
        self._open.append(_Open(documented))
        if len(self._open) > 1:
            self._look(documented, attributes)

    def _end(self, _name: str) -> None:
        ended = self._open.pop()
        if ended.documented is not None:
            may_be = PARTIES.get(ended.documented.field.path, {})
            if may_be and not may_be.keys() & ended.met:
                self._nameless.update((person, self._part) for person in may_be.values())

    def _element(self, name: str, attributes: dict[str, str]) -> Element | None:
        """The documented element that this is, if it is one."""
        if not self._open:
            self._begin_page(attributes)
            return None
        if len(self._open) == 1:
            return self._begin_part(name, attributes)
        parent = self._open[-1]
        if parent.documented is None:
            return None
        repeated = name in parent.met and parent.documented.shape is not Shape.LIST
        parent.met.add(name)
        return None if repeated else parent.documented.children.get(name)

    def _begin_page(self, attributes: dict[str, str]) -> None:
        self._part = f"{self._name}|page".encode()
        if attributes.keys() - _PAGE:
            self._meet_undocumented()

    def _begin_part(self, name: str, attributes: dict[str, str]) -> Element | None:
        self._parts += 1
        uuid = attributes.get("uuid") if name == "incident" else None
        self._part = uuid.encode() if uuid else f"{self._name}|{self._parts}".encode()
        return DOCUMENTED if name == "incident" else None

    def _look(self, documented: Element | None, attributes: dict[str, str]) -> None:
        person = PERSONS.get(documented.field.path) if documented else None
        number = attributes.get(_NUMBER)
        if number:
            self._numbers.update((kind, number) for kind in ([person] if person else Person))
        elif person:
            self._nameless.add((person, self._part))
        if documented is None:
            odd = not self._is_flag()
        else:
            # The table has no attributes for lists, whose count is made anew for every answer.
            known = _LIST if documented.shape is Shape.LIST else documented.attributes.keys()
            odd = bool(attributes.keys() - known)
        if odd:
            self._meet_undocumented()

    def _meet_undocumented(self) -> None:
        """Whoever may be in it."""
        self._undocumented += 1
        self._nameless.update((person, self._part) for person in Person)

    def _is_flag(self) -> bool:
        above = self._open[-2].documented
        return above is not None and above.field.path.endswith(_FLAGS)
