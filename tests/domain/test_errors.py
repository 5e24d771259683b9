"""The table of errors: one golden row a class, one meaning a slug, and headers as the standards write them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hallpass.domain import errors
from hallpass.domain.errors import (
    MOST_TOKENS,
    CredentialError,
    InsufficientScopeError,
    MethodNotAllowedError,
    TokenExpiredError,
    TokenInQueryError,
    TokenMissingError,
)
from hallpass.domain.failure import HallpassError, Retry, bearer_challenge

from tests.domain.error_cases import ERRORS, an


def row(error: type[HallpassError]) -> dict[str, str | int]:
    return {
        "slug": error.slug,
        "status": error.status,
        "title": error.title,
        "retry": error.retry.value,
        "owner": error.owner.value,
    }


def test_the_table_of_errors_is_as_reviewed(golden: Callable[[str, object], None]) -> None:
    golden("errors.json", {error.__name__: row(error) for error in ERRORS})


def test_one_slug_has_one_meaning_and_only_a_kind_of_the_same_error_shares_it() -> None:
    by_slug: dict[str, type[HallpassError]] = {}
    for error in sorted(ERRORS, key=lambda error: len(error.__mro__)):
        first = by_slug.setdefault(error.slug, error)
        assert issubclass(error, first), f"{error.__name__} and {first.__name__} share a slug"
        assert row(error) == row(first)


def test_the_tree_in_the_docstring_names_every_slug_beside_its_status() -> None:
    drawn: dict[str, int] = {}
    status = 0
    for word in re.findall(r"[a-z0-9]+(?:-[a-z]+)*", (errors.__doc__ or "").partition("HallpassError\n")[2]):
        status = int(word) if re.fullmatch("[45][0-9]{2}", word) else status
        drawn[word] = status
    told = {error.slug: error.status for error in ERRORS}
    assert {slug: drawn.get(slug) for slug in told} == told
    unknown = {word for word in drawn if "-" in word} - set(told)
    assert not unknown, "drawn, but there is no such error"


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error.__name__} is fit to be shown")
def test_an_error(error: type[HallpassError]) -> None:
    made = an(error)
    assert error.__name__.endswith("Error")
    assert re.fullmatch("[a-z]+(-[a-z]+)*", made.slug)
    assert made.title
    assert made.detail
    assert f"{made.title}{made.detail}".isascii()
    assert str(made) == made.slug
    assert not set(made.members) & {"type", "title", "status", "detail", "instance", "retry", "owner"}


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error.__name__} says when to come again")
def test_who_may_try_later_is_told_when(error: type[HallpassError]) -> None:
    seconds = dict(an(error).headers).get("Retry-After")
    assert (seconds is not None) == (error.retry is Retry.AFTER)
    assert seconds is None or 1 <= int(seconds) <= 300


# RFC 6750 section 3: quoted strings without `"` and `\`.
CHALLENGE = re.compile(
    r'Bearer realm="hallpass"(, error="(invalid_request|invalid_token|insufficient_scope)")?'
    r'(, error_description="[\x20-\x21\x23-\x5b\x5d-\x7e]+")?'
    r'(, scope="[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*")?'
)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error.__name__} challenges as RFC 6750 writes it")
def test_challenges(error: type[HallpassError]) -> None:
    challenges = [value for name, value in an(error).headers if name == "WWW-Authenticate"]
    wanted = issubclass(error, CredentialError) or error in (TokenInQueryError, InsufficientScopeError)
    assert len(challenges) == int(wanted)
    assert all(CHALLENGE.fullmatch(challenge) for challenge in challenges)


def test_who_sent_no_token_is_told_no_error_code() -> None:
    """RFC 6750 section 3.1."""
    assert TokenMissingError().headers == (("WWW-Authenticate", 'Bearer realm="hallpass"'),)


def test_a_bad_token_is_told_why_in_the_header_too() -> None:
    told = 'Bearer realm="hallpass", error="invalid_token", error_description="The token expired on 2026-03-02"'
    assert TokenExpiredError("The token expired on 2026-03-02").headers == (("WWW-Authenticate", told),)


def test_a_description_cannot_end_its_quotes() -> None:
    told = 'Bearer realm="hallpass", error="invalid_token", error_description="a, error=b"'
    assert bearer_challenge("invalid_token", 'a", error="\\b') == ("WWW-Authenticate", told)


def test_a_refused_scope_names_what_to_drop_in_order() -> None:
    error = an(InsufficientScopeError)
    assert error.members == {
        "requested": {"type": ["minor"], "deleted": ["1"]},
        "granted": {"type": ["referral"]},
        "missing": ["type:minor", "deleted:1"],
        "drop": ["deleted", "type"],
    }


def test_a_refused_scope_says_in_the_challenge_what_would_be_needed() -> None:
    """RFC 6750 section 3: scope-tokens of printable ASCII without quotes, whatever a school's code holds."""
    error = InsufficientScopeError({"school": ['a"b', "Ü"]}, {"school": []}, ['school:a"b', "school:Ü"])
    assert error.headers[0][1].endswith('scope="school:a%22b school:%C3%9C"')
    many = InsufficientScopeError({"school": []}, {}, [f"school:{number}" for number in range(100)])
    assert many.headers[0][1].count("school:") == MOST_TOKENS


def test_the_methods_there_are_stand_in_allow() -> None:
    assert an(MethodNotAllowedError).headers == (("Allow", "GET, HEAD"),)
