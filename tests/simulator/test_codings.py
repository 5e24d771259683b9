"""The codings written by hand, against readers written from the same RFCs, at their block borders."""

import gzip
import zlib

import pytest

from sandbox.simulator import codings
from tests.simulator import decoders

SIZES = (0, 1, 65_535, 65_536, 65_537, 131_072, 131_073, 300_000)


@pytest.mark.parametrize("size", SIZES)
def test_codings_round_trip(size: int) -> None:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    assert decoders.brotli(codings.brotli(body)) == body
    assert decoders.zstd(codings.zstd(body)) == body
    assert zlib.decompress(codings.deflated(body)) == body
    assert gzip.decompress(codings.gzipped(body)) == body


def test_gzip_carries_no_time() -> None:
    assert codings.gzipped(b"same")[4:8] == bytes(4)


def test_a_bomb_is_small_and_inflates_to_its_size() -> None:
    packed = codings.bomb(5_000_000)
    assert len(packed) < 10_000
    assert 5_000_000 < len(gzip.decompress(packed)) < 5_000_100
