"""Everything the upstream leaves open, each way round."""

import gzip
import re
from datetime import date
from typing import Any

import pytest

from sandbox.simulator import Account, Settings
from sandbox.simulator.settings import choices, words
from sandbox.simulator.shape import CANARY
from sandbox.simulator.upstream import PATH, Answer, Upstream
from tests.simulator.documents import page, texts, uuids

ALL = "from=2020-01-01&to=2030-01-01&deleted=1"


class Clock:
    """Seconds that pass when the test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def upstream(**settings: Any) -> Upstream:
    """An upstream with 90 incidents unless told otherwise, and one account."""
    return Upstream(Settings(**{"incidents": 90, "accounts": (Account("a", "t"),), **settings}), Clock())


def ask(asked: Upstream, query: str = "", **headers: str) -> Answer:
    """Its answer to a request with the right token."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return asked.answer(PATH, query, {"authorization": "Bearer t", **named})


def body(query: str = "", **settings: Any) -> bytes:
    """The body of a fresh upstream's answer."""
    return ask(upstream(**settings), query).body


def moments(content: bytes) -> list[tuple[str, str]]:
    """Date and time of the members in order."""
    return list(zip(texts(content, "incident/date"), texts(content, "incident/time"), strict=True))


def test_newest_first_is_the_default_order() -> None:
    listed = moments(body(absent_share=0))
    assert listed == sorted(listed, reverse=True)


def test_oldest_first() -> None:
    listed = moments(body(order="oldest", absent_share=0))
    assert listed == sorted(listed)


def test_by_last_modification() -> None:
    modified = [i.attrib["last-modified"] for i in page(body(order="modified", absent_share=0))]
    assert modified == sorted(modified, reverse=True)
    assert modified != [i.attrib["last-modified"] for i in page(body(absent_share=0))]


def test_an_unstable_order_differs_between_requests_and_pages_may_overlap() -> None:
    asked = upstream(order="unstable", page_size=20)
    first, again = uuids(ask(asked).body), uuids(ask(asked).body)
    assert first != again
    assert len(set(first)) == 20


@pytest.mark.parametrize("kind", ["incident", "modified"])
def test_what_a_timeframe_filters_on(kind: str) -> None:
    settings = {"date_filter": kind, "absent_share": 0, "incidents": 900}
    root = page(body("from=2025-10-01&to=2025-10-31", **settings))
    modified = [date.fromisoformat(i.attrib["last-modified"][:10]) for i in root]
    happened = [date.fromisoformat(i.findtext("date", "")) for i in root]
    filtered, other = (modified, happened) if kind == "modified" else (happened, modified)
    assert all(day.year == 2025 and day.month == 10 for day in filtered)
    assert any(day.month != 10 for day in other)


@pytest.mark.parametrize(("kind", "count"), [("page", "20"), ("all", "90")])
def test_what_the_root_counts(kind: str, count: str) -> None:
    assert page(body(ALL, root_count=kind, page_size=20)).attrib["count"] == count


@pytest.mark.parametrize(
    ("kind", "number", "members"),
    [
        pytest.param("empty", "9", 0, id="empty: no members, the page that was asked for"),
        pytest.param("clamped", "5", 0, id="clamped: no members, the last page's number"),
        pytest.param("last", "5", 10, id="last: the last page again"),
    ],
)
def test_a_page_past_the_last(kind: str, number: str, members: int) -> None:
    root = page(body(f"{ALL}&page=9", past_last=kind, page_size=20))
    assert root.attrib["page"] == number
    assert root.attrib["total-pages"] == "5"
    assert len(root) == members


def test_a_page_past_the_last_may_be_404() -> None:
    asked = upstream(past_last="404", page_size=20)
    assert ask(asked, f"{ALL}&page=9").status == 404
    assert ask(asked, f"{ALL}&page=5").status == 200


