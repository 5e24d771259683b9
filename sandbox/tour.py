"""`python -m sandbox.tour`: Hallpass shown in a minute, each claim checked as it is made.

It starts a sandbox of its own, walks through it as a vendor and as an operator would, and ends it. The rule:
a step that does not hold ends the tour with its name and exit code 1.
"""

import argparse
import csv
import hashlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from sandbox import logs
from sandbox.aws import client
from sandbox.console import say
from sandbox.running import NotRunningError, Running, running
from sandbox.upstream import SIMULATED_TOKEN

_LOGS_WITHIN = 10.0


class TourError(Exception):
    """A claim did not hold."""


@dataclass(frozen=True, slots=True)
class Guide:
    """The sandbox of this tour, and how to ask it."""

    sandbox: Running
    session: requests.Session

    def get(self, path: str, token: str, **headers: str) -> requests.Response:
        """A vendor's request with the demo token of that name."""
        url, bearer = f"{self.sandbox.url}{path}", self.sandbox.demo["tokens"][token]["token"]
        return self.session.get(url, headers={"Authorization": f"Bearer {bearer}", **headers}, timeout=35)

    def upstream(self) -> requests.Response:
        """The same page straight from the upstream, with the district's own credential."""
        headers = {"Authorization": f"Bearer {SIMULATED_TOKEN}"}
        return self.session.get(self.sandbox.upstream_url, headers=headers, timeout=35)

    def upstream_requests(self) -> int:
        """How many requests the upstream has had."""
        origin = self.sandbox.upstream_url.split("/public/")[0]
        return int(self.session.get(f"{origin}/_simulator/state", timeout=10).json()["requests"])


def _claim(holds: bool, words: str) -> None:
    if not holds:
        raise TourError(words)


def same_bytes(guide: Guide) -> str:
    """The district's own systems get the upstream's bytes"""
    ours, theirs = guide.get("/v1/incidents.xml", "upstream"), guide.upstream()
    digests = [hashlib.sha256(answer.content).hexdigest()[:16] for answer in (ours, theirs)]
    _claim(ours.ok and digests[0] == digests[1], f"{ours.status_code}, {digests[0]} is not {digests[1]}")
    return f"{len(ours.content):,} bytes of XML, SHA-256 {digests[0]}... from Hallpass and from the upstream"


def typed_json(guide: Guide) -> str:
    """A vendor gets the same incidents as typed JSON"""
    answer = guide.get("/v1/incidents.json", "all")
    _claim(answer.ok, f"{answer.status_code} {answer.text[:300]}")
    page = answer.json()
    _claim(page["count"] == len(page["incidents"]) > 0, "count is not the number of incidents")
    names = ", ".join(list(page["incidents"][0])[:6])
    return f"{page['count']} incidents on page {page['page']} of {page['total_pages']}; the first has {names}, ..."


def pseudonyms(guide: Guide) -> str:
    """A researcher gets pseudonyms: the same child is known again, and by no number that anybody else has"""
    plain = guide.get("/v1/incidents.json", "all").json()["incidents"]
    answer = guide.get("/v1/incidents.csv", "pseudonymised")
    _claim(answer.ok, f"{answer.status_code} {answer.text[:300]}")
    numbers = {party["student"].get("district_id") for row in plain for party in row["offenders"] if "student" in party}
    known = {row.get("uuid") for row in plain} | numbers
    cells = {cell for line in csv.reader(answer.text.splitlines()) for cell in line}
    _claim(not cells & {cell for cell in known if cell}, "an identifier of the upstream is in it")
    shown = next(cell for cell in sorted(cells) if cell.startswith("p1-"))
    return f"{answer.headers['Content-Disposition']}; offender {shown}, no uuid, number or name of the upstream's"


def answered_from_the_store(guide: Guide) -> str:
    """Asked again, the upstream is left alone"""
    before = guide.upstream_requests()
    begun = time.perf_counter()
    answer = guide.get("/v1/incidents.json", "all")
    ms = (time.perf_counter() - begun) * 1000
    asked = guide.upstream_requests() - before
    _claim(answer.ok and asked == 0, f"{answer.status_code}, {asked} requests went upstream")
    return f"Cache-Status: {answer.headers.get('Cache-Status')}, in {ms:.0f} ms, 0 requests to the upstream"


def not_modified(guide: Guide) -> str:
    """A poll that knows the page already costs nothing"""
    etag = guide.get("/v1/incidents.json", "all").headers["ETag"]
    answer = guide.get("/v1/incidents.json", "all", **{"If-None-Match": etag})
    _claim(answer.status_code == 304 and not answer.content, f"{answer.status_code}")
    return f"If-None-Match: {etag} -> 304, no body"


def walked(guide: Guide) -> str:
    """A walk over all pages is one snapshot, read together and checked"""
    period = "from=2010-01-01&to=2030-12-31"
    before, address, pages = guide.upstream_requests(), f"/v1/incidents.json?{period}", 0
    seen: list[str] = []
    while address:
        answer = guide.get(address, "all")
        _claim(answer.ok, f"{answer.status_code} {answer.text[:300]}")
        seen += [row["uuid"] for row in answer.json()["incidents"]]
        address, pages = _path_of(answer.links.get("next", {}).get("url", "")), pages + 1
    _claim(len(set(seen)) == len(seen) > 0, f"{pages} pages, {len(seen) - len(set(seen))} incidents twice")
    asked = guide.upstream_requests() - before
    poll = guide.get(f"/v1/snapshot?{period}", "all")
    again = guide.get(f"/v1/snapshot?{period}", "all", **{"If-None-Match": poll.headers.get("ETag", "")})
    _claim((poll.status_code, again.status_code) == (200, 304), f"{poll.status_code}, {again.status_code}")
    return f"{len(seen)} incidents on {pages} pages, {asked} requests upstream; the poll over all of them: 304"


