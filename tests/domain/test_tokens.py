"""Tokens: what is minted is read back, and nothing that differs from it is."""

from __future__ import annotations

import hashlib
import secrets
import zlib

import pytest
from hallpass.domain.errors import TokenInvalidError
from hallpass.domain.tokens import ALPHABET, SECRET_BYTES, TokenKind, mint, parse_token, to_base62
from hypothesis import given
from hypothesis import strategies as st

kinds = st.sampled_from(TokenKind)
secrets_ = st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES)


def ids(width: int) -> st.SearchStrategy[str]:
    return st.text(ALPHABET, min_size=width, max_size=width)


@given(kinds, ids(8), ids(4), secrets_)
def test_what_is_minted_is_read_back(kind: TokenKind, holder: str, token: str, entropy: bytes) -> None:
    minted = mint(kind, holder, token, entropy)
    text = minted.text.reveal()
    presented = parse_token(text)
    assert (presented.kind, presented.holder_id, presented.token_id) == (kind, holder, token)
    assert presented.digest == minted.digest == hashlib.sha256(entropy).digest()
    assert len(text) == len(f"hp_{kind}_") + 8 + 4 + 43 + 6


@given(kinds, secrets_, st.data())
def test_every_change_of_one_character_is_refused(kind: TokenKind, entropy: bytes, data: st.DataObject) -> None:
    text = mint(kind, "D1stVnd1", "Tok1", entropy).text.reveal()
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda character: character != text[place]))
    with pytest.raises(TokenInvalidError):
        parse_token(text[:place] + other + text[place + 1 :])


def test_every_change_of_one_character_of_one_token_is_refused() -> None:
    text = mint(TokenKind.LIVE, "D1stVnd1", "Tok1", bytes(range(32))).text.reveal()
    for place, kept in enumerate(text):
        for other in ALPHABET + "_- ":
            if other != kept:
                with pytest.raises(TokenInvalidError):
                    parse_token(text[:place] + other + text[place + 1 :])


def test_every_other_length_is_refused() -> None:
    text = mint(TokenKind.LIVE, "D1stVnd1", "Tok1", bytes(range(32))).text.reveal()
    for changed in [text[:end] for end in range(len(text))] + [text + tail for tail in ("0", "00", text)]:
        with pytest.raises(TokenInvalidError):
            parse_token(changed)


def test_a_token_of_one_kind_is_none_of_another() -> None:
    text = mint(TokenKind.LIVE, "D1stVnd1", "Tok1", bytes(32)).text.reveal()
    for kind in ("test", "admin", "LIVE", "demo", ""):
        with pytest.raises(TokenInvalidError):
            parse_token(text.replace("live", kind))


def test_a_secret_has_one_spelling() -> None:
    """Numbers of 43 base62 digits that are over 256 bits stand for no secret, whatever their checksum."""
    body = "hp_live_D1stVnd1Tok1" + "z" * 43
    with pytest.raises(TokenInvalidError):
        parse_token(body + to_base62(zlib.crc32(body.encode()), 6))


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_secret_is_256_bits(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        mint(TokenKind.LIVE, "D1stVnd1", "Tok1", bytes(size))


def test_two_tokens_of_one_holder_differ() -> None:
    first, second = (mint(TokenKind.LIVE, "D1stVnd1", "Tok1", secrets.token_bytes(32)) for _ in range(2))
    assert first.text != second.text
    assert first.digest != second.digest


def test_a_minted_token_does_not_show_itself() -> None:
    minted = mint(TokenKind.LIVE, "D1stVnd1", "Tok1", bytes(range(32)))
    assert minted.text.reveal() not in f"{minted} {minted!r} {minted.text}"
    assert minted.text.reveal()[-49:-6] not in repr(parse_token(minted.text.reveal()))


@pytest.mark.parametrize(
    ("number", "width", "text"),
    [(0, 0, ""), (0, 3, "000"), (61, 1, "z"), (62, 2, "10"), (62**6 - 1, 6, "zzzzzz"), (7, 3, "007")],
)
def test_base62_is_padded_and_ordered(number: int, width: int, text: str) -> None:
    assert to_base62(number, width) == text


@pytest.mark.parametrize(
    ("kind", "holder", "entropy", "text"),
    [
        (
            TokenKind.LIVE,
            "D1stVnd1",
            bytes(range(32)),
            "hp_live_D1stVnd1Tok1003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf0dbjPp",
        ),
        (
            TokenKind.ADMIN,
            "Person01",
            b"\xff" * 32,
            "hp_admin_Person01Tok1yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp11wdKOW",
        ),
    ],
)
def test_the_shape_is_kept(kind: TokenKind, holder: str, entropy: bytes, text: str) -> None:
    """A changed shape would refuse every token that is out there."""
    assert mint(kind, holder, "Tok1", entropy).text.reveal() == text
    assert parse_token(text).digest == hashlib.sha256(entropy).digest()