@pytest.mark.parametrize("total", [0, 1])
@pytest.mark.parametrize("past", ["empty", "clamped", "last", "404"])
def test_total_pages_of_nothing(total: int, past: str) -> None:
    root = page(body(incidents=0, empty_total_pages=total, past_last=past))
    assert root.attrib == {"count": "0", "page": "1", "total-pages": str(total)}


@pytest.mark.parametrize("included", [True, False])
def test_whether_no_type_means_pending_too(included: bool) -> None:
    kinds = {i.attrib["type"] for i in page(body(pending_by_default=included))}
    assert kinds == ({"referral", "minor", "pending"} if included else {"referral", "minor"})
    assert {i.attrib["type"] for i in page(body("type=pending", pending_by_default=included))} == {"pending"}


@pytest.mark.parametrize("present", [True, False])
def test_children_of_attributes(present: bool) -> None:
    bags = list(page(body(attribute_children=present, absent_share=0)).iter("attributes"))
    assert any(int(bag.attrib["count"]) for bag in bags)
    assert any(len(bag) for bag in bags) is present


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("true/false", {"true", "false"}),
        ("1/0", {"1", "0"}),
        ("yes/no", {"yes", "no"}),
        ("mixed", {"true", "false", "1", "0", "yes", "no"}),
    ],
)
def test_spelling_of_booleans(spelling: str, expected: set[str]) -> None:
    content = body(booleans=spelling)
    found = set(texts(content, "incident/offenders/offender/student/iep"))
    found |= {action.attrib.get("cost", "") for action in page(content).iter("action")} - {""}
    assert found == expected