def _path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if url else ""


def narrowed(guide: Guide) -> str:
    """A narrow token sees its school and its types only"""
    wide, narrow = (guide.get("/v1/incidents.json", name) for name in ("all", "narrow"))
    _claim(narrow.ok, f"{narrow.status_code} {narrow.text[:300]}")
    rows = narrow.json()["incidents"]
    kinds = {row["type"] for row in rows}
    _claim(kinds <= {"minor"} and len(rows) < len(wide.json()["incidents"]), f"it saw {kinds}")
    return f"{len(rows)} incidents where the other vendor sees {wide.json()['count']}"


def refused(guide: Guide) -> str:
    """What a scope does not grant is refused by name"""
    answer = guide.get("/v1/incidents.json?type=referral", "narrow")
    _claim(answer.status_code == 403, f"{answer.status_code} {answer.text[:300]}")
    return f"?type=referral -> 403 {answer.json().get('title', '')}"


def narrowed_at_once(guide: Guide) -> str:
    """A scope that is narrowed holds on the next request"""
    demo = guide.sandbox.demo
    path = f"/districts/{demo['district']['id']}/integrations/{demo['integrations']['narrow']['id']}"
    headers = {"Authorization": f"Bearer {demo['operator']['token']}"}
    scope = guide.session.get(f"{demo['admin_url']}{path}", headers=headers, timeout=35).json()["integration"]["scope"]
    body = {"scope": scope | {"fields": "no-people@1"}}
    changed = guide.session.put(
        f"{demo['admin_url']}{path}/scope", json=body, headers={**headers, "If-Match": "*"}, timeout=35
    )
    _claim(changed.ok, f"{changed.status_code} {changed.text[:300]}")
    rows = guide.get("/v1/incidents.json", "narrow").json()["incidents"]
    _claim(bool(rows) and not any({"offenders", "uuid", "time"} & set(row) for row in rows), "it still saw people")
    return f"no-people@1 from now on: {json.dumps(rows[0])[:150]}"


def revoked_at_once(guide: Guide) -> str:
    """A revoked token is refused on its next request"""
    demo = guide.sandbox.demo
    _claim(guide.get("/v1/token", "narrow").ok, "the token did not work before")
    path = f"/districts/{demo['district']['id']}/integrations/{demo['integrations']['narrow']['id']}"
    url = f"{demo['admin_url']}{path}/tokens/{demo['tokens']['narrow']['id']}/revoke"
    headers = {"Authorization": f"Bearer {demo['operator']['token']}"}
    _claim(guide.session.post(url, headers=headers, timeout=35).ok, "the operator could not revoke it")
    answer = guide.get("/v1/incidents.json", "narrow")
    _claim(answer.status_code == 401, f"{answer.status_code}")
    return f"revoked by the operator, then 401 {answer.headers.get('WWW-Authenticate', '')}"


def audited(guide: Guide) -> str:
    """Every answer left its line in the audit log, and no line holds a token or a name"""
    demo = guide.sandbox.demo
    cloudwatch, group = client("logs", demo["aws_endpoint"]), demo["log_groups"]["VendorApiFunction"]
    wanted, give_up = demo["tokens"]["narrow"]["id"], time.monotonic() + _LOGS_WITHIN
    lines: list[str] = []
    while not lines and time.monotonic() < give_up:
        found = list(logs.messages(cloudwatch, group, 0, follow=False))
        lines = [line for line in found if wanted in line and logs.is_audit(line)]
        _claim(all(token["token"] not in "".join(found) for token in demo["tokens"].values()), "a token was logged")
    _claim(bool(lines), "there is no audit line of the narrow token")
    line: dict[str, Any] = json.loads(lines[-1])
    shown = {name: line[name] for name in list(line)[:10]}
    return f"{json.dumps(shown)[:220]} ..."


STEPS: Sequence[Callable[[Guide], str]] = (
    same_bytes, typed_json, answered_from_the_store, not_modified, walked, pseudonyms, narrowed, refused,
    narrowed_at_once, revoked_at_once, audited,
)  # fmt: skip


def walk(sandbox: Running) -> None:
    """All steps in order. Raises TourError."""
    with requests.Session() as session:
        session.trust_env = False
        guide = Guide(sandbox, session)
        for number, step in enumerate(STEPS, 1):
            title = (step.__doc__ or step.__name__).strip()
            try:
                told = step(guide)
            except (TourError, KeyError, ValueError, requests.RequestException) as error:
                raise TourError(f"{number}. {title}: this did not hold: {error}") from error
            say(f"\n{number}. {title}.\n   {told}")


def main(arguments: Sequence[str]) -> int:
    """The tour in a sandbox started with these arguments (as of `python -m sandbox`); 0 if every claim held."""
    told = argparse.ArgumentParser(
        prog="python -m sandbox.tour",
        usage="%(prog)s [-h] [option of python -m sandbox ...]",
        description="Starts a Hallpass of its own, shows what it does, ends it.",
        epilog="Any other option goes to the sandbox it starts (--incidents 500); `make run ARGS=--help` has them.",
        allow_abbrev=False,
    )
    told.parse_known_args(arguments)
    say("Starting Hallpass, its AWS and its upstream on this machine ...")
    begun = time.monotonic()
    try:
        with running("--workers", "1", *arguments) as sandbox:
            say(f"Ready in {time.monotonic() - begun:.1f} s at {sandbox.url}")
            walk(sandbox)
    except (NotRunningError, TourError) as error:
        print(f"tour: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    say("\nThat was it. `make run` starts a Hallpass that stays.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
