"""The reader's limits, at each boundary, for what is kept and for what is passed over."""

from __future__ import annotations

import pytest
from hallpass.domain.page_limits import MAX_ATTRIBUTES, MAX_DEPTH, MAX_ELEMENTS, MAX_NAME, MAX_TEXT
from hallpass.domain.quarantine import MORE, MOST_PATHS
from hallpass.domain.reading import read_page
from hallpass.domain.unreadable import Reason, UnreadablePageError

from tests.domain.xml.material import incident, page


def refusal(data: bytes) -> Reason:
    with pytest.raises(UnreadablePageError) as caught:
        read_page(data)
    return caught.value.reason


def nested(depth: int, around: str = "{}") -> bytes:
    return page(around.format("<u>" * depth + "</u>" * depth))


@pytest.mark.parametrize(
    ("around", "above"),
    [
        pytest.param("{}", 1, id="below the root"),
        pytest.param("<incident type='minor'>{}</incident>", 2, id="in an incident"),
        pytest.param("<incident type='odd'>{}</incident>", 2, id="in an incident that is not kept"),
        pytest.param("<incident type='minor'><date>{}</date></incident>", 3, id="in a leaf"),
        pytest.param("<incident type='minor'><victims><victim>{}</victim></victims></incident>", 4, id="in an item"),
    ],
)
def test_x26_depth(around: str, above: int) -> None:
    assert read_page(nested(MAX_DEPTH - above, around)).quarantine
    assert refusal(nested(MAX_DEPTH - above + 1, around)) is Reason.TOO_DEEP


@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_x26_depth_far_beyond(depth: int) -> None:
    assert refusal(nested(depth)) is Reason.TOO_DEEP
    assert refusal(page("<u>" * depth)) is Reason.TOO_DEEP, "before the page turns out not to end"


OWNERS = {
    "the root": "<incidents {} count='0' page='1' total-pages='0'/>",
    "an incident": "<incident type='minor' {}/>",
    "an incident that is not kept": "<incident {}/>",
    "a record": "<incident type='minor'><attributes {}/></incident>",
    "a list": "<incident type='minor'><offenders {}/></incident>",
    "a leaf": "<incident type='minor'><date {}/></incident>",
    "a coded element": "<incident type='minor'><school {}/></incident>",
    "an unknown element": "<incident type='minor'><u {}/></incident>",
    "an element inside an unknown one": "<u><u {}/></u>",
}


def owned(owner: str, attributes: str) -> bytes:
    filled = OWNERS[owner].format(attributes)
    return filled.encode() if owner == "the root" else page(filled)


@pytest.mark.parametrize("owner", OWNERS)
@pytest.mark.parametrize("count", [MAX_ATTRIBUTES + 1, 40_000])
def test_x27_attributes(owner: str, count: int) -> None:
    plain = " ".join(f'a{n}=""' for n in range(count))
    assert refusal(owned(owner, plain)) is Reason.TOO_MANY_ATTRIBUTES


@pytest.mark.parametrize("owner", OWNERS)
def test_x27_as_many_attributes_as_are_allowed(owner: str) -> None:
    already = OWNERS[owner].count("='") if owner in {"the root", "an incident"} else 0
    model = read_page(owned(owner, " ".join(f'a{n}=""' for n in range(MAX_ATTRIBUTES - already))))
    assert model.quarantine


@pytest.mark.parametrize("count", [MAX_ATTRIBUTES + 1, 40_000])
def test_x27_namespace_declarations(count: int) -> None:
    spaces = " ".join(f'xmlns:n{n}="urn:{n}"' for n in range(count))
    assert refusal(owned("an unknown element", spaces)) is Reason.TOO_MANY_ATTRIBUTES
    assert refusal(owned("the root", spaces)) is Reason.TOO_MANY_ATTRIBUTES


def test_x27_prefixed_attributes_count_with_their_declaration() -> None:
    prefixed = 'xmlns:n="urn:n" ' + " ".join(f'n:a{n}=""' for n in range(MAX_ATTRIBUTES))
    assert refusal(owned("a leaf", prefixed)) is Reason.TOO_MANY_ATTRIBUTES
    assert read_page(owned("a leaf", prefixed.rpartition(" ")[0])).quarantine


