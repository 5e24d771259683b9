"""How an artefact is packed: gzip without a date, so that equal content has equal bytes.

Rule: unpacking is bounded, whatever the bytes claim.
"""

from __future__ import annotations

import gzip
import zlib

UNPACKED_LIMIT = 64 * 1024 * 1024
# DynamoDB's limit is 409,600 bytes an item, names and keys included.
CHUNK_BYTES = 390_000
_GZIP = 16 + zlib.MAX_WBITS
SERVED_LEVEL = 6
KEPT_LEVEL = 1


def pack(content: bytes, level: int) -> bytes:
    """gzip (RFC 1952). `level`: SERVED_LEVEL for what is sent on, KEPT_LEVEL for what only we read."""
    return gzip.compress(content, level, mtime=0)


def unpack(stored: bytes, limit: int = UNPACKED_LIMIT) -> bytes | None:
    """The content, or None when the bytes are no whole gzip stream or unpack to more than `limit` bytes."""
    stream = zlib.decompressobj(_GZIP)
    try:
        content = stream.decompress(stored, limit + 1)
    except zlib.error:
        return None
    whole = stream.eof and not stream.unused_data
    return content if whole and len(content) <= limit else None


def chunks_of(packed: bytes) -> list[bytes]:
    """The pieces that are stored, in order."""
    return [packed[start : start + CHUNK_BYTES] for start in range(0, len(packed), CHUNK_BYTES)]


def chunk_count(packed: bytes) -> int:
    return -(-len(packed) // CHUNK_BYTES)
