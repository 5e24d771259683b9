"""The documented behaviour: credentials, parameters, shape, and the same bytes every time."""

import re
from datetime import date
from xml.etree.ElementTree import Element

import pytest
import requests

from sandbox.simulator import RunningSimulator, Settings, running_simulator
from sandbox.simulator.account import AccountData, Query
from sandbox.simulator.pages import Pages
from sandbox.simulator.upstream import PATH, Answer, Upstream
from tests.simulator.documents import ATTRIBUTES, CHILDREN, page, texts, uuids

YEAR = (date(2025, 7, 1), date(2026, 6, 30))


def get(settings: Settings, query: str = "", **headers: str) -> Answer:
    """The answer of an upstream with these settings, without a network."""
    token = settings.accounts[0].token
    return Upstream(settings, clock=lambda: 0.0).answer(PATH, query, {"authorization": f"Bearer {token}", **headers})


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        pytest.param("Bearer demo-token", 200, id="a client access token opens its account"),
        pytest.param("bearer demo-token", 200, id="the scheme is the same in any case"),
        pytest.param("Bearer other-token", 200, id="another account's token opens that one"),
        pytest.param("Bearer demo-token2", 401, id="a longer token is another token"),
        pytest.param("Bearer ", 401, id="an empty token opens nothing"),
        pytest.param("Basic demo-token", 401, id="another scheme opens nothing"),
        pytest.param("demo-token", 401, id="a bare token opens nothing"),
        pytest.param(None, 401, id="no header opens nothing"),
    ],
)
def test_credentials(steady: RunningSimulator, authorization: str | None, status: int) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    response = requests.get(steady.url, headers=headers, timeout=10)
    assert response.status_code == status
    assert ("WWW-Authenticate" in response.headers) == (status == 401)
    assert (b"<incident " in response.content) == (status == 200)


def test_accounts_share_no_incident(steady: RunningSimulator) -> None:
    heads = steady.control.incidents()
    assert len({head["uuid"] for head in heads}) == len(heads) == 120
    assert len(steady.control.incidents("other")) == 30


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param("page=1", 200, id="page 1"),
        pytest.param("page=0", 400, id="page 0 is refused"),
        pytest.param("page=-1", 400, id="a negative page is refused"),
        pytest.param("page=1.0", 400, id="a page that is no integer is refused"),
        pytest.param("page=１", 400, id="full-width digits are refused"),
        pytest.param("type=minor", 200, id="a documented type"),
        pytest.param("type=", 400, id="an empty type is refused"),
        pytest.param("type=ALL", 400, id="an unknown type is refused"),
        pytest.param("deleted=1", 200, id="deleted"),
        pytest.param("deleted=true", 400, id="deleted in another spelling is refused"),
        pytest.param("from=2026-01-01&to=2026-01-31", 200, id="a timeframe"),
        pytest.param("from=2026-01-01", 400, id="from without to is refused"),
        pytest.param("to=2026-01-01", 400, id="to without from is refused"),
        pytest.param("from=2026-02-30&to=2026-03-01", 400, id="a day no calendar has is refused"),
        pytest.param("from=20260101&to=20260131", 400, id="dates without dashes are refused"),
        pytest.param("from=2026-01-31&to=2026-01-01", 200, id="a reversed timeframe is an empty one"),
        pytest.param("colour=red", 200, id="an unknown parameter is ignored"),
    ],
)
@pytest.mark.parametrize("lenient", [pytest.param(False, id="strict"), pytest.param(True, id="lenient")])
def test_parameters(query: str, status: int, lenient: bool) -> None:
    settings = Settings(incidents=10, bad_parameters="ignore" if lenient else "400")
    assert get(settings, query).status == (200 if lenient else status)


@pytest.mark.parametrize("kind", ["referral", "minor", "pending"])
def test_a_type_is_that_type_only(kind: str) -> None:
    root = page(get(Settings(incidents=200), f"type={kind}").body)
    assert {incident.attrib["type"] for incident in root} == {kind}


