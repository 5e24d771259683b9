"""The Authorization header: one spelling holds, everything else is refused without a closer look."""

from __future__ import annotations

import pytest
from hallpass.domain.bearer import bearer_token
from hallpass.domain.errors import CredentialError, TokenInvalidError, TokenMissingError
from hallpass.domain.tokens import TokenKind, mint, parse_token
from hypothesis import given
from hypothesis import strategies as st

TOKEN = mint(TokenKind.LIVE, "D1stVnd1", "Tok1", bytes(range(32))).text.reveal()
OTHER = mint(TokenKind.LIVE, "D1stVnd1", "Tok2", bytes(range(32))).text.reveal()


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_the_scheme_is_taken_in_any_case(scheme: str) -> None:
    assert bearer_token(f"{scheme} {TOKEN}") == parse_token(TOKEN)


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(None, id="no header"),
        pytest.param("", id="empty"),
        pytest.param(" ", id="a space"),
        pytest.param("Bearer", id="the scheme alone"),
        pytest.param("Bearer ", id="the scheme and a space"),
        pytest.param(TOKEN, id="the token alone"),
        pytest.param(f" Bearer {TOKEN}", id="a space before"),
        pytest.param(f"Bearer\t{TOKEN}", id="a tab between"),
        pytest.param(f"Bearer\u00a0{TOKEN}", id="a no-break space between"),
        pytest.param(f"Basic {TOKEN}", id="Basic"),
        pytest.param(f"Token {TOKEN}", id="Token"),
        pytest.param(f"Digest x,Bearer {TOKEN}", id="another scheme first"),
        pytest.param(f"Ｂｅａｒｅｒ {TOKEN}", id="a full-width scheme"),
        pytest.param(f"Bеarer {TOKEN}", id="a Cyrillic scheme"),
        pytest.param(f"Bearer,{TOKEN}", id="a comma between"),
    ],
)
def test_no_bearer_token_was_sent(header: str | None) -> None:
    with pytest.raises(TokenMissingError):
        bearer_token(header)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f" {TOKEN}", id="two spaces"),
        pytest.param(f"{TOKEN} ", id="a space behind"),
        pytest.param(f"{TOKEN}\n", id="a line end behind"),
        pytest.param(f"\r\n{TOKEN}", id="a line end before"),
        pytest.param(f"{TOKEN}\x00", id="a NUL behind"),
        pytest.param(f"{TOKEN}\u200b", id="a zero-width space behind"),
        pytest.param(f"\u200f{TOKEN}", id="a right-to-left mark before"),
        pytest.param(TOKEN.replace("a", "а", 1), id="a Cyrillic letter"),
        pytest.param(TOKEN.replace("1", "１", 1), id="a full-width digit"),
        pytest.param(TOKEN.replace("hp_live", "ｈｐ_live"), id="NFKC would make it ours"),
        pytest.param(f'"{TOKEN}"', id="quotes"),
        pytest.param(f"{TOKEN},Bearer {OTHER}", id="two headers joined"),
        pytest.param(f"{TOKEN}, Bearer {TOKEN}", id="the same header twice"),
        pytest.param(f"nonsense,Bearer {TOKEN}", id="a bad one joined with a good one"),
        pytest.param(f"{TOKEN},", id="a comma behind"),
        pytest.param("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", id="a JWT"),
        pytest.param("0123456789abcdef0123456789abcdef", id="an upstream token"),
        pytest.param("A" * 65_536, id="64 KB"),
        pytest.param(TOKEN * 100, id="the token a hundred times"),
        pytest.param("\udc80" * 78, id="bytes that are no text"),
    ],
)
def test_what_was_sent_is_no_token_of_ours(text: str) -> None:
    with pytest.raises(TokenInvalidError):
        bearer_token(f"Bearer {text}")


@given(st.text())
def test_whatever_is_sent_ends_in_one_of_two_refusals(header: str) -> None:
    with pytest.raises(CredentialError):
        bearer_token(header)
