"""Data that changes while the simulator runs, from Python and over the control API."""

from datetime import date
from typing import Any

import pytest
import requests

from sandbox.simulator import RunningSimulator
from tests.simulator.documents import page, uuids


def listed(client: requests.Session, simulator: RunningSimulator, **params: str) -> bytes:
    """Page 1 as it is now."""
    return client.get(simulator.url, params=params).content


def test_an_inserted_incident_is_on_top(client: requests.Session, simulator: RunningSimulator) -> None:
    before = uuids(listed(client, simulator))
    added = simulator.control.insert("minor", date(2026, 3, 2), {"time": "23:59:59", "description": "New & <odd>"})
    added_later = simulator.control.insert(account="other")
    after = listed(client, simulator)
    assert added in uuids(after)
    assert added_later not in uuids(after)
    assert len(set(uuids(after)) - set(before)) == 1
    (incident,) = page(after).findall(f"incident[@uuid='{added}']")
    assert incident.findtext("description") == "New & <odd>"


def test_rows_shift_between_pages(client: requests.Session, simulator: RunningSimulator) -> None:
    last_of_first = uuids(listed(client, simulator))[-1]
    simulator.control.insert(day=date(2026, 3, 2))
    assert uuids(listed(client, simulator, page="2"))[0] == last_of_first


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        pytest.param("description", "a\r\nb\tc", "description", id="text of an element"),
        pytest.param("offenders/offender/student/name", "Zoë <x>", "offenders/offender/student/name", id="a deep one"),
        pytest.param("new/deep", "here", "new/deep", id="an element that was not there"),
    ],
)
def test_edits_of_text(
    client: requests.Session, simulator: RunningSimulator, path: str, value: str, found: str
) -> None:
    uuid = uuids(listed(client, simulator))[3]
    simulator.control.edit(uuid, {path: value})
    (incident,) = page(listed(client, simulator)).findall(f"incident[@uuid='{uuid}']")
    assert incident.findtext(found) == value


def test_edits_of_attributes_and_removals(client: requests.Session, simulator: RunningSimulator) -> None:
    uuid = uuids(listed(client, simulator))[3]
    changes: dict[str, str | None] = {
        **{"@bounced": "4", "school@code": "0\t9", "location@code": None},
        **{"description": None, "nowhere/at/all": None},
    }
    simulator.control.edit(uuid, changes)
    (incident,) = page(listed(client, simulator)).findall(f"incident[@uuid='{uuid}']")
    assert incident.attrib["bounced"] == "4"
    assert [school.attrib["code"] for school in incident.iter("school")] == ["0\t9"]
    assert incident.find("location[@code]") is None
    assert incident.find("description") is None
    assert incident.find("nowhere") is None


def test_an_edit_is_a_modification(client: requests.Session, simulator: RunningSimulator) -> None:
    simulator.control.change_settings(order="modified")
    before = {head["uuid"]: head["last-modified"] for head in simulator.control.incidents()}
    uuid = uuids(listed(client, simulator))[-1]
    simulator.control.edit(uuid, {"description": "touched"})
    assert uuids(listed(client, simulator))[0] == uuid
    after = {head["uuid"]: head["last-modified"] for head in simulator.control.incidents()}
    assert [changed for changed in after if after[changed] != before[changed]] == [uuid]


def test_a_moved_date_moves_the_incident(client: requests.Session, simulator: RunningSimulator) -> None:
    uuid = uuids(listed(client, simulator))[0]
    simulator.control.edit(uuid, {"date": "2024-09-09", "school@code": "900"})
    then = listed(client, simulator, **{"from": "2024-09-09", "to": "2024-09-09"})
    assert uuid in uuids(then)
    assert uuid not in uuids(listed(client, simulator))
    (head,) = [head for head in simulator.control.incidents() if head["uuid"] == uuid]
    assert (head["date"], head["school"]) == ("2024-09-09", "900")


def test_delete_remove_and_retype(client: requests.Session, simulator: RunningSimulator) -> None:
    deleted, removed, retyped = uuids(listed(client, simulator, type="minor"))[:3]
    simulator.control.delete(deleted)
    simulator.control.remove(removed)
    simulator.control.retype(retyped, "pending")
    everything = page(listed(client, simulator, deleted="1"))
    assert not {deleted, removed, retyped} & set(uuids(listed(client, simulator, type="minor")))
    assert deleted not in uuids(listed(client, simulator))
    assert everything.find(f"incident[@uuid='{deleted}'][@deleted='1']") is not None
    assert everything.find(f"incident[@uuid='{removed}']") is None
    assert retyped in uuids(listed(client, simulator, type="pending"))


def test_the_same_changes_give_the_same_bytes(client: requests.Session, simulator: RunningSimulator) -> None:
    bodies = []
    for _ in range(2):
        simulator.control.change_settings(seed=5)
        simulator.control.insert("minor")
        simulator.control.retype(uuids(listed(client, simulator))[4], "pending")
        bodies.append(listed(client, simulator))
        simulator.control.change_settings(seed=1)
    assert bodies[0] == bodies[1]


