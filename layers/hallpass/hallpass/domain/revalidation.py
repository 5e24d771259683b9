"""Asking the origin whether a stored response still holds (RFC 9111 section 4.3).

Rule: a 304 freshens the response that it speaks of, and no other.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from hallpass.domain.http_caching import Headers, Received
from hallpass.domain.http_dates import read_http_date
from hallpass.domain.kept_fields import end_to_end

_ENTITY_TAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
# RFC 9111 section 3.2: of the stored content, which a 304 does not bring.
_OF_THE_CONTENT: Final = frozenset({"content-encoding", "content-length", "content-range"})
# Of the answer that they came with: those of an older one would count its years again.
_OF_THE_MOMENT: Final = frozenset({"age", "date"})


def validators(received: Received) -> Headers:
    """The fields that make a GET conditional on a change since (RFC 9111 section 4.3.1); none if it has none."""
    tag, modified = _tag(received), _modified(received)
    conditions = (("If-None-Match", tag), ("If-Modified-Since", modified))
    return tuple((name, value) for name, value in conditions if value is not None)


def freshened(stored: Received, not_modified: Received) -> Received | None:
    """What is stored, as of a 304. None for a 304 that speaks of another response: then ask without conditions."""
    if not _speaks_of(not_modified, stored):
        return None
    newer = tuple(
        (name, value) for name, value in end_to_end(not_modified.headers) if name.lower() not in _OF_THE_CONTENT
    )
    gone = {name.lower() for name, _ in newer} | _OF_THE_MOMENT
    older = tuple((name, value) for name, value in stored.headers if name.lower() not in gone)
    return replace(not_modified, status=stored.status, headers=older + newer)


def _speaks_of(not_modified: Received, stored: Received) -> bool:
    # RFC 9111 section 4.3.4: by the strong validator if there is one, else by the weak one. A 304 without any answers
    # the one condition that was sent.
    if not_modified.values("etag"):
        new, old = _tag(not_modified), _tag(stored)
        if new is None or old is None:
            return False
        return new.removeprefix("W/") == old.removeprefix("W/") if new.startswith("W/") else new == old
    modified = not_modified.values("last-modified")
    return not modified or modified == stored.values("last-modified")


def _tag(received: Received) -> str | None:
    """Its one entity tag; None if it has none, a malformed one or several."""
    tags = set(received.values("etag"))
    tag = tags.pop() if len(tags) == 1 else ""
    return tag if _ENTITY_TAG.fullmatch(tag) else None


def _modified(received: Received) -> str | None:
    values = set(received.values("last-modified"))
    value = values.pop() if len(values) == 1 else ""
    return value if read_http_date(value, received.received_at) else None
