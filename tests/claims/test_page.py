"""The page of a claim link, as the admin API serves it: to everybody, and on record as a line alone."""

from __future__ import annotations

import json

import pytest
from hallpass.domain.static_site import POLICY

from tests.admin.conftest import Office, http_event


@pytest.mark.parametrize("path", ["/claim", "/claim/", "/claim/claim.js", "/claim/claim.css"])
def test_a_stranger_gets_the_page_under_its_policy(
    office: Office, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = str(office.recorder.ledger)
    reply = office.send(http_event("GET", path, {}))
    assert (reply.status, reply.headers["Content-Security-Policy"]) == (200, POLICY)
    assert (reply.headers["Cache-Control"], reply.headers["Referrer-Policy"]) == ("no-cache", "no-referrer")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    [line] = [json.loads(one) for one in capsys.readouterr().out.splitlines() if '"audit"' in one]
    assert (line["action"], line["status"], str(office.recorder.ledger)) == ("claim.page", 200, rows)
    same = office.send(http_event("GET", path, {"if-none-match": reply.headers["ETag"]}))
    assert (same.status, same.text) == (304, "")


@pytest.mark.parametrize("path", ["/claim/other.js", "/claim/../admin/docs", "/claims"])
def test_there_is_no_other_file(office: Office, path: str) -> None:
    reply = office.send(http_event("GET", path, {}))
    assert (reply.status in {401, 404}, reply.headers["Cache-Control"]) == (True, "no-store")


def test_a_path_that_is_none_is_nobodys_page(office: Office) -> None:
    assert office.send(http_event("GET", "claim", {})).status == 401