class ControlClient:
    """The control API, spoken to with JSON."""

    def __init__(self, simulator: RunningSimulator) -> None:
        self._base = f"{simulator.origin}/_simulator/"

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        response = requests.request(method, self._base + path, json=body, timeout=10)
        return response.status_code, response.json()


def test_control_api_changes_data(client: requests.Session, simulator: RunningSimulator) -> None:
    control = ControlClient(simulator)
    asked = {"type": "minor", "date": "2026-03-02", "count": 2, "changes": {"description": "via HTTP"}}
    status, answer = control("POST", "incidents", asked)
    first, second = answer["uuids"]
    assert status == 200
    assert {first, second} <= set(uuids(listed(client, simulator, type="minor")))
    assert control("PATCH", f"incidents/{first}", {"type": "pending", "changes": {"@bounced": "2"}})[0] == 200
    incident = page(listed(client, simulator, type="pending")).find(f"incident[@uuid='{first}'][@bounced='2']")
    assert incident is not None
    assert control("DELETE", f"incidents/{first}")[0] == 200
    assert control("DELETE", f"incidents/{second}?gone=1")[0] == 200
    known = {head["uuid"]: head["deleted"] for head in control("GET", "incidents?account=demo")[1]["incidents"]}
    assert known[first] is True
    assert second not in known


def test_control_api_tells_and_sets(client: requests.Session, simulator: RunningSimulator) -> None:
    control = ControlClient(simulator)
    listed(client, simulator, page="3")
    state = control("GET", "state")[1]
    assert (state["requests"], state["accounts"]) == (1, {"demo": 90, "other": 30})
    (seen,) = control("GET", "requests")[1]["requests"]
    assert seen["target"] == "/public/v1/incidents.xml?page=3"
    assert control("DELETE", "requests")[1] == {"count": 0}
    assert control("PATCH", "settings", {"page_size": 7, "etag": True, "today": "2026-04-01"})[0] == 200
    assert len(uuids(listed(client, simulator))) == 7
    settings = {"accounts": [{"name": "new", "token": "new-token"}]}
    assert control("PATCH", "settings", settings)[1]["accounts"][0]["name"] == "new"
    assert client.get(simulator.url).status_code == 401


def test_control_api_orders_faults(client: requests.Session, simulator: RunningSimulator) -> None:
    control = ControlClient(simulator)
    order = {"name": "429", "times": 1, "retry_after": "7", "headers": [["X-Why", "busy"]], "body": "slow down"}
    assert control("POST", "faults", order)[0] == 200
    assert control("GET", "faults")[1]["planned"][0]["name"] == "429"
    response = client.get(simulator.url)
    assert (response.status_code, response.content) == (429, b"slow down")
    assert (response.headers["Retry-After"], response.headers["X-Why"]) == ("7", "busy")
    assert client.get(simulator.url).status_code == 200
    assert control("POST", "faults", {"name": "body", "body_base64": "AP8="})[0] == 200
    assert client.get(simulator.url).content == b"\x00\xff"
    assert control("DELETE", "faults")[1] == {"planned": []}
    assert client.get(simulator.url).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        pytest.param("GET", "nothing", None, 404, id="an unknown control"),
        pytest.param("PUT", "faults", {}, 404, id="an unknown method"),
        pytest.param("DELETE", "incidents/nobody", None, 404, id="an unknown incident"),
        pytest.param("PATCH", "settings", {"colour": "red"}, 400, id="an unknown setting"),
        pytest.param("PATCH", "settings", {"order": "sideways"}, 400, id="a setting's wrong word"),
        pytest.param("PATCH", "settings", {"etag": "perhaps"}, 400, id="a switch that is neither on nor off"),
        pytest.param("PATCH", "settings", ["order"], 400, id="JSON that is no object"),
        pytest.param("POST", "faults", {"name": "earthquake"}, 400, id="an unknown fault"),
        pytest.param("POST", "faults", {"name": "429", "colour": "red"}, 400, id="an unknown particular"),
        pytest.param("POST", "faults", {"name": "drip-body", "chunk": 0}, 400, id="a drip of nothing"),
        pytest.param("POST", "incidents", {"type": "major"}, 400, id="an unknown type"),
        pytest.param("POST", "incidents", {"account": "nobody"}, 400, id="an unknown account"),
    ],
)
def test_control_api_refuses(steady: RunningSimulator, method: str, path: str, body: object, status: int) -> None:
    answered, said = ControlClient(steady)(method, path, body)
    assert answered == status
    assert said["error"]


def test_control_requests_are_not_recorded_and_no_fault_touches_them(simulator: RunningSimulator) -> None:
    simulator.control.fault("silence")
    assert ControlClient(simulator)("GET", "state")[0] == 200
    assert simulator.requests == []
