"""Why a page of the upstream is refused: one exception, whose words are all ours.

Rule: nothing of the page, nor of a parser's message about it, is in the exception or reachable from it.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """The whole vocabulary: safe for logs, metrics and problem documents."""

    ENCODING = "encoding"
    XML_VERSION = "xml-version"
    DOCTYPE = "doctype"
    NOT_WELL_FORMED = "not-well-formed"
    TOO_DEEP = "too-deep"
    TOO_MANY_ATTRIBUTES = "too-many-attributes"
    TOO_MANY_ELEMENTS = "too-many-elements"
    TEXT_TOO_LONG = "text-too-long"
    NAME_TOO_LONG = "name-too-long"
    WRONG_ROOT = "wrong-root"
    REPEATED_LIST = "repeated-list"
    ROOT_ATTRIBUTES = "root-attributes"


class UnreadablePageError(ValueError):
    """The bytes are not a page that may be stored."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
