"""An answer's body, read under a cap and freed of its coding, once its headers say that it can be a page.

Rule: what is not XML in UTF-8, plain or in one whole gzip member, is not a page; no more than the cap is ever inflated.
"""

from __future__ import annotations

import io
import re
import zlib
from http.client import HTTPMessage

from hallpass.adapters.deadline_answer import READ_FAILURES, DeadlineAnswer, judge_failure
from hallpass.domain.upstream import UpstreamInvalidError

PIECE_BYTES = 64 * 1024
FRAMING_BYTES = 64 * 1024
"""Room for chunk sizes and trailers beside the body itself."""

_XML_TYPE = re.compile(r"(application|text)/xml|[!#$&^_.+a-z0-9-]+/[!#$&^_.+a-z0-9-]+\+xml")


class Plain:
    """No coding."""

    whole = True

    def decode(self, piece: bytes, room: int) -> bytes:
        """At most one byte more than `room`."""
        return piece[: room + 1]


class Gzip:
    """RFC 9110 section 8.4.1.3, one member. `whole`: its trailer came and nothing behind it."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)

    @property
    def whole(self) -> bool:
        return self._inflater.eof and not self._inflater.unused_data

    def decode(self, piece: bytes, room: int) -> bytes:
        """At most one byte more than `room`. Raises UpstreamInvalidError on what is not gzip."""
        try:
            return self._inflater.decompress(piece, room + 1)
        except zlib.error as error:
            raise UpstreamInvalidError from error


def read_page(answer: DeadlineAnswer, max_bytes: int) -> bytes:
    """The decoded body, of at most `max_bytes` both on the wire and decoded. Raises an UpstreamError."""
    if not (is_xml(answer.msg) and answer.well_framed):
        raise UpstreamInvalidError
    coding = coding_of(answer.msg)
    answer.allow(max_bytes + FRAMING_BYTES)
    decoded = io.BytesIO()
    while piece := _next_piece(answer):
        decoded.write(coding.decode(piece, max_bytes - decoded.tell()))
        if decoded.tell() > max_bytes:
            raise UpstreamInvalidError
    if not (answer.whole and coding.whole):
        raise UpstreamInvalidError
    return decoded.getvalue()


def _next_piece(answer: DeadlineAnswer) -> bytes:
    try:
        return answer.read(PIECE_BYTES)
    except READ_FAILURES as error:
        failed = judge_failure(error)
    # Outside the except clause: http.client's error carries what came of the body.
    raise failed


def is_xml(headers: HTTPMessage) -> bool:
    """RFC 7303: `application/xml`, `text/xml` or `+xml`; a charset, if told, is utf-8."""
    fields = headers.get_all("Content-Type", [])
    if len(fields) != 1:
        return False
    media_type, *parameters = [part.strip().lower() for part in str(fields[0]).split(";")]
    pairs = [parameter.partition("=")[::2] for parameter in parameters]
    charsets = [value.strip().strip('"') for name, value in pairs if name.strip() == "charset"]
    return _XML_TYPE.fullmatch(media_type) is not None and all(charset == "utf-8" for charset in charsets)


def coding_of(headers: HTTPMessage) -> Plain | Gzip:
    """Raises UpstreamInvalidError for a coding that was not asked for."""
    match [str(field).strip().lower() for field in headers.get_all("Content-Encoding", [])]:
        case []:
            return Plain()
        case ["gzip"]:
            return Gzip()
        case _:
            raise UpstreamInvalidError
