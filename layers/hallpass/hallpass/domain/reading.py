"""Bytes of the upstream -> a page, or one refusal: the only way into the model, and the gate before the store.

Rule: strict UTF-8, XML 1.0, no DOCTYPE, bounded in depth, attributes, elements and text; root exactly `incidents`
with well-formed `count`, `page`, `total-pages`. It goes through defusedxml's parser and keeps its protections.
"""

from __future__ import annotations

from itertools import count
from typing import Final
from xml.parsers.expat import ExpatError, XMLParserType

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from hallpass.domain.model import PageModel
from hallpass.domain.page_builder import PageBuilder
from hallpass.domain.page_limits import MAX_ELEMENTS
from hallpass.domain.unreadable import Reason, UnreadablePageError

__all__ = ["Reason", "UnreadablePageError", "defused_parser", "parse", "read_page"]

_SHORTEST_ELEMENT: Final = len(b"<a/>")
_TEXT_BUFFER: Final = 1 << 16


def read_page(data: bytes) -> PageModel:
    """The page in `data`. Raises UnreadablePageError, and nothing else, for whatever bytes."""
    _check_encoding(data)
    if len(data) >= _SHORTEST_ELEMENT * MAX_ELEMENTS and data.count(b"<") > MAX_ELEMENTS:
        _count_elements(data)
    parser = defused_parser()
    builder = PageBuilder(parser)
    parse(parser, data)
    return builder.page()


def _check_encoding(data: bytes) -> None:
    """XML 1.0 section 4.3.3 allows any encoding; the upstream documents UTF-8, and a second one is a second reading."""
    if b"\0" in data:
        raise UnreadablePageError(Reason.ENCODING)
    try:
        data.decode("utf-8")
        return
    except UnicodeDecodeError:
        pass
    raise UnreadablePageError(Reason.ENCODING)


def _check_declaration(version: str, encoding: str | None, _standalone: int) -> None:
    if version != "1.0":
        raise UnreadablePageError(Reason.XML_VERSION)
    if encoding is not None and encoding.upper() != "UTF-8":
        raise UnreadablePageError(Reason.ENCODING)


def defused_parser() -> XMLParserType:
    """Expat with defusedxml's handlers for doctypes, entities and external references, and no others.

    A target without methods: then the standard parser sets no handler for nodes; its default one is not needed
    without doctypes, for expat itself refuses an entity that was never declared.
    """
    defused = DefusedXMLParser(target=object(), forbid_dtd=True, forbid_entities=True, forbid_external=True)
    parser: XMLParserType = defused.parser
    parser.DefaultHandlerExpand = None
    parser.ordered_attributes = False
    parser.buffer_text = True
    parser.buffer_size = _TEXT_BUFFER
    parser.XmlDeclHandler = _check_declaration
    return parser


def parse(parser: XMLParserType, data: bytes) -> None:
    """Gives the page to the parser's handlers. Raises UnreadablePageError, without the words of what was wrong."""
    reason = Reason.NOT_WELL_FORMED
    try:
        parser.Parse(data, True)
        return
    except UnreadablePageError as refusal:
        reason = refusal.reason
    except DefusedXmlException:
        reason = Reason.DOCTYPE
    except (ExpatError, ValueError, LookupError):
        pass
    finally:
        parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None
        parser.StartNamespaceDeclHandler = None
    # Raised out here, so that the cause, whose words may be the page's, is not its context.
    raise UnreadablePageError(reason)


def _count_elements(data: bytes) -> None:
    """A pass of its own, for the rare page that has enough `<` to be over the limit."""
    parser = defused_parser()
    started = count(1)

    def start(_name: str, _attributes: dict[str, str]) -> None:
        if next(started) > MAX_ELEMENTS:
            raise UnreadablePageError(Reason.TOO_MANY_ELEMENTS)

    parser.StartElementHandler = start
    parse(parser, data)
