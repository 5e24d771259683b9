"""The shape of a token: `hp_<kind>_<holder 8><token 4><secret 43><checksum 6>`, base62, fixed width.

Rule: a text of the wrong shape or checksum is refused before any I/O, and what is stored of a token
(the SHA-256 of its 256-bit secret) cannot authenticate.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import dataclass
from enum import StrEnum

from hallpass.domain.errors import TokenInvalidError
from hallpass.domain.secret import Secret

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SECRET_BYTES = 32
PATTERN = r"hp_(live|test|admin|session|invite|claim)_([0-9A-Za-z]{8})([0-9A-Za-z]{4})([0-9A-Za-z]{43})([0-9A-Za-z]{6})"
_TOKEN = re.compile(PATTERN, re.ASCII)
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}


class TokenKind(StrEnum):
    """What a token opens: vendor data, the synthetic pages, the control plane, that for half an hour, or once.

    A claim is no token yet: it becomes one of a vendor's.
    """

    LIVE = "live"
    TEST = "test"
    ADMIN = "admin"
    SESSION = "session"
    INVITE = "invite"
    CLAIM = "claim"


@dataclass(frozen=True, slots=True)
class PresentedToken:
    """A token of the right shape; nothing is known yet of its being valid. `digest`: SHA-256 of the secret."""

    kind: TokenKind
    holder_id: str
    token_id: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class MintedToken:
    """A new token: `text` is shown once, `digest` is what is kept."""

    text: Secret
    digest: bytes


def mint(kind: TokenKind, holder_id: str, token_id: str, entropy: bytes) -> MintedToken:
    """Writes a token. `entropy`: 32 random bytes; `holder_id`: 8 base62 characters, `token_id`: 4."""
    if len(entropy) != SECRET_BYTES:
        raise ValueError("a token's secret is 32 bytes")
    body = f"hp_{kind}_{holder_id}{token_id}{to_base62(int.from_bytes(entropy, 'big'), 43)}"
    return MintedToken(Secret(body + _checksum(body)), hashlib.sha256(entropy).digest())


def parse_token(text: str) -> PresentedToken:
    """Reads a token. Raises TokenInvalidError for a wrong shape or checksum, whatever is wrong with it."""
    match = _TOKEN.fullmatch(text)
    if match is None or _checksum(text[:-6]) != match[5]:
        raise TokenInvalidError
    number = _from_base62(match[4])
    if number >= 1 << (8 * SECRET_BYTES):  # 62^43 > 2^256: each secret has one spelling
        raise TokenInvalidError
    digest = hashlib.sha256(number.to_bytes(SECRET_BYTES, "big")).digest()
    return PresentedToken(TokenKind(match[1]), match[2], match[3], digest)


def to_base62(number: int, width: int) -> str:
    """`number` in base62, left-padded with `0` to `width` characters."""
    letters = []
    while number:
        number, value = divmod(number, 62)
        letters.append(ALPHABET[value])
    return "".join(reversed(letters)).rjust(width, "0")


def _from_base62(text: str) -> int:
    number = 0
    for letter in text:
        number = number * 62 + _VALUE[letter]
    return number


def _checksum(text: str) -> str:
    return to_base62(zlib.crc32(text.encode("ascii")), 6)
