"""The handlers under the parser: elements of the documented tree become the model, everything else is quarantined.

Rule: nothing enters the model but what the table has at that very path; a repeated singleton, a leaf that grew
children and an incident of no documented type are withheld whole. Written for speed: a page is 60,000 elements.
"""

from __future__ import annotations

import re
from typing import cast
from xml.parsers.expat import XMLParserType

from hallpass.domain.model import Incident, Node, PageModel
from hallpass.domain.page_limits import MAX_ATTRIBUTES, MAX_TEXT, check_name
from hallpass.domain.page_skipper import PageSkipper
from hallpass.domain.quarantine import WITHHELD_INCIDENT, Quarantine, safe_name
from hallpass.domain.reading_states import INCIDENT, LEAF, LIST, RECORD, ROOT_STATE, VALUE, State
from hallpass.domain.schema import ROOT, ROOT_ATTRIBUTES
from hallpass.domain.scope import IncidentType
from hallpass.domain.unreadable import Reason, UnreadablePageError

_TYPES = frozenset(kind.value for kind in IncidentType)
_NUMBER = re.compile(r"[0-9]{1,9}")
_WITHHELD: list[Node] = []
"""Stands, by identity, for a member that is withheld until the page is done."""


class PageBuilder(PageSkipper):
    """Sets itself as the handlers of a parser; `page()` is the result once the parser is through."""

    __slots__ = (
        "incident_seen", "incidents", "items", "lists", "quarantine", "record", "records", "root", "state",
        "value", "withheld",
    )  # fmt: skip

    def __init__(self, parser: XMLParserType) -> None:
        super().__init__(parser)
        self.quarantine = Quarantine()
        self.incidents: list[Node] = []
        self.incident_seen = False
        self.root = (0, 0, 0)
        self.state: State = ROOT_STATE
        self.record: Incident = {}
        self.value: Incident = {}
        self.items: list[Node] = self.incidents
        self.records: list[Incident] = []
        self.lists: list[list[Node]] = [[]]
        self.withheld: list[tuple[Incident, str]] = []
        parser.StartElementHandler = self.start_root
        parser.EndElementHandler = self.end

    def page(self) -> PageModel:
        """Raises UnreadablePageError for a page that holds an incident and says that there are no pages."""
        if self.incident_seen and self.root[2] == 0:
            raise UnreadablePageError(Reason.ROOT_ATTRIBUTES)
        for record, key in self.withheld:
            del record[key]
        incidents = tuple(incident for incident in self.incidents if isinstance(incident, dict))
        return PageModel(*self.root, incidents, self.quarantine.counts)

    def start_root(self, name: str, attributes: dict[str, str]) -> None:
        if name != ROOT:
            raise UnreadablePageError(Reason.WRONG_ROOT)
        found: Incident = {}
        self.take(ROOT_STATE, attributes, found)
        texts = [str(found.get(attribute, "")) for attribute in ROOT_ATTRIBUTES]
        if not all(map(_NUMBER.fullmatch, texts)) or int(texts[1]) < 1:
            raise UnreadablePageError(Reason.ROOT_ATTRIBUTES)
        self.root = (int(texts[0]), int(texts[1]), int(texts[2]))
        self.parser.StartElementHandler = self.start

    def start(self, name: str, attributes: dict[str, str]) -> None:
        try:
            child = self.state.children[name]
        except KeyError:
            self.meet_unknown(name, attributes)
            return
        text = self.text
        if text:
            if len(text) == 1 and text[0].isspace():
                text.clear()
            else:
                self.drop_text()
        if child.key in self.record:
            self.repeat(child, attributes)
            return
        shape = child.shape
        if shape is LEAF:
            if attributes:
                self.take(child, attributes, {})
        elif shape is VALUE:
            self.value = self.open_value(child, attributes)
        elif not self.open_container(child, attributes):
            return
        self.state = child

    def open_value(self, child: State, attributes: dict[str, str]) -> Incident:
        """For a coded element with its code and nothing else, what the parser hands over is the node already."""
        code = attributes.get("code")
        if child.coded and len(attributes) == 1 and code is not None and len(code) <= MAX_TEXT:
            return cast("Incident", attributes)
        value: Incident = {"code": None} if child.coded else {}
        self.take(child, attributes, value)
        return value

    def open_container(self, child: State, attributes: dict[str, str]) -> bool:
        """Whether it was opened: an incident of an undocumented type is skipped; one without a type is the scope's."""
        shape = child.shape
        if shape is INCIDENT:
            self.incident_seen = True
            kind = attributes.get("type")
            if kind is not None and kind not in _TYPES:
                self.quarantine.add(WITHHELD_INCIDENT)
                self.skip(self.state.depth, 1, child.key, attributes)
                return False
        opened: Incident = {}
        if attributes:
            self.take(child, attributes, opened)
        if shape is LIST:
            self.lists.append(self.items)
            self.record[child.key] = self.items = []
            return True
        if shape is RECORD:
            self.record[child.key] = opened
        else:
            self.items.append(opened)
        self.records.append(self.record)
        self.record = opened
        return True

    def end(self, _name: str) -> None:
        state = self.state
        shape = state.shape
        text = self.text
        if shape is LEAF:
            self.record[state.key] = self.take_text()
        elif shape is VALUE:
            value = self.value
            value[state.text_key] = self.take_text()
            if state.in_list:
                self.items.append(value)
            else:
                self.record[state.key] = value
        else:
            if text:
                if len(text) == 1 and text[0].isspace():
                    text.clear()
                else:
                    self.drop_text()
            if shape is LIST:
                self.items = self.lists.pop()
            else:
                self.record = self.records.pop()
        self.state = state.parent

    def take(self, state: State, attributes: dict[str, str], into: Incident) -> None:
        """The documented attributes of an element, into its model; the others are quarantined."""
        if len(attributes) + self.namespaces > MAX_ATTRIBUTES:
            raise UnreadablePageError(Reason.TOO_MANY_ATTRIBUTES)
        known = state.attributes
        for name, value in attributes.items():
            if len(value) > MAX_TEXT:
                raise UnreadablePageError(Reason.TEXT_TOO_LONG)
            key = known.get(name)
            if key is not None:
                into[key] = value
                continue
            check_name(name)
            self.quarantine.add(f"{state.path}/@{safe_name(name)}")

    def drop_text(self) -> None:
        """Text where only elements are documented: white space is layout, anything else is quarantined."""
        if "".join(self.text).isspace():
            self.text.clear()
        elif self.take_text():
            self.quarantine.add(f"{self.state.path}/#text")

    def withhold(self, record: Incident, key: str) -> bool:
        """Mark a member; whether it was marked now. The mark also catches every later repeat."""
        if record.get(key) is _WITHHELD:
            return False
        record[key] = _WITHHELD
        self.withheld.append((record, key))
        return True

    def repeat(self, child: State, attributes: dict[str, str]) -> None:
        """A singleton that comes again: which one is true is not ours to guess, so all of them are withheld.

        A list that comes again refuses the page: a withheld list would read as an empty one.
        """
        if child.shape is LIST:
            raise UnreadablePageError(Reason.REPEATED_LIST)
        if self.withhold(self.record, child.key):
            self.quarantine.add(child.path)
        self.quarantine.add(child.path)
        self.skip(self.state.depth, 1, child.key, attributes)

    def meet_unknown(self, name: str, attributes: dict[str, str]) -> None:
        state = self.state
        self.quarantine.add(f"{state.path}/{safe_name(name)}")
        if state.shape is LEAF or state.shape is VALUE:
            # A leaf that grew children is not the leaf that was documented: leave it, and skip its rest too.
            if not state.in_list:
                self.withhold(self.record, state.key)
            self.state = state.parent
            self.skip(state.parent.depth, 2, name, attributes)
            return
        if self.text:
            self.drop_text()
        self.skip(state.depth, 1, name, attributes)