LONG = "x" * MAX_TEXT
TEXT_PLACES = {
    "a leaf": "<incident type='minor'><description>{}</description></incident>",
    "a coded element": "<incident type='minor'><school>{}</school></incident>",
    "a record": "<incident type='minor'>{}</incident>",
    "a list": "<incident type='minor'><victims>{}</victims></incident>",
    "an unknown element": "<u>{}</u>",
    "an unknown element before another": "<u>{}<u/></u>",
    "the root": "{}",
    "the root before an unknown element": "{}<u/>",
    "a known attribute": "<incident type='minor' uuid='{}'/>",
    "a code": "<incident type='minor'><school code='{}'/></incident>",
    "an unknown attribute": "<incident type='minor' u='{}'/>",
    "an attribute of an unknown element": "<u u='{}'/>",
}


@pytest.mark.parametrize("place", TEXT_PLACES.values(), ids=TEXT_PLACES.keys())
def test_x28_text(place: str) -> None:
    read_page(page(place.format(LONG)))
    assert refusal(page(place.format(LONG + "x"))) is Reason.TEXT_TOO_LONG


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 4 * MAX_TEXT, id="a 4 MiB run"),
        pytest.param("x\n" * MAX_TEXT, id="many lines"),
        pytest.param("&#120;" * (MAX_TEXT + 1), id="character references"),
        pytest.param("<![CDATA[xxxxxxxx]]>" * (MAX_TEXT // 8 + 1), id="sections"),
        pytest.param("é" * (MAX_TEXT + 1), id="letters of two bytes"),
        pytest.param("x<!-- -->" * (MAX_TEXT + 1), id="runs between comments"),
    ],
)
def test_x28_text_in_pieces_is_one_text(text: str) -> None:
    assert refusal(incident(f"<description>{text}</description>")) is Reason.TEXT_TOO_LONG


def test_x28_comments_and_layout_are_not_kept_so_not_limited() -> None:
    model = read_page(incident(f"<!--{LONG * 4}-->{' ' * 2 * MAX_TEXT}\n{' ' * MAX_TEXT}<date>2025-09-01</date>"))
    assert model.incidents[0]["date"] == "2025-09-01"
    assert model.quarantine == {}


@pytest.mark.parametrize(
    "place",
    [
        pytest.param("<{0}></{0}>", id="an unknown element"),
        pytest.param("<u><{0}/></u>", id="an element inside it"),
        pytest.param("<u {0}=''/>", id="an attribute of an unknown element"),
        pytest.param("<incident type='minor' {0}=''/>", id="an attribute of an incident"),
        pytest.param("<u xmlns:{0}='urn:x'/>", id="a prefix"),
        pytest.param("<incident type='minor' xmlns:x='{0}'/>", id="a namespace"),
    ],
)
def test_x28_names(place: str) -> None:
    read_page(page(place.format("a" * MAX_NAME)))
    assert refusal(page(place.format("a" * (MAX_NAME + 1)))) is Reason.NAME_TOO_LONG
    assert refusal(page(place.format("a" * (4 << 20)))) is Reason.NAME_TOO_LONG


@pytest.mark.parametrize("count", [100_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_x28_many_empty_elements_leave_nothing(count: int) -> None:
    model = read_page(page("<a/>" * count))
    assert (model.incidents, model.quarantine) == ((), {"incidents/a": count})


def test_x28_too_many_elements() -> None:
    assert refusal(page("<a/>" * MAX_ELEMENTS)) is Reason.TOO_MANY_ELEMENTS, "the root is one, too"


def test_x28_many_brackets_are_not_many_elements() -> None:
    texts = "<![CDATA[" + "<" * (MAX_TEXT // 2) + "]]>"
    model = read_page(page(f"<u>{texts}</u>" * 16))
    assert model.quarantine == {"incidents/u": 16}


def test_x28_not_well_formed_after_enough_brackets() -> None:
    assert refusal(page("<u>" + "<a/>" * (MAX_ELEMENTS // 2) + "<!---->" * MAX_ELEMENTS)) is Reason.NOT_WELL_FORMED


@pytest.mark.long
def test_x28_as_many_elements_as_are_allowed() -> None:
    assert read_page(page("<a/>" * (MAX_ELEMENTS - 1))).quarantine == {"incidents/a": MAX_ELEMENTS - 1}


def test_x29_one_token_of_two_mib_is_read_in_one_piece() -> None:
    """The page is handed to the parser whole: feeding small pieces is what makes an old expat slow."""
    assert read_page(incident(f"<!--{'x' * (2 << 20)}-->")).quarantine == {}


def test_x30_many_distinct_names_are_counted_within_bounds() -> None:
    model = read_page(page("".join(f"<a{n}/>" for n in range(100_000))))
    assert len(model.quarantine) == MOST_PATHS + 1
    assert model.quarantine[MORE] == 100_000 - MOST_PATHS
    assert sum(model.quarantine.values()) == 100_000
