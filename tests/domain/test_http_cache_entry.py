"""Entries as bytes: what was written is read again, and nothing else is."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.caching_material import HEADERS, RECEIVED, T0, received
from tests.http_cache_entry import MAGIC, MOST_BODY_BYTES, MOST_HEAD_BYTES, Entry, decode, encode

RECORDS = st.builds(Entry, RECEIVED, HEADERS, st.binary(max_size=40))
WHEN = T0.isoformat()
RECEIVED_OK = received()


@given(RECORDS, st.text(max_size=9))
def test_what_is_written_is_read_under_its_key_alone(entry: Entry, key: str) -> None:
    content = encode(key, entry)
    assert content is not None
    assert decode(key, content) == entry
    assert decode(key + "x", content) is None


@given(RECORDS, st.data())
def test_what_was_changed_is_no_entry(entry: Entry, data: st.DataObject) -> None:
    content = encode("a", entry)
    assert content is not None
    position = data.draw(st.integers(0, len(content) - 1))
    other = data.draw(st.integers(1, 255))
    changed = content[:position] + bytes([content[position] ^ other]) + content[position + 1 :]
    assert decode("a", changed) is None
    assert decode("a", content[:position]) is None
    assert decode("a", content + b"x") is None


def sealed(head: bytes) -> bytes:
    payload = head + b"\nbody"
    return MAGIC + hashlib.sha256(b"a\n" + payload).digest() + payload


HEADS = {
    "no JSON": b"x",
    "nothing": b"",
    "another shape": b"{}",
    "too few": json.dumps([200, [], [], WHEN]).encode(),
    "a status in text": json.dumps(["200", [], [], WHEN, WHEN]).encode(),
    "a status that is true": json.dumps([True, [], [], WHEN, WHEN]).encode(),
    "headers that are none": json.dumps([200, 1, [], WHEN, WHEN]).encode(),
    "a header of three": json.dumps([200, [["a", "b", "c"]], [], WHEN, WHEN]).encode(),
    "a header of numbers": json.dumps([200, [[1, 2]], [], WHEN, WHEN]).encode(),
    "a header in one text": json.dumps([200, ["ab"], [], WHEN, WHEN]).encode(),
    "a time that is none": json.dumps([200, [], [], "noon", WHEN]).encode(),
    "a time without a zone": json.dumps([200, [], [], WHEN[:-6], WHEN]).encode(),
    "a time of another zone": json.dumps([200, [], [], WHEN, WHEN[:-6] + "+01:00"]).encode(),
    "another spelling": json.dumps([200, [], [], WHEN, WHEN], indent=None, separators=(",", ":")).encode(),
    "without end": b"[" * 100_000,
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_what_is_sealed_and_of_another_shape_is_no_entry(head: bytes) -> None:
    assert decode("a", sealed(head)) is None


def test_what_is_sealed_and_of_this_shape_is_one() -> None:
    assert decode("a", sealed(json.dumps([200, [["a", "b"]], [], WHEN, WHEN]).encode())) is not None
    assert decode("a", None) is None


def test_what_is_too_large_is_not_written() -> None:
    small = Entry(RECEIVED_OK, (), b"")
    assert encode("a", small) is not None
    assert encode("a", Entry(RECEIVED_OK, (("a", "b" * MOST_HEAD_BYTES),), b"")) is None
    assert encode("a", Entry(RECEIVED_OK, (), bytes(MOST_BODY_BYTES + 1))) is None


def test_what_is_too_large_is_not_read() -> None:
    assert decode("a", MAGIC + bytes(MOST_HEAD_BYTES + MOST_BODY_BYTES + 100)) is None
