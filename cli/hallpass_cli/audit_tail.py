"""`hallpass audit tail`: the audit lines of the log groups as they come in, with your AWS credentials.

Rule: it ends with 0 when it has told everything (--once) or is ended with Ctrl-C, and then says what it could not read.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from hallpass_cli import durations, row_words, stacks
from hallpass_cli.audit_lines import HEAD, MalformedLineError, Wanted, parse, text
from hallpass_cli.failures import UsageError
from hallpass_cli.log_events import LogGroup, new_events

OUTPUTS = ("VendorApiLogGroupName", "AdminApiLogGroupName")


@dataclass(slots=True)
class Tail:
    """Shows what is new, over and over. `unreadable`: lines that call themselves audit lines and are none."""

    groups: Sequence[LogGroup]
    wanted: Wanted
    as_json: bool
    unreadable: int = 0

    def run(self, *, once: bool, pause: Callable[[], None]) -> None:
        """`once`: until nothing more is new. Raises AwsError."""
        if not self.as_json:
            typer.echo(HEAD)
        # Asked again even then: the embedded AWS gives one page and no token for a next.
        while self._pass() or not once:
            if not once:
                pause()

    def _pass(self) -> bool:
        found = False
        for event in new_events(self.groups):
            found = True
            self._show(event.message)
        return found

    def _show(self, message: str) -> None:
        try:
            facts = parse(message)
        except MalformedLineError:
            self.unreadable += 1
            return
        if facts is not None and self.wanted.wants(facts):
            typer.echo(json.dumps(facts) if self.as_json else text(facts))


def tail(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    stack: Annotated[str | None, typer.Option(help="The CloudFormation stack whose log groups are read.")] = None,
    log_groups: Annotated[
        list[str] | None, typer.Option("--log-group", help="A log group instead, or besides; repeatable.")
    ] = None,
    since: Annotated[str, typer.Option(help="From how long ago: 90s, 15m, 24h, 30d.")] = "15m",
    once: Annotated[bool, typer.Option("--once", help="Show what there is, and end.")] = False,
    every: Annotated[str, typer.Option(help="How often to look.")] = "2s",
    district: Annotated[str | None, typer.Option(help="Only this district's, by its id.")] = None,
    integration: Annotated[str | None, typer.Option(help="Only this integration's, by its id.")] = None,
    action: Annotated[str | None, typer.Option(help="Only this action, such as incidents.read.")] = None,
    problem: Annotated[str | None, typer.Option(help="Only this problem, such as token-revoked.")] = None,
    status: Annotated[str | None, typer.Option(help="Only this status: 403, or 4xx.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print each line as JSON.")] = False,
) -> None:
    """Follow the audit lines in CloudWatch Logs, with your AWS credentials; Ctrl-C ends it."""
    wanted = Wanted(district, integration, action, problem, status)
    row_words.check(district, asdict(wanted))
    seconds, now = durations.seconds("--every", every), int(time.time() * 1000)
    begin, until = now - durations.seconds("--since", since) * 1000, now if once else None
    logs = [LogGroup(stacks.client("logs"), name, max(0, begin), until) for name in _names(stack, log_groups or [])]
    follower = Tail(logs, wanted, as_json)
    try:
        follower.run(once=once, pause=lambda: time.sleep(max(seconds, 1)))
    except KeyboardInterrupt:
        typer.echo(err=True)
    finally:
        if follower.unreadable:
            typer.echo(f"{follower.unreadable} audit lines could not be read.", err=True)


def _names(stack: str | None, named: Sequence[str]) -> Sequence[str]:
    """Raises UsageError, AwsError."""
    found = [] if stack is None else [stacks.output(stack, name) for name in OUTPUTS]
    names = list(dict.fromkeys([*found, *named]))
    if not names:
        raise UsageError("Say whose audit lines: --stack, or --log-group (of the sandbox: `make run` tells it).")
    return names
