"""A stored response as bytes: magic, SHA-256 of key and payload, then a line of JSON and the body.

Rule: bytes that are not to the letter what was written under this key are no entry.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from hallpass.domain.http_caching import Headers, Received

MAGIC = b"hallpass-http-cache-1\n"
MOST_HEAD_BYTES = 65_536
MOST_BODY_BYTES = 33_554_432
_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Entry:
    """`chosen_by`: the request's fields that `Vary` names, as they were."""

    received: Received
    chosen_by: Headers
    body: bytes


def encode(key: str, entry: Entry) -> bytes | None:
    """None for what is too large to be kept."""
    received = entry.received
    head = json.dumps(
        [
            received.status,
            received.headers,
            entry.chosen_by,
            received.requested_at.isoformat(),
            received.received_at.isoformat(),
        ]
    ).encode()
    if len(head) > MOST_HEAD_BYTES or len(entry.body) > MOST_BODY_BYTES:
        return None
    payload = head + b"\n" + entry.body
    return MAGIC + _digest(key, payload) + payload


def decode(key: str, content: bytes | None) -> Entry | None:
    """None for what is not there, and for what `encode` would not have written under this key."""
    if content is None or not content.startswith(MAGIC) or len(content) > MOST_HEAD_BYTES + MOST_BODY_BYTES + 100:
        return None
    payload = content[len(MAGIC) + _DIGEST_BYTES :]
    if content[len(MAGIC) : len(MAGIC) + _DIGEST_BYTES] != _digest(key, payload):
        return None
    head, _, body = payload.partition(b"\n")
    try:
        entry = _entry(head, body)
        return entry if encode(key, entry) == content else None
    except (ValueError, TypeError, RecursionError):
        return None


def _entry(head: bytes, body: bytes) -> Entry:
    """Raises ValueError or TypeError."""
    status, headers, chosen_by, requested_at, received_at = json.loads(head)
    if type(status) is not int:
        raise TypeError
    received = Received(status, _pairs(headers), _moment(requested_at), _moment(received_at))
    return Entry(received, _pairs(chosen_by), body)


def _pairs(pairs: list[list[str]]) -> Headers:
    if not all(isinstance(text, str) for pair in pairs for text in pair):
        raise TypeError
    return tuple((name, value) for name, value in pairs)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() != timedelta(0):
        raise ValueError
    return moment


def _digest(key: str, payload: bytes) -> bytes:
    return hashlib.sha256(key.encode() + b"\n" + payload).digest()