@pytest.mark.parametrize(
    ("zone", "pattern"),
    [
        ("none", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"),
        ("Z", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
        ("offset", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-05:00"),
    ],
)
def test_time_zones_of_datetimes(zone: str, pattern: str) -> None:
    root = page(body(zone=zone))
    found = [e.attrib[name] for e in root.iter() for name in ("datetime", "last-modified") if name in e.attrib]
    assert len(found) > 100
    assert all(re.fullmatch(pattern, text) for text in found)


@pytest.mark.parametrize(
    ("revision", "present", "absent"),
    [
        pytest.param("2017", ["offenders/offender/injury"], ["attributes", "victims/victim/injury"], id="2017"),
        pytest.param("2020", ["victims/victim/injury"], ["attributes", "victims/victim/employee"], id="2020"),
        pytest.param("2025-12", ["attributes", "victims/victim/employee"], [], id="2025-12"),
    ],
)
def test_revisions_know_what_was_documented_then(revision: str, present: list[str], absent: list[str]) -> None:
    root = page(body(revision=revision, absent_share=0, incidents=600))
    student_2025 = any(list(root.iter(name)) for name in ("homeless", "foster", "frpl"))
    assert student_2025 is (revision == "2025-12")
    assert bool(root.findall("incident[@bounced]")) is (revision != "2017")
    assert all(root.findall(f"incident/{path}") for path in present)
    assert not any(root.findall(f"incident/{path}") for path in absent)


@pytest.mark.parametrize(("revision", "behind"), [("2017", "weapons"), ("2020", "weapons"), ("2025-12", "student")])
def test_an_offenders_injury_moved_in_2025(revision: str, behind: str) -> None:
    for offender in page(body(revision=revision, absent_share=0)).iter("offender"):
        names = [child.tag for child in offender]
        assert names[names.index("injury") - 1] == behind


@pytest.mark.parametrize(
    ("kind", "elements", "attributes", "leaves"),
    [
        ("none", False, False, False),
        ("elements", True, False, False),
        ("attributes", False, True, False),
        ("both", True, True, False),
        ("leaves", True, True, True),
    ],
)
def test_unknown_parts_at_every_depth(kind: str, elements: bool, attributes: bool, leaves: bool) -> None:
    content = body(unknown=kind, absent_share=0)
    root = page(content)
    assert (CANARY.encode() in content) is (kind != "none")
    for path in (".", "incident", "incident/offenders/offender/student", "incident/victims/victim"):
        places = root.findall(path)
        assert all((place.find("x-unknown") is not None) is elements for place in places), path
        assert all(("x-unknown" in place.attrib) is attributes for place in places), path
    assert bool(root.findall("incident/date/x-unknown")) is leaves
    assert root.attrib["count"] == str(len(root.findall("incident")))


def test_a_rate_limit_refuses_until_the_window_is_over() -> None:
    asked = upstream(rate_limit=2, rate_window=30.0, accounts=(Account("a", "t"), Account("b", "u")))
    clock = Clock()
    asked = Upstream(asked.settings, clock)
    assert [ask(asked).status for _ in range(3)] == [200, 200, 429]
    assert ask(asked).header("Retry-After") == "30"
    assert asked.answer(PATH, "", {"authorization": "Bearer u"}).status == 200
    clock.now = 30.0
    assert ask(asked).status == 200


def test_no_cache_header_is_the_default() -> None:
    assert [name for name, _ in ask(upstream()).headers] == ["Content-Type"]


def test_cache_control_is_sent_as_set() -> None:
    assert ask(upstream(cache_control="private, max-age=60")).header("Cache-Control") == "private, max-age=60"


def test_an_entity_tag_follows_the_body() -> None:
    asked = upstream(etag=True)
    tag = ask(asked).header("ETag")
    assert tag is not None
    assert ask(asked, if_none_match=tag).status == 304
    assert ask(asked, if_none_match=f'"other", W/{tag}').status == 304
    assert ask(asked, if_none_match='"other"').status == 200
    asked.accounts["a"].insert()
    assert ask(asked, if_none_match=tag).status == 200


def test_last_modified_follows_the_newest_change() -> None:
    asked = upstream(last_modified=True)
    when = ask(asked).header("Last-Modified")
    assert when is not None
    assert when.endswith(" GMT")
    assert ask(asked, if_modified_since=when).status == 304
    assert ask(asked, if_modified_since="yesterday").status == 200
    asked.accounts["a"].insert()
    assert ask(asked, if_modified_since=when).status == 200


@pytest.mark.parametrize(
    ("kind", "accept", "coded"),
    [
        ("never", "gzip", False),
        ("accepted", "gzip, deflate", True),
        ("accepted", "identity", False),
        ("always", "identity", True),
    ],
)
def test_gzip_coding(kind: str, accept: str, coded: bool) -> None:
    answer = ask(upstream(gzip=kind), accept_encoding=accept)
    assert (answer.header("Content-Encoding") == "gzip") is coded
    plain = gzip.decompress(answer.body) if coded else answer.body
    assert plain == body()


def test_settings_change_while_running_and_data_settings_make_new_data() -> None:
    asked = upstream()
    added = asked.accounts["a"].insert()
    asked.change_settings(Settings(incidents=90, accounts=(Account("a", "t"),), order="oldest"))
    assert added in uuids(ask(asked).body)
    asked.change_settings(Settings(incidents=90, accounts=(Account("a", "t"),), seed=2))
    assert added not in uuids(ask(asked).body)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"order": "sideways"}, id="an unknown word"),
        pytest.param({"incidents": 100_001}, id="too many incidents"),
        pytest.param({"incidents": -1}, id="fewer than none"),
        pytest.param({"page_size": 0}, id="no members on a page"),
        pytest.param({"accounts": ()}, id="no account"),
        pytest.param({"accounts": (Account("a", "t"), Account("b", "t"))}, id="two accounts, one token"),
        pytest.param({"accounts": (Account("a", "t"), Account("a", "u"))}, id="two accounts, one name"),
        pytest.param({"empty_total_pages": 2}, id="two pages of nothing"),
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must|share"):
        Settings(**wrong)


def test_every_setting_has_words_and_every_choice_holds_its_default() -> None:
    assert all(len(text) > 10 for text in words().values())
    assert all(getattr(Settings(), name) in allowed for name, allowed in choices().items())
