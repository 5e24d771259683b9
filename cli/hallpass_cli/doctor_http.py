"""What the doctor checks over HTTP, with an operator's admin token alone.

Rule: it changes nothing but its own canary, which is ended whatever happens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hallpass.domain.errors import TokenInvalidError
from hallpass.domain.tokens import parse_token

from hallpass_cli.addresses import PREFIX
from hallpass_cli.api import AdminApi
from hallpass_cli.canary import Canary
from hallpass_cli.checks import Check, FailedError, Finding, findings, not_checked
from hallpass_cli.vendor_api import VendorApi

_BEHIND_THE_API = "With --stack see the checks `tables` and `keys`; else look at DynamoDB and KMS."
MOST_LAG = timedelta(minutes=30)
NO_DISTRICT = "no --district was given"
_NO_TOKEN = "Set HALLPASS_TOKEN to the admin token of an operator."  # noqa: S105 - an advice


@dataclass(frozen=True, slots=True)
class OverHttp:
    """`district`: its id, or None. `read`: the canary also asks for incidents."""

    api: AdminApi
    district: str | None
    now: datetime
    read: bool

    def examine(self) -> Sequence[Finding]:
        first = [
            Check("vendor API", self.health, "Is HALLPASS_URL right? Is the stack deployed?"),
            Check("admin token", self.admin, _NO_TOKEN),
        ]
        path = f"/districts/{self.district}"
        canary = Canary(self.api, self._vendor, path, self.now)
        state = Check("district", lambda: self.state(path), "Is --district the id of one in `hallpass district list`?")
        end, steps = Check("canary: ended", canary.end), canary.checks(read=self.read)
        if self.district is None:
            names = [check.name for check in (state, *steps, end)]
            return [*findings(first), *not_checked(names, NO_DISTRICT)]
        found: list[Finding] = []
        try:
            found += findings([*first, state, *steps])
        finally:
            # Also when it is broken off with Ctrl-C.
            found += findings([end])
        return found

    @property
    def _vendor(self) -> VendorApi:
        return VendorApi(self.api.url.removesuffix(PREFIX))

    def health(self) -> str:
        answer = self._vendor.get("/v1/health")
        if answer.status != 200 or answer.document.get("status") != "ok":
            raise FailedError(
                f"{self._vendor.url}/v1/health answered {answer.status}",
                "Is HALLPASS_URL right? Then look at the vendor API's log group for platform.report lines.",
            )
        return f"answers, version {answer.document.get('version')}"

    def admin(self) -> str:
        try:
            person_id = parse_token(self.api.token).holder_id
        except TokenInvalidError as error:
            raise FailedError("HALLPASS_TOKEN is no token", _NO_TOKEN) from error
        if self.api.get("/session")["person"]["role"] != "operator":
            raise FailedError("HALLPASS_TOKEN is not an operator's", _NO_TOKEN)
        person = next(one for one in self.api.get("/people")["people"] if one["id"] == person_id)
        return f"holds, of {person['name']}, {person['role']}, to {person['token']['expires_at']}"

    def state(self, path: str) -> str:
        told = self.api.get(f"{path}/status")
        district, ledger = told["district"], told["ledger"]
        if district["status"] != "active":
            raise FailedError(f"{district['id']} is {district['status']}", "Choose one that is active.")
        if ledger["index"] != "ok":
            raise FailedError("the index of disclosures cannot be read", _BEHIND_THE_API)
        if self._behind(ledger) > MOST_LAG:
            raise FailedError(
                f"the index of disclosures is complete until {ledger['indexed_until'] or 'no time at all'}",
                "Look at the log group of the ledger's index; until then no answer about a person is up to date.",
            )
        return _look(told)

    def _behind(self, ledger: Mapping[str, Any]) -> timedelta:
        """How far the index is behind; of one that has not begun, how long there has been something for it."""
        if ledger["lag_seconds"] is not None:
            return timedelta(seconds=ledger["lag_seconds"])
        return self.now - datetime.fromisoformat(ledger["since"]) if ledger["since"] else timedelta()


def _look(told: Mapping[str, Any]) -> str:
    tokens, agreements = told["tokens"], told["agreements"]
    over = len(agreements["ending"]) + len(agreements["over"])
    ends, idle = len(tokens["expiring"]), len(tokens["dormant"])
    return f"active; {tokens['alive']} tokens, {ends} end soon, {idle} lie idle; {over} agreements end soon or are over"
