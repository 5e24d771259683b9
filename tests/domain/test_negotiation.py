"""Content negotiation, as a table and against the rules of RFC 9110 section 12 written out once more."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import pytest
from hallpass.domain.errors import NotAcceptableError
from hallpass.domain.negotiation import (
    MEDIA_TYPES,
    PROBLEM_TYPES,
    accepts_gzip,
    choose_format,
    choose_problem_format,
)
from hallpass.domain.query import Format
from hypothesis import given
from hypothesis import strategies as st

XML, TEXT, JSON, NDJSON, CSV = (name for name, _ in MEDIA_TYPES)

CHOSEN = {
    "S-17 no Accept gets the upstream's own format": (None, XML),
    "an empty Accept says nothing": ("", XML),
    "commas alone say nothing": (" , ,", XML),
    "anything": ("*/*", XML),
    "S-17 JSON": ("application/json", JSON),
    "lines of JSON": ("application/x-ndjson", NDJSON),
    "a spreadsheet's": ("text/csv", CSV),
    "a spreadsheet's rather than the upstream's": ("text/csv, application/xml;q=0.9", CSV),
    "any text but XML": ("text/*, text/xml;q=0", CSV),
    "JSON in capitals": ("APPLICATION/JSON", JSON),
    "JSON with a charset": ("application/json; charset=utf-8", JSON),
    "text/xml is named back": ("text/xml", TEXT),
    "any text": ("text/*", TEXT),
    "any application format": ("application/*", XML),
    "the higher quality wins": ("application/xml;q=0.5, application/json;q=0.501", JSON),
    "our order decides between equals": ("application/json, application/xml", XML),
    "the specific range speaks for JSON, the wide one for the rest": ("application/json, */*;q=0.1", JSON),
    "the specific range speaks even when it is lower": ("*/*, application/xml;q=0.1, text/xml;q=0.1", JSON),
    "S-17 q=0 excludes": ("application/xml;q=0, text/*;q=0, */*;q=0.1", JSON),
    "S-17 q=0 in long": ("application/xml;q=0.000, application/json;q=0.001", JSON),
    "a browser gets XML": ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", XML),
    "Java's default gets XML": ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", XML),
    "a weight in capitals": ("application/xml;Q=0.1, application/json;Q=0.2", JSON),
    "space around the weight": ("application/xml ; q=0.1 , application/json", JSON),
    "S-17 garbage is passed over": ("garbage//, {}, application/json, \x00/\x00", JSON),
    "garbage alone says nothing": ("{}", XML),
    "a quality above 1 is garbage": ("application/json;q=2, text/xml;q=0.1", TEXT),
    "a quality of four digits is garbage": ("application/json;q=0.1234, text/xml", TEXT),
    "a negative quality is garbage": ("application/json;q=-1, text/xml", TEXT),
    "a quality in other digits is garbage": ("application/json;q=٠.٥, text/xml", TEXT),
    "a quality that is no number is garbage": ("application/json;q=nan, text/xml", TEXT),
    "a quality without digits is garbage": ("application/json;q=., text/xml", TEXT),
    "of the same range twice the kinder one counts": ("application/json;q=0, application/json, text/xml;q=0.5", JSON),
}


@pytest.mark.parametrize(("accept", "media_type"), CHOSEN.values(), ids=CHOSEN)
def test_chooses(accept: str | None, media_type: str) -> None:
    assert choose_format(accept) == (media_type, dict(MEDIA_TYPES)[media_type])


NOTHING = {
    "S-17 only what there is not": "text/html, image/png",
    "S-17 everything is excluded": "*/*;q=0",
    "JSON that we do not send": "application/ld+json",
    "a star alone is no media range": "*",
    "a subtype of anything is no media range": "*/json",
}


@pytest.mark.parametrize("accept", NOTHING.values(), ids=NOTHING)
def test_nothing_acceptable_lists_what_there_is(accept: str) -> None:
    with pytest.raises(NotAcceptableError) as caught:
        choose_format(accept)
    assert caught.value.members == {"available": [XML, TEXT, JSON, NDJSON, CSV]}


PROBLEMS = {
    "no Accept": (None, {Format.XML: Format.XML, Format.JSON: Format.JSON}),
    "anything": ("*/*", {Format.XML: Format.XML, Format.JSON: Format.JSON}),
    "anything, with a weight": ("*/*;q=0.8", {Format.XML: Format.XML, Format.JSON: Format.JSON}),
    "anything, and HTML first": ("text/html, */*;q=0.8", {Format.XML: Format.XML, Format.JSON: Format.JSON}),
    "both": ("application/json, application/xml", {Format.XML: Format.XML, Format.JSON: Format.JSON}),
    "garbage": ("{}", {Format.XML: Format.XML, Format.JSON: Format.JSON}),
    "nothing that an error could be": ("image/png", {Format.XML: Format.XML, Format.JSON: Format.JSON}),
    "everything excluded": ("*/*;q=0", {Format.XML: Format.XML, Format.JSON: Format.JSON}),
    "JSON": ("application/json", dict.fromkeys((Format.XML, Format.JSON), Format.JSON)),
    "XML": ("text/xml", dict.fromkeys((Format.XML, Format.JSON), Format.XML)),
    "problem+json": ("application/problem+json", dict.fromkeys((Format.XML, Format.JSON), Format.JSON)),
    "problem+xml": ("application/problem+xml", dict.fromkeys((Format.XML, Format.JSON), Format.XML)),
    "problem+xml rather than JSON": (
        "application/json;q=0.5, application/problem+xml",
        dict.fromkeys((Format.XML, Format.JSON), Format.XML),
    ),
}


@pytest.mark.parametrize(("accept", "expected"), PROBLEMS.values(), ids=PROBLEMS)
def test_an_error_is_in_the_addresss_own_format_unless_the_client_prefers_the_other(
    accept: str | None, expected: dict[Format, Format]
) -> None:
    assert {fallback: choose_problem_format(accept, fallback) for fallback in (Format.XML, Format.JSON)} == expected


GZIP = {
    "no field": (None, False),
    "an empty field": ("", False),
    "gzip": ("gzip", True),
    "its old name": ("x-gzip", True),
    "in capitals": ("GZIP", True),
    "among others": ("br, deflate;q=0.5, gzip;q=0.1", True),
    "anything": ("*", True),
    "anything but gzip": ("*, gzip;q=0", False),
    "nothing but gzip": ("*;q=0, gzip", True),
    "nothing": ("*;q=0", False),
    "identity": ("identity", False),
    "others": ("br, zstd", False),
    "gzip;q=0": ("gzip;q=0", False),
    "a name that only begins so": ("gzipped", False),
    "a malformed weight is passed over": ("gzip;q=yes", False),
}


@pytest.mark.parametrize(("field", "accepted"), GZIP.values(), ids=GZIP)
def test_gzip_is_for_who_says_so(field: str | None, accepted: bool) -> None:
    assert accepts_gzip(field) is accepted


# --- RFC 9110 section 12.5.1, once more --------------------------------------------------------------
RANGES = [*(name for name, _ in PROBLEM_TYPES), "application/*", "text/*", "*/*", "text/html", "image/*"]
WISHES = st.lists(st.tuples(st.sampled_from(RANGES), st.integers(0, 1000)), max_size=6, unique_by=lambda wish: wish[0])
SPACE = st.sampled_from(["", " ", "\t", "  "])


@st.composite
def fields(draw: st.DrawFn, wishes: Sequence[tuple[str, int]]) -> str:
    """The same wishes in some spelling: space, letter case, short and long weights."""
    elements = []
    for name, thousandths in wishes:
        weight = draw(st.sampled_from([f"{thousandths / 1000:.3f}", f"{thousandths / 1000:g}"]))
        spelled = draw(st.sampled_from([name, name.upper(), name.title()]))
        unsaid = thousandths == 1000 and draw(st.booleans())
        elements.append(
            spelled if unsaid else f"{spelled}{draw(SPACE)};{draw(SPACE)}{draw(st.sampled_from('qQ'))}={weight}"
        )
    return ",".join(draw(SPACE) + element + draw(SPACE) for element in elements)


def _says(media_type: str, name: str) -> int:
    """How specific a range is about a media type; 0 when it does not match."""
    family = media_type.partition("/")[0]
    return {media_type: 3, f"{family}/*": 2, "*/*": 1}.get(name, 0)


def _weight(media_type: str, wishes: Sequence[tuple[str, int]]) -> int:
    matching = sorted((_says(media_type, name), weight) for name, weight in wishes if _says(media_type, name))
    return matching[-1][1] if matching else 0


def _reference(wishes: Sequence[tuple[str, int]], offered: Sequence[tuple[str, Format]]) -> tuple[str, Format] | None:
    if not wishes:
        return offered[0]
    weights = [_weight(name, wishes) for name, _ in offered]
    return offered[weights.index(max(weights))] if max(weights) else None


@given(st.data(), WISHES)
def test_s_17_one_rule_decides_whatever_the_spelling(data: st.DataObject, wishes: list[tuple[str, int]]) -> None:
    field = data.draw(fields(wishes))
    expected = _reference(wishes, MEDIA_TYPES)
    try:
        chosen = choose_format(field)
    except NotAcceptableError:
        chosen = None
    assert chosen == expected
    for fallback in Format:
        own_first = [pair for pair in PROBLEM_TYPES if pair[1] is fallback] + [
            pair for pair in PROBLEM_TYPES if pair[1] is not fallback
        ]
        preferred = _reference(wishes, own_first)
        assert choose_problem_format(field, fallback) is (preferred[1] if preferred else fallback)


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=80))
def test_whatever_is_accepted_gets_a_choice_or_a_406(field: str) -> None:
    choose_problem_format(field, Format.JSON)
    accepts_gzip(field)
    with suppress(NotAcceptableError):
        assert choose_format(field) in MEDIA_TYPES


HUGE = {
    "10,000 ranges": "text/html;q=0.5," * 10_000,
    "100,000 commas": "," * 100_000,
    "100,000 semicolons": "text/html" + ";" * 100_000,
    "a name of 100,000 characters": "a" * 100_000 + "/!",
    "100,000 slashes": "a/" * 100_000,
    "a weight of 100,000 digits": "text/xml;q=0." + "0" * 100_000,
    "100,000 spaces": " " * 100_000 + "text/html" + " " * 100_000,
}


@pytest.mark.parametrize("field", HUGE.values(), ids=HUGE)
def test_a_huge_field_is_read_in_linear_time(field: str) -> None:
    choose_problem_format(field, Format.JSON)
    assert not accepts_gzip(field)
