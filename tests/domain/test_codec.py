"""Packing: what is packed comes back, nothing else comes back, and nothing unpacks beyond its bound."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest
from hallpass.domain.codec import CHUNK_BYTES, KEPT_LEVEL, SERVED_LEVEL, chunk_count, chunks_of, pack, unpack
from hypothesis import example, given
from hypothesis import strategies as st

CONTENT = b"<incidents/>" * 100
PACKED = pack(CONTENT, SERVED_LEVEL)
LEVELS = st.sampled_from([SERVED_LEVEL, KEPT_LEVEL])


@given(st.binary(max_size=4_000), LEVELS)
def test_what_is_packed_comes_back(content: bytes, level: int) -> None:
    assert unpack(pack(content, level)) == content


@given(st.binary(max_size=400), LEVELS)
def test_equal_content_has_equal_bytes_that_any_client_can_read(content: bytes, level: int) -> None:
    packed = pack(content, level)
    assert packed == pack(content, level)
    assert gzip.decompress(packed) == content
    assert packed[4:8] == bytes(4)  # RFC 1952 section 2.3.1: MTIME 0 means that there is none


BROKEN = {
    "nothing": b"",
    "a header alone": PACKED[:10],
    "the last byte is missing": PACKED[:-1],
    "the trailer is missing": PACKED[:-8],
    "a byte too many": PACKED + b"\x00",
    "a second stream behind it": PACKED + PACKED,
    "a wrong checksum": PACKED[:-8] + bytes([PACKED[-8] ^ 1]) + PACKED[-7:],
    "a wrong length": PACKED[:-1] + bytes([PACKED[-1] ^ 1]),
    "plain text": CONTENT,
    "zlib without gzip's frame": zlib.compress(CONTENT),
    "deflate without any frame": zlib.compress(CONTENT)[2:-4],
}


@pytest.mark.parametrize("stored", BROKEN.values(), ids=BROKEN)
def test_d_10_what_is_no_whole_stream_is_nothing(stored: bytes) -> None:
    assert unpack(stored) is None


def test_d_10_every_prefix_is_nothing() -> None:
    assert {unpack(PACKED[:length]) for length in range(len(PACKED))} == {None}


def test_d_10_no_changed_bit_gives_other_content() -> None:
    changed = {
        unpack(PACKED[:place] + bytes([PACKED[place] ^ 1 << bit]) + PACKED[place + 1 :])
        for place in range(len(PACKED))
        for bit in range(8)
    }
    assert changed <= {None, CONTENT}  # a bit of the header's date or system changes nothing


@pytest.mark.parametrize("size", [0, 1, 999, 1_000], ids=lambda size: f"{size} bytes fit into a limit of 1,000")
def test_content_up_to_the_limit_comes_back(size: int) -> None:
    assert unpack(pack(bytes(size), SERVED_LEVEL), limit=1_000) == bytes(size)


@pytest.mark.parametrize("size", [1_001, 1_002, 10_000_000], ids=lambda size: f"{size} bytes do not fit into 1,000")
def test_d_11_content_over_the_limit_is_nothing(size: int) -> None:
    assert unpack(pack(bytes(size), SERVED_LEVEL), limit=1_000) is None


def test_d_11_a_bomb_takes_no_more_memory_than_its_limit() -> None:
    bomb = pack(bytes(50_000_000), SERVED_LEVEL)
    tracemalloc.start()
    try:
        assert unpack(bomb, limit=100_000) is None
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000


@example(b"\x1f\x8b\x08\x1f" + bytes(6) + b"\xff\xff")  # every optional header field announced, none there
@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda tail: PACKED[:12] + tail))
def test_whatever_is_stored_unpacking_never_raises(stored: bytes) -> None:
    content = unpack(stored, limit=2_000)
    assert content is None or (len(content) <= 2_000 and gzip.decompress(stored) == content)


SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 1]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size} bytes")
def test_chunks_are_counted_before_they_are_cut_and_join_to_the_whole(size: int) -> None:
    packed = bytes(range(256)) * (size // 256) + bytes(size % 256)
    chunks = chunks_of(packed)
    assert b"".join(chunks) == packed
    assert len(chunks) == chunk_count(packed)
    assert all(0 < len(chunk) <= CHUNK_BYTES for chunk in chunks)


def test_d_12_a_chunk_leaves_room_for_its_item_under_dynamodbs_limit() -> None:
    assert CHUNK_BYTES <= 390_000
