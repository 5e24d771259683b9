"""Content codings, right and wrong.

The rule: bytes that are sent as a coding are that coding unless the fault says they are not. Brotli and
zstd are written as uncompressed blocks, which every decoder must read and no library is needed for.
"""

import gzip
import zlib
from functools import lru_cache

_BOMB_PIECE = b" " * (1024 * 1024)


def gzipped(body: bytes) -> bytes:
    """RFC 1952, without a time stamp."""
    return gzip.compress(body, compresslevel=5, mtime=0)


def deflated(body: bytes) -> bytes:
    """What HTTP calls deflate: the zlib format (RFC 9110 8.4.1.2)."""
    return zlib.compress(body)


def nested(body: bytes) -> bytes:
    """Gzip, eight times over."""
    for _ in range(8):
        body = gzipped(body)
    return body


@lru_cache(maxsize=4)
def bomb(size: int) -> bytes:
    """A gzip member that inflates to a well-formed page with `size` bytes of white space in it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    out = [packer.compress(b'<incidents count="0" page="1" total-pages="1">')]
    out += [packer.compress(_BOMB_PIECE[: size - start]) for start in range(0, size, len(_BOMB_PIECE))]
    out += [packer.compress(b"</incidents>"), packer.flush()]
    return b"".join(out)


def brotli(body: bytes) -> bytes:
    """RFC 7932 with uncompressed meta-blocks of at most 65,536 bytes and an empty last one."""
    out = bytearray()
    for start in range(0, len(body), 65_536):
        piece = body[start : start + 65_536]
        # Section 9.2, lowest bit first: ISLAST 0, MNIBBLES 0 (four), MLEN-1 in 16 bits, ISUNCOMPRESSED 1.
        header = (len(piece) - 1) << 3 | 1 << 19
        # Section 9.1: the stream opens with WBITS, a single 0 bit for a window of 16 bits.
        out += (header << 1 if start == 0 else header).to_bytes(3, "little") + piece
    # ISLAST 1, ISLASTEMPTY 1; of a stream without bytes the WBITS bit comes first.
    return bytes(out) + (b"\x03" if body else b"\x06")


def zstd(body: bytes) -> bytes:
    """RFC 8878: one frame with its content size, raw blocks of at most 128 KiB."""
    out = bytearray(b"\x28\xb5\x2f\xfd\xa0") + len(body).to_bytes(4, "little")
    limit = 128 * 1024
    for start in range(0, len(body) or 1, limit):
        piece = body[start : start + limit]
        last = start + limit >= len(body)
        # Section 3.1.1.2: Last_Block in bit 0, Block_Type 0 (raw) in bits 1-2, Block_Size above.
        out += (len(piece) << 3 | last).to_bytes(3, "little") + piece
    return bytes(out)
