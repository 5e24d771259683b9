"""If-None-Match: 304 exactly when this very representation is named, in this coding."""

from __future__ import annotations

import pytest
from hallpass.domain.conditional import entity_tag, none_match
from hypothesis import given
from hypothesis import strategies as st

DIGEST = "0123456789abcdef" * 4
TAG = entity_tag(DIGEST, gzip=False)
GZIP_TAG = entity_tag(DIGEST, gzip=True)
OTHERS = ", ".join(f'"{number:032x}"' for number in range(10_000))

MATCHES = {
    "the tag": TAG,
    "S-18 the tag as a weak one": f"W/{TAG}",
    "anything": "*",
    "anything, with space around": " * ",
    "the last of several": f'"a", W/"b",{TAG}',
    "the first of several": f'{TAG} ,"a"',
    "S-18 the last of 10,000": f"{OTHERS}, {TAG}",
    "empty elements are passed over": f', ,"a",, {TAG}, ,',
    "tabs are space": f'\t"a"\t,\t{TAG}\t',
    "a tag with a comma beside it": f'"a,b", {TAG}',
}
MATCHES_NOT = {
    "no field": None,
    "an empty field": "",
    "commas alone": ", ,",
    "another tag": '"a"',
    "S-18 the tag of another coding": GZIP_TAG,
    "S-18 none of 10,000": OTHERS,
    "the digest in capitals": TAG.upper(),
    "a part of the tag": TAG[:-2] + '"',
    "more than the tag": TAG[:-1] + 'x"',
    "the tag inside another": f'"W/{TAG[1:]}',
    "the tag without quotes": TAG.strip('"'),
    "the tag in single quotes": TAG.replace('"', "'"),
    "a star in quotes": '"*"',
    "a star beside a tag is malformed": '*, "a"',
    "the tag beside a star is malformed": f"{TAG}, *",
    "tags without a comma are malformed": f'"a" {TAG}',
    "tags without a space are malformed": f'"a"{TAG}',
    "a weak tag in small letters is malformed": f"w/{TAG}",
    "a weak tag with a space is malformed": f"W/ {TAG}",
    "a quote that does not close makes all malformed": f'{TAG}, "a',
    "a control character makes all malformed": f'{TAG}, "\x00"',
    "a line break makes all malformed": f'{TAG},\n"a"',
    "a space in a tag makes all malformed": f'{TAG}, "a b"',
}


@pytest.mark.parametrize("field", MATCHES.values(), ids=MATCHES)
def test_304_for(field: str) -> None:
    assert not none_match(field, TAG)


@pytest.mark.parametrize("field", MATCHES_NOT.values(), ids=MATCHES_NOT)
def test_the_full_answer_for(field: str | None) -> None:
    assert none_match(field, TAG)


def test_two_codings_of_one_content_are_two_strong_tags() -> None:
    assert (TAG, GZIP_TAG) == ('"0123456789abcdef0123456789abcdef"', '"0123456789abcdef0123456789abcdef-gzip"')


NAMES = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters='"\x7f', exclude_categories=["Cc"])
)
TAGS = st.tuples(st.sampled_from(["", "W/"]), NAMES)
GAPS = st.sampled_from([",", ", ", " ,", ",,", " , ,\t"])


@given(st.lists(TAGS, min_size=1, max_size=5), st.data())
def test_a_list_matches_exactly_when_it_holds_the_tag(tags: list[tuple[str, str]], data: st.DataObject) -> None:
    mine = data.draw(st.sampled_from([name for _, name in tags]) | NAMES)
    field = "".join(f'{data.draw(GAPS)}{weak}"{name}"' for weak, name in tags)
    assert none_match(field, f'"{mine}"') is (mine not in [name for _, name in tags])


@given(st.text(st.sampled_from('W/"*, a\t\x00é') | st.characters(codec=None, exclude_categories=()), max_size=60))
def test_no_field_but_a_star_or_the_tag_itself_gets_a_304(field: str) -> None:
    assert none_match(field, TAG) or field.strip() == "*"


HUGE = {
    "100,000 commas and no end": '"a"' + "," * 100_000 + "x",
    "100,000 commas and spaces and no end": '"a"' + " ," * 100_000 + "x",
    "100,000 tags and no end": '"a", ' * 100_000 + '"',
    "100,000 quotes": '"' * 100_001,
    "100,000 spaces and no end": '"a"' + " " * 100_000 + "x",
    "100,000 times weak": "W/" * 100_000,
    "gaps of many lengths and no end": '"a", ,\t, , ' * 20_000 + "x",
    "one tag of 100,000 characters and no end": '"' + "a" * 100_000,
}


@pytest.mark.parametrize("field", HUGE.values(), ids=HUGE)
def test_s_18_a_huge_malformed_field_is_ignored_in_linear_time(field: str) -> None:
    assert none_match(field, TAG)
