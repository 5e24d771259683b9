"""F-10 to F-15: keyed, of a domain of their own, byte-exact, and nothing in common between two keys."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import uuid

import pytest
from hallpass.domain.model import Incident
from hallpass.domain.pseudonyms import KEY_BYTES, PSEUDONYM_PATTERN, Pseudonyms, SealedKey
from hallpass.domain.schema import Identity
from hypothesis import example, given
from hypothesis import strategies as st
from orjson import dumps

KEYS = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)
VALUES = st.text(min_size=1, max_size=40)
ONE, OTHER = Pseudonyms(bytes(32), 1), Pseudonyms(bytes(31) + b"\x01", 1)


@given(KEYS, st.sampled_from(Identity), VALUES)
def test_f10_one_key_says_the_same_every_time(key: bytes, identity: Identity, value: str) -> None:
    first, again = Pseudonyms(key, 3).of(identity)(value), Pseudonyms(key, 3).of(identity)(value)
    assert first == again
    assert re.fullmatch(PSEUDONYM_PATTERN, first)
    assert value not in first or len(value) < 6


@given(KEYS, KEYS, VALUES, VALUES)
def test_f10_two_keys_share_no_pseudonym_of_any_two_values(one: bytes, other: bytes, a: str, b: str) -> None:
    told = {
        (key, identity, value): Pseudonyms(key, 1).of(identity)(value)
        for key in (one, other) for identity in Identity for value in (a, b)
    }  # fmt: skip
    assert len(set(told.values())) == len(told), "F-12: nor do two kinds of identity"


@given(st.text(min_size=1, max_size=4), st.text(min_size=1, max_size=4))
@example("\u00e9", "e\u0301")
@example("A", "\uff21")
@example("7", "007")
@example("a", "a ")
@example("a|1|b", "a")
def test_f15_the_bytes_are_taken_exactly(one: str, other: str) -> None:
    """Nothing is trimmed, folded or normalised."""
    say = ONE.of(Identity.STUDENT)
    assert (say(one) == say(other)) == (one == other)


def test_f11_no_unkeyed_digest_of_the_value_is_in_it() -> None:
    number = "0012345"
    shown = ONE.of(Identity.STUDENT)(number)
    assert shown != OTHER.of(Identity.STUDENT)(number)
    for name in ("md5", "sha1", "sha256", "sha512"):
        assert hashlib.new(name, number.encode()).hexdigest()[:20] not in shown


def test_the_construction_is_a_reviewed_decision() -> None:
    """HMAC-SHA-256 over version, domain, length and value: changing it changes everybody's pseudonyms."""
    digest = hmac.digest(bytes(32), b"v1|student|7|0012345", "sha256")
    spelled = base64.b32encode(digest).decode()[:26].lower()
    assert ONE.of(Identity.STUDENT)("0012345") == f"p1-{spelled}" == "p1-aitkghywf7myniv5fekzwjckil"


def test_f13_the_epoch_stands_in_front() -> None:
    assert Pseudonyms(bytes(32), 12).of(Identity.STAFF)("s-1").startswith("p12-")


def test_an_incidents_pseudonym_is_a_uuid_of_the_kind_that_is_made_to_order() -> None:
    """RFC 9562 section 5.8: version 8, variant 10."""
    read = uuid.UUID(ONE.of(Identity.INCIDENT)("0c6f0000-0000-4000-8000-000000000001"))
    assert (read.version, read.variant) == (8, uuid.RFC_4122)


@pytest.mark.parametrize("identity", Identity)
def test_nobody_has_no_pseudonym(identity: Identity) -> None:
    """An empty number would else be one person with many records."""
    assert ONE.of(identity)("") == ""


def test_f14_a_key_is_in_no_representation_of_what_holds_it() -> None:
    key = b"\xfaKANARI" * 8
    held = [Pseudonyms(key[:32], 1), SealedKey("D1stVnd1", 1, key)]
    assert all("KANARI" not in f"{thing!r} {thing}" for thing in held)
    with pytest.raises(ValueError, match="32 bytes"):
        Pseudonyms(key, 1)


ROWS = st.lists(st.fixed_dictionaries({}, optional={"uuid": st.sampled_from("abcdef"), "date": st.just("2026-01-01")}))


def _id_of(row: Incident) -> str:
    return str(row.get("uuid") or "")


@given(ROWS, st.randoms())
def test_the_order_is_the_keys_whatever_the_sources_was(rows: list[dict[str, str]], random: object) -> None:
    shuffled = [dict(row) for row in rows]
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' own Random
    one, other = (ONE.in_order([{**row} for row in order], _id_of, dumps) for order in (rows, shuffled))
    assert list(one) == list(other)


def test_two_keys_have_two_orders() -> None:
    rows = [{"uuid": f"u-{number}"} for number in range(50)]
    orders = [[row["uuid"] for row in key.in_order([{**row} for row in rows], _id_of, dumps)] for key in (ONE, OTHER)]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1])  # type: ignore[type-var]
    assert orders[0] != [row["uuid"] for row in rows]