def test_deleted_incidents_come_on_request_and_are_marked() -> None:
    settings = Settings(incidents=400, absent_share=0)
    assert not page(get(settings).body).findall("incident[@deleted]")
    asked = page(get(settings, "deleted=1").body)
    assert 0 < len(asked.findall("incident[@deleted='1']")) < len(asked) / 2


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        pytest.param("", *YEAR, id="without dates it is the current school year"),
        pytest.param("from=2025-01-01&to=2025-03-31", date(2025, 1, 1), date(2025, 3, 31), id="the year before"),
        pytest.param("from=2025-10-06&to=2025-10-06", date(2025, 10, 6), date(2025, 10, 6), id="one day"),
    ],
)
def test_timeframes(query: str, first: date, last: date) -> None:
    days = [date.fromisoformat(text) for text in texts(get(Settings(incidents=3_000), query).body, "incident/date")]
    assert days
    assert all(first <= day <= last for day in days)


def test_the_data_spreads_over_two_school_years() -> None:
    wide = get(Settings(incidents=900), "from=2020-01-01&to=2030-01-01&deleted=1").body
    days = [date.fromisoformat(text) for text in texts(wide, "incident/date")]
    assert len(days) == 900
    assert date(2024, 7, 1) <= min(days) < date(2024, 10, 1)
    assert date(2026, 2, 1) < max(days) <= date(2026, 3, 2)


def test_pages_cut_the_list_into_parts_of_one_size(client: requests.Session, steady: RunningSimulator) -> None:
    first = page(client.get(steady.url).content)
    total = int(first.attrib["total-pages"])
    pages = [client.get(steady.url, params={"page": str(n)}).content for n in range(1, total + 1)]
    assert [int(page(body).attrib["page"]) for body in pages] == list(range(1, total + 1))
    assert [len(uuids(body)) for body in pages[:-1]] == [20] * (total - 1)
    assert all(int(page(body).attrib["count"]) == len(uuids(body)) for body in pages)
    seen = [uuid for body in pages for uuid in uuids(body)]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize(("size", "pages"), [(0, 1), (1, 1), (20, 1), (21, 2), (41, 3)])
def test_sizes(size: int, pages: int) -> None:
    settings = Settings(incidents=size, page_size=20)
    body = get(settings, "from=2020-01-01&to=2030-01-01&deleted=1").body
    assert page(body).attrib == {"count": str(min(size, 20)), "page": "1", "total-pages": str(pages)}


def misplaced(element: Element) -> list[str]:
    """Paths of children and attributes that are undocumented or out of document order."""
    order = CHILDREN.get(element.tag, ())
    names = [child.tag for child in element]
    wrong = [f"{element.tag}@{name}" for name in element.attrib if name not in ATTRIBUTES.get(element.tag, ())]
    if element.tag == "attributes":
        return wrong
    known = [order.index(name) if name in order else -1 for name in names]
    wrong += [f"{element.tag}/{names}" for _ in [0] if -1 in known or known != sorted(known)]
    return wrong + [path for child in element for path in misplaced(child)]


def test_every_documented_part_appears_in_document_order_and_nothing_else() -> None:
    root = page(get(Settings(incidents=2_000, absent_share=0), "deleted=1").body)
    assert misplaced(root) == []
    seen = {(element.tag, child.tag) for element in root.iter() for child in element}
    assert {(parent, child) for parent, names in CHILDREN.items() for child in names} <= seen
    marked = {(element.tag, name) for element in root.iter() for name in element.attrib}
    assert {(name, attribute) for name, names in ATTRIBUTES.items() for attribute in names} <= marked


def test_counts_are_true_and_victims_may_be_employees() -> None:
    root = page(get(Settings(incidents=600, absent_share=0)).body)
    counted = [element for element in root.iter() if "count" in element.attrib]
    assert all(int(element.attrib["count"]) == len(element) for element in counted)
    assert root.findall("incident/victims/victim/employee")
    assert root.findall("incident/victims/victim/student")
    assert [i for i in root if i.find("victims") is None], "an incident without victims has no such node"


def test_a_share_of_incidents_misses_nodes_and_attributes_but_never_what_names_it() -> None:
    root = page(get(Settings(incidents=600, absent_share=1)).body)
    assert all({"uuid", "type"} <= set(incident.attrib) for incident in root)
    assert all(incident.find("date") is not None for incident in root)
    for path in ("school", "offenders", "offenders/offender/student/name"):
        missing = [incident for incident in root if incident.find(path) is None]
        assert 0 < len(missing) < len(root), path


