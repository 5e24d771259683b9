"""A page of another origin can do nothing with the admin API: it reads no cookie, sets none, and takes no form.

What a browser adds to such a request by itself (cookies, an `Origin`) lets nobody in, and what it can send without
asking first (a form, as text/plain or urlencoded) is refused. Who asks first, is told of no other origin.
"""

from __future__ import annotations

import json

import pytest
from hallpass.adapters.admin_addresses import Address

from tests.admin.conftest import Office, Reply, http_event
from tests.claims.test_links import listed, made
from tests.docs.test_restore import table

ELSEWHERE = {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}
FORMS = (
    "text/plain",
    "text/plain;charset=UTF-8",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
)
PATH_IDS = {"<district_id>": "D1st", "<integration_id>": "D1stVnd1", "<token_id>": "Tok1", "<claim_id>": "Clm1"}
CHANGES = [address for address in table() if address.method != "GET"]


def path_of(address: Address) -> str:
    path = address.rule.replace("<person_id>", "Person01")
    for name, value in PATH_IDS.items():
        path = path.replace(name, value)
    return path


def safe(reply: Reply) -> bool:
    names = {name.lower() for name in reply.headers}
    return "set-cookie" not in names and not any(name.startswith("access-control-") for name in names)


@pytest.mark.parametrize("address", CHANGES, ids=lambda one: one.action)
def test_a_cookie_lets_nobody_in(office: Office, address: Address) -> None:
    headers = ELSEWHERE | {"cookie": f"token={office.operator}; session={office.operator}"}
    headers |= {"content-type": "application/json"}
    reply = office.send(http_event(address.method, path_of(address), headers) | {"body": "{}"})
    assert (reply.status, safe(reply)) == (401 if address.opens else 400, True)


@pytest.mark.parametrize("address", [one for one in CHANGES if one.body], ids=lambda one: one.action)
@pytest.mark.parametrize("form", FORMS)
def test_what_a_form_can_send_is_no_body(office: Office, address: Address, form: str) -> None:
    # Even with the token, which no form can send.
    district = office.district()
    path = path_of(address).replace("D1stVnd1", office.integration(district)[-8:]).replace("D1st", district)
    path = path.replace("Tok1", "0000")
    headers = ELSEWHERE | {"content-type": form, "if-match": "*"}
    reply = office.call(address.method, path, "{}", headers=headers)
    assert (reply.status // 100, safe(reply)) == (4, True)
    assert reply.status in {400, 403, 404}


@pytest.mark.parametrize("form", FORMS)
def test_no_form_opens_a_claim_link(office: Office, path: str, form: str) -> None:
    claim = made(office, path)["claim"]
    body = json.dumps({"claim": claim})
    reply = office.send(http_event("POST", "/admin/v1/claims", ELSEWHERE | {"content-type": form}) | {"body": body})
    assert (reply.status, listed(office, path)[0]["status"]) == (400, "open")


@pytest.mark.parametrize(
    "path", ["/admin/v1/districts", "/admin/v1/claims", "/admin/v1/session", "/claim", "/admin/docs"]
)
def test_who_asks_first_is_told_of_no_other_origin(office: Office, path: str) -> None:
    asks = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
    reply = office.send(http_event("OPTIONS", path, ELSEWHERE | asks))
    assert (reply.status in {401, 405}, safe(reply)) == (True, True)
    got = office.send(http_event("GET", path, ELSEWHERE))
    assert safe(got)
