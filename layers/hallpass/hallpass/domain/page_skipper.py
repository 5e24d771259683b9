"""Passing over a part of a page that is not kept, and the text between tags, both under the page's limits.

Rule: what nobody keeps is held to the same limits as what is kept; it leaves nothing behind.
"""

from __future__ import annotations

from xml.parsers.expat import XMLParserType

from hallpass.domain.page_limits import MAX_ATTRIBUTES, MAX_DEPTH, MAX_TEXT, check_name, check_sizes
from hallpass.domain.unreadable import Reason, UnreadablePageError


class PageSkipper:
    """Takes over the element handlers of a parser while it skips, and gives them back.

    `text`: the runs of text since the last tag that mattered. `skipped`: open elements that are passed over.
    """

    __slots__ = ("depth", "namespaces", "parser", "resumed", "skipped", "text")

    def __init__(self, parser: XMLParserType) -> None:
        self.parser = parser
        self.text: list[str] = []
        self.depth = self.skipped = self.namespaces = 0
        self.resumed = (parser.StartElementHandler, parser.EndElementHandler)
        parser.CharacterDataHandler = self.text.append
        parser.StartNamespaceDeclHandler = self.declare_namespace

    def take_text(self) -> str:
        text = self.text
        value = text.pop() if len(text) == 1 else "".join(text)
        if len(value) > MAX_TEXT:
            raise UnreadablePageError(Reason.TEXT_TOO_LONG)
        text.clear()
        return value

    def skip(self, depth: int, levels: int, name: str, attributes: dict[str, str]) -> None:
        """Pass over the element that was just opened, and those around it down to `depth`: `levels` in all."""
        self.check_skipped(name, attributes)
        self.depth, self.skipped = depth, levels
        parser = self.parser
        self.resumed = (parser.StartElementHandler, parser.EndElementHandler)
        parser.StartElementHandler = self.skip_start
        parser.EndElementHandler = self.skip_end

    def check_skipped(self, name: str, attributes: dict[str, str]) -> None:
        if len(attributes) + self.namespaces > MAX_ATTRIBUTES:
            raise UnreadablePageError(Reason.TOO_MANY_ATTRIBUTES)
        check_sizes(name, attributes)
        self.take_text()

    def skip_start(self, name: str, attributes: dict[str, str]) -> None:
        self.skipped += 1
        if self.depth + self.skipped > MAX_DEPTH:
            raise UnreadablePageError(Reason.TOO_DEEP)
        self.check_skipped(name, attributes)

    def skip_end(self, _name: str) -> None:
        self.take_text()
        self.skipped -= 1
        if not self.skipped:
            self.parser.StartElementHandler, self.parser.EndElementHandler = self.resumed

    def declare_namespace(self, prefix: str | None, uri: str | None) -> None:
        """Namespace declarations are attributes to XML 1.0: they count, over the page, against the same limit."""
        self.namespaces += 1
        if self.namespaces > MAX_ATTRIBUTES:
            raise UnreadablePageError(Reason.TOO_MANY_ATTRIBUTES)
        check_name(f"{prefix}")
        check_name(f"{uri}")