@pytest.mark.parametrize(
    ("words", "pattern"),
    [
        pytest.param("apostrophe", "'", id="apostrophes"),
        pytest.param("ampersand", "&", id="ampersands"),
        pytest.param("less-than", "<", id="less-than signs"),
        pytest.param("quote", '"', id="double quotes"),
        pytest.param("accents", "[éñøŁ]", id="accents"),
        pytest.param("combining", "[\u0300-\u036f]", id="combining marks"),
        pytest.param("hebrew", "[\u05d0-\u05ea]", id="Hebrew"),
        pytest.param("arabic", "[\u0600-\u06ff]", id="Arabic"),
        pytest.param("astral", "[\U00010000-\U0010ffff]", id="characters beyond the 16-bit plane"),
    ],
)
def test_names_are_difficult(words: str, pattern: str) -> None:
    names = texts(get(Settings(incidents=600)).body, "incident/offenders/offender/student/name")
    assert [name for name in names if re.search(pattern, name)]


@pytest.mark.parametrize("mark", [pytest.param(c, id=repr(c)) for c in ("\r\n", "\r", "\n", "\t")])
def test_descriptions_keep_their_white_space(mark: str) -> None:
    assert [text for text in texts(get(Settings(incidents=600)).body, "incident/description") if mark in text]


def test_codes_and_numbers_keep_leading_zeros() -> None:
    root = page(get(Settings(incidents=600)).body)
    assert root.findall("incident/school[@code='007']")
    numbers = [student.attrib.get("district-id", "") for student in root.iter("student")]
    assert [number for number in numbers if number.startswith("0")]


def test_equal_settings_give_equal_bytes() -> None:
    settings = Settings(incidents=120, seed=7)
    assert get(settings).body == get(settings).body
    assert uuids(get(settings).body) != uuids(get(Settings(incidents=120, seed=8)).body)


def test_a_page_is_rendered_once(client: requests.Session, steady: RunningSimulator) -> None:
    bodies = {client.get(steady.url, params={"page": "2"}).content}
    before = steady.control.upstream.rendered
    bodies |= {client.get(steady.url, params={"page": "2"}).content for _ in range(3)}
    assert len(bodies) == 1
    assert steady.control.upstream.rendered == before


def test_kept_pages_are_bounded() -> None:
    settings = Settings(incidents=60, page_size=20)
    pages = Pages(kept_bytes=1)
    data = AccountData(settings.accounts[0], settings)
    for number in (1, 2, 2, 1):
        assert pages.page(data, Query(page=number), settings, turn=0)
    assert pages.rendered == 3


def test_a_full_page_is_as_big_as_a_real_one_and_a_hundred_thousand_incidents_are_served() -> None:
    with running_simulator(Settings(incidents=100_000)) as simulator:
        headers = {"Authorization": f"Bearer {simulator.token}"}
        body = requests.get(simulator.url, headers=headers, timeout=60).content
        assert simulator.control.upstream.rendered == 1
    assert len(uuids(body)) == 1_000
    assert 2_000_000 < len(body) < 3_200_000


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("POST", PATH, 405, id="POST is not documented"),
        pytest.param("HEAD", PATH, 405, id="HEAD is not documented"),
        pytest.param("GET", "/public/v1/incidents.json", 404, id="another path"),
        pytest.param("GET", PATH + "/", 404, id="a trailing slash is another path"),
    ],
)
def test_other_requests(steady: RunningSimulator, method: str, path: str, status: int) -> None:
    headers = {"Authorization": "Bearer demo-token"}
    assert requests.request(method, steady.origin + path, headers=headers, timeout=10).status_code == status


def test_requests_are_recorded_as_they_came(client: requests.Session, simulator: RunningSimulator) -> None:
    client.get(simulator.url + "?type=minor&page=2", headers={"X-Mixed-Case": "kept"})
    (seen,) = simulator.requests
    assert (seen.method, seen.path, seen.query) == ("GET", PATH, {"type": "minor", "page": "2"})
    assert seen.headers["authorization"] == "Bearer demo-token"
    assert ("X-Mixed-Case", "kept") in seen.header_lines
