"""`hallpass doctor`: whether what was deployed works, from the front door to the alarm's target.

Rule: what was not checked is never called good. It ends with 0 only when nothing failed and all that was asked for was
checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from hallpass_cli.api import connect
from hallpass_cli.checks import Finding, Result
from hallpass_cli.districts import path_part
from hallpass_cli.doctor_aws import InAws
from hallpass_cli.doctor_http import OverHttp
from hallpass_cli.failures import UsageError
from hallpass_cli.output import AsJson, show_json, show_rows


class Part(StrEnum):
    HTTP = "http"
    AWS = "aws"


def doctor(
    district: Annotated[str | None, typer.Option(help="The id of a district for the canary; it sees nobody.")] = None,
    stack: Annotated[str | None, typer.Option(help="The CloudFormation stack, with your AWS credentials.")] = None,
    read: Annotated[bool, typer.Option("--read", help="The canary also reads incidents of one day in 2000.")] = False,
    only: Annotated[Part | None, typer.Option(help="Check only this part.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check after a deploy: the APIs, a canary token from issue to refusal, and with --stack everything in AWS."""
    if only is Part.AWS and stack is None:
        raise UsageError("--only aws needs --stack.")
    if read and (district is None or only is Part.AWS):
        raise UsageError("--read is the canary's: it needs --district, and not --only aws.")
    api, checked = connect(), None if district is None else path_part(district)
    over_http = [] if only is Part.AWS else OverHttp(api, checked, datetime.now(UTC), read).examine()
    in_aws = [] if only is Part.HTTP else InAws(stack, api.url).examine()
    _show([*over_http, *in_aws], as_json)
    failed = _any(Result.FAILED, [*over_http, *in_aws])
    if failed or (stack is not None and _any(Result.NOT_CHECKED, in_aws)):
        raise typer.Exit(1)


def _any(result: Result, found: Sequence[Finding]) -> bool:
    return any(one.result is result for one in found)


def _show(found: Sequence[Finding], as_json: bool) -> None:
    counts = {result: sum(one.result is result for one in found) for result in Result}
    if as_json:
        named = {result.name.lower(): count for result, count in counts.items()}
        show_json({"checks": [one.document() for one in found], **named})
        return
    rows = [{"check": one.check, "result": one.result.value, "seen": one.seen, "do": one.advice} for one in found]
    show_rows(("check", "result", "seen", "do"), rows, "Nothing was checked.")
    typer.echo("\n" + ", ".join(f"{count} {result.value}" for result, count in counts.items()))
