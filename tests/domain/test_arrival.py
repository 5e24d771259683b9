"""A page as it arrives: what is stored of it, and what is refused because it is not the page that was asked for."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime, timedelta

import pytest
from hallpass.domain import codec
from hallpass.domain.arrival import Arrival, past_the_last, receive
from hallpass.domain.http_caching import Received
from hallpass.domain.model import load_model
from hallpass.domain.pages import ArtefactKind
from hallpass.domain.upstream import UpstreamInvalidError

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
RECEIVED = Received(200, (("ETag", '"invented"'),), NOW - timedelta(seconds=2), NOW)
ROWS = "".join(f'<incident uuid="u-{number}" type="minor"><date>2026-02-10</date></incident>' for number in range(3))


def body(rows: str = ROWS, page: int = 1, total: int = 1, count: int = 3) -> bytes:
    return f'<incidents count="{count}" page="{page}" total-pages="{total}">{rows}</incidents>'.encode()


def arrive(content: bytes, number: int = 1) -> Arrival:
    return receive("D1st", "s-1", number, content, RECEIVED)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_page_is_filed_by_its_content_and_can_be_read_back() -> None:
    arrival = arrive(body(page=2, total=3), 2)
    page = arrival.page
    assert (page.snapshot, page.number, page.rows, page.total_pages) == ("s-1", 2, 3, 3)
    assert (page.raw.kind, page.raw.name) == (ArtefactKind.RAW, sha256(body(page=2, total=3)))
    assert codec.unpack(arrival.packed_raw) == arrival.raw == body(page=2, total=3)
    unpacked = codec.unpack(arrival.packed_model)
    assert unpacked is not None
    assert (page.model.kind, page.model.name) == (ArtefactKind.MODEL, sha256(unpacked))
    assert load_model(unpacked) == arrival.model


def test_each_artefact_is_of_the_district_and_says_how_it_is_stored() -> None:
    arrival = arrive(body())
    for artefact, packed in ((arrival.page.raw, arrival.packed_raw), (arrival.page.model, arrival.packed_model)):
        assert artefact.district_id == "D1st"
        assert (artefact.sha256, artefact.size, artefact.chunks) == (sha256(packed), len(packed), 1)


def test_a_page_that_packs_badly_is_stored_in_several_chunks() -> None:
    noise = random.Random(1).randbytes(450_000).hex()
    arrival = arrive(body(f'<incident uuid="u" type="minor"><description>{noise}</description></incident>'))
    assert arrival.page.raw.chunks == len(codec.chunks_of(arrival.packed_raw)) > 1


def test_it_is_known_when_it_came_and_with_which_fields() -> None:
    page = arrive(body()).page
    assert (page.received, page.fetched_at, page.written_at) == (RECEIVED, NOW, NOW)


def test_withheld_incidents_count_as_rows() -> None:
    page = arrive(body('<incident uuid="u-1" type="minor"/><incident uuid="u-2" type="new"/>', count=2)).page
    assert (page.rows, page.count) == (2, 2)


def test_the_page_past_the_last_is_empty_and_as_old_as_the_first() -> None:
    first = arrive(body(total=3)).page
    past = past_the_last(first, 9)
    assert (past.page.number, past.page.rows, past.page.total_pages) == (9, 0, 3)
    assert (past.page.snapshot, past.page.received) == (first.snapshot, RECEIVED)


def test_the_first_and_last_uuid_are_kept_hashed_only() -> None:
    page = arrive(body()).page
    assert (page.first_row, page.last_row) == (sha256(b"u-0"), sha256(b"u-2"))


UNNAMED = {
    "no incident leaves both ends blank": (body("", count=0), ("", "")),
    "an incident without uuid hashes nothing": (body('<incident type="minor"/>'), (sha256(b""), sha256(b""))),
    "one incident is both ends": (body('<incident type="minor" uuid="a"/>'), (sha256(b"a"), sha256(b"a"))),
}


@pytest.mark.parametrize(("content", "ends"), UNNAMED.values(), ids=UNNAMED)
def test_the_ends_of_a_page_where(content: bytes, ends: tuple[str, str]) -> None:
    page = arrive(content).page
    assert (page.first_row, page.last_row) == ends


def test_the_same_bytes_arrive_as_the_same_page() -> None:
    assert arrive(body()) == arrive(body())


REFUSED = {
    "X-21 nothing": (b"", 1),
    "X-21 a login page": (b"<html><body>Log in</body></html>", 1),
    "X-21 JSON": (b'{"incidents": []}', 1),
    "X-08 a doctype": (b"<!DOCTYPE incidents>" + body(), 1),
    "X-25 half a page": (body()[:-12], 1),
    "X-31 no totals": (b"<incidents/>", 1),
    "X-31 another page than was asked for": (body(page=1, total=3), 2),
    "X-31 a later page than was asked for": (body(page=3, total=3), 2),
    "X-31 page 2 where page 1 was asked for and there are none": (body("", page=2, total=0, count=0), 1),
}


@pytest.mark.parametrize(("content", "number"), REFUSED.values(), ids=REFUSED)
def test_is_no_page(content: bytes, number: int) -> None:
    with pytest.raises(UpstreamInvalidError) as caught:
        arrive(content, number)
    assert caught.value.upstream_status == 200
    assert caught.value.detail == UpstreamInvalidError.title


PAST = {
    "an empty page of that number": body("", page=3, total=2, count=0),
    "the last page once more": body(page=2, total=2),
    "the first page": body(page=1, total=2),
    "an empty page of that number with something unknown": body("<unknown/>", page=3, total=2, count=0),
}
CONTRADICTIONS = {
    "a page that calls itself by that number and has rows": body(page=3, total=2),
    "one whose rows are of no documented type": body('<incident uuid="u" type="other"/>', page=3, total=2),
}


@pytest.mark.parametrize("content", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_x_31_a_page_past_its_own_last_that_holds_incidents_is_refused(content: bytes) -> None:
    with pytest.raises(UpstreamInvalidError):
        arrive(content, 3)


@pytest.mark.parametrize("content", PAST.values(), ids=PAST)
def test_s_08_past_the_last_page_is_an_empty_page_whatever_the_upstream_answers(content: bytes) -> None:
    arrival = arrive(content, 3)
    assert (arrival.model.incidents, arrival.model.page, arrival.model.count) == ((), 3, 0)
    assert (arrival.page.number, arrival.page.rows, arrival.page.total_pages) == (3, 0, 2)


@pytest.mark.parametrize("content", PAST.values(), ids=PAST)
def test_past_the_last_page_the_verbatim_bytes_show_no_incident_either(content: bytes) -> None:
    arrival = arrive(content, 3)
    assert b"<incident " not in arrival.raw
    assert codec.unpack(arrival.packed_raw) == arrival.raw
    again = arrive(arrival.raw, 3)
    assert (again.raw, again.model.total_pages) == (arrival.raw, 2)


def test_past_the_last_page_an_empty_answer_keeps_its_own_bytes() -> None:
    assert arrive(PAST["an empty page of that number"], 3).raw == PAST["an empty page of that number"]


def test_the_second_page_of_an_account_without_incidents_is_empty_whatever_it_calls_itself() -> None:
    arrival = arrive(body("", page=1, total=0, count=0), 2)
    assert (arrival.model.page, arrival.page.number, arrival.page.rows) == (2, 2, 0)


def test_an_account_without_incidents_has_an_empty_first_page() -> None:
    nothing = body("", page=1, total=0, count=0)
    assert (arrive(nothing).raw, arrive(nothing).page.rows) == (nothing, 0)
