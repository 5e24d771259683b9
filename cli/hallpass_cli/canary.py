"""The canary: an integration that sees nobody, whose token is issued, used, revoked and refused, and then ended.

Rule: its scope is one day long past without persons, it reads only when that is asked for, and it is ended whatever
happens; what an earlier run left behind is ended first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hallpass_cli.api import AdminApi
from hallpass_cli.checks import Check, FailedError, NotCheckedError, told
from hallpass_cli.failures import CommandError
from hallpass_cli.moments import written
from hallpass_cli.vendor_api import VendorAnswer, VendorApi

AGREEMENT = "doctor"
VENDOR = "Hallpass doctor"
SEES_NOBODY = "no-people@1"
DAY = "2000-01-03"
LIFE = timedelta(minutes=10)
MOST_SEARCHES = 50
_CLOCKS_DIFFER = timedelta(hours=1)


@dataclass(slots=True)
class Canary:
    """`district`: its path. Steps in the order of `checks`; one whose condition is missing is not checked."""

    api: AdminApi
    vendor: VendorApi
    district: str
    now: datetime
    integration: str = ""
    token: str = ""
    opened: VendorApi | None = None
    revoked: bool = False
    requests: list[str] = field(default_factory=list)

    def checks(self, *, read: bool) -> Sequence[Check]:
        steps = [
            Check("canary: leftovers", self.end_leftovers),
            Check("canary: integration created", self.create),
            Check("canary: token issued", self.issue),
            Check("canary: token used", self.use),
        ]
        steps += [Check("canary: incidents read", self.read)] if read else []
        return [
            *steps,
            Check("canary: token revoked", self.revoke),
            Check("canary: token refused", self.meet_refusal),
            Check("canary: on record", self.find_record),
        ]

    def end_leftovers(self) -> str:
        listed = self.api.get(f"{self.district}/integrations")["integrations"]
        left = [one["id"] for one in listed if is_canary(one) and one["status"] != "ended"]
        for integration in left:
            self.api.post(f"{self.district}/integrations/{integration}/end")
        return f"ended what was left: {' '.join(left)}" if left else "none"

    def create(self) -> str:
        rows = {"types": ["minor"], "schools": "all", "window": {"from": DAY, "to": DAY}, "deleted": False}
        body = {
            "vendor": VENDOR,
            "contact": "the operator",
            "purpose": "A canary: shows after a deploy that a token holds until it is revoked",
            "agreement": {"id": AGREEMENT, "ends_on": str((self.now + timedelta(days=1)).date())},
            "scope": {"rows": rows, "fields": SEES_NOBODY},
        }
        self.integration = str(self.api.post(f"{self.district}/integrations", body)["integration"]["id"])
        return f"{self.integration}, which sees nobody"

    def issue(self) -> str:
        _require(self.integration, "there is no integration")
        answer = self.api.post(f"{self._path}/tokens", {"expires_at": written(self.now + LIFE)})
        self.token, self.opened = str(answer["id"]), VendorApi(self.vendor.url, str(answer["token"]))
        return f"{self.token}, for ten minutes"

    def use(self) -> str:
        answer = self._ask("/v1/token")
        if answer.status != 200:
            raise FailedError(f"refused with {answer.status} {answer.problem}", "See the problem in docs/errors.md.")
        return "accepted"

    def read(self) -> str:
        answer = self._ask("/v1/incidents.json", **{"from": DAY, "to": DAY})
        if answer.status != 200:
            raise FailedError(
                f"answered {answer.status} {answer.problem}",
                "See the problem in docs/errors.md; is it the district's upstream token?",
            )
        return f"{answer.document.get('count', '?')} incidents of {DAY}, without persons"

    def revoke(self) -> str:
        _require(self.token, "there is no token")
        self.api.post(f"{self._path}/tokens/{self.token}/revoke")
        self.revoked = True
        return "revoked"

    def meet_refusal(self) -> str:
        _require(self.revoked, "the token was not revoked")
        answer = self._ask("/v1/token")
        if (answer.status, answer.problem) != (401, "token-revoked"):
            raise FailedError(
                f"answered {answer.status} {answer.problem} after it was revoked",
                "Stop every token that matters (`hallpass integration stop`), then find out what answers here.",
            )
        return "token-revoked, on the next request"

    def find_record(self) -> str:
        _require(self.requests, "nothing was asked with it")
        missing = self._unrecorded()
        if missing:
            raise FailedError(
                f"{len(missing)} of {len(self.requests)} requests are not in the ledger",
                "Let no vendor in until it is known why: see the alarms of the ledger.",
            )
        return f"all {len(self.requests)} requests of the token are in the ledger"

    def end(self) -> str:
        """Also one whose making was not answered. Raises FailedError."""
        try:
            if not self.integration:
                return f"none was made; leftovers: {self.end_leftovers()}"
            self.api.post(f"{self._path}/end")
        except CommandError as error:
            which = self.integration or f"the one of {VENDOR}, if there is one"
            raise FailedError(told(error), f"End it: `hallpass integration end`, {which}.") from error
        return f"{self.integration} is over"

    @property
    def _path(self) -> str:
        return f"{self.district}/integrations/{self.integration}"

    def _ask(self, path: str, **query: str) -> VendorAnswer:
        if self.opened is None:
            raise NotCheckedError("there is no token")
        answer = self.opened.get(path, **query)
        self.requests.append(answer.request_id)
        return answer

    def _unrecorded(self) -> frozenset[str]:
        """Which of the requests the ledger does not have; an answer may hold a part of what there is."""
        first, last = self.now - _CLOCKS_DIFFER, datetime.now(UTC) + _CLOCKS_DIFFER
        body = {"from": str(first.date()), "to": str(last.date()), "integration": self.integration}
        missing = frozenset(self.requests)
        for _ in range(MOST_SEARCHES):
            answer = self.api.post(f"{self.district}/audit/search", body)
            missing -= {str(row.get("request_id")) for row in answer["rows"]}
            if not missing or not answer.get("next"):
                break
            body["cursor"] = str(answer["next"])
        return missing


def _require(there: object, why: str) -> None:
    """Raises NotCheckedError."""
    if not there:
        raise NotCheckedError(why)


def is_canary(integration: Mapping[str, Any]) -> bool:
    return (integration["vendor"], integration["agreement"]["id"]) == (VENDOR, AGREEMENT)
