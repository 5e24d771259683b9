"""What the doctor checks in AWS, with the caller's own credentials: a table of checks over a stack.

Rule: where AWS cannot be asked, each check says so by name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hallpass_cli import stack_alarms, stack_archive, stack_checks
from hallpass_cli.checks import Check, FailedError, Finding, Result, findings, not_checked
from hallpass_cli.failures import CommandError
from hallpass_cli.stacks import AwsRefusal, NoAwsError, Stack, read_stack, refused

Run = Callable[[Stack], str]
CHECKS: tuple[tuple[str, Run], ...] = (
    ("stack", stack_checks.settled),
    ("alarms", stack_alarms.alarms),
    ("alarm targets", stack_alarms.targets),
    ("alarms quiet", stack_alarms.quiet),
    ("log groups", stack_checks.log_groups),
    ("tables", stack_checks.tables),
    ("keys", stack_checks.keys),
    ("functions", stack_checks.functions),
    ("schedules", stack_checks.schedules),
    ("dead letters", stack_checks.dead_letters),
    ("archive", stack_archive.archive),
)


@dataclass(frozen=True, slots=True)
class InAws:
    """`admin_url`: of the admin API that the other checks asked."""

    stack_name: str | None
    admin_url: str

    def examine(self) -> Sequence[Finding]:
        names = ["address", *(name for name, _ in CHECKS)]
        if self.stack_name is None:
            return list(not_checked(names, "no --stack was given"))
        if any(name.startswith("AWS_ENDPOINT_URL") for name in os.environ):
            return list(not_checked(names, "AWS_ENDPOINT_URL names an embedded AWS, which has no stacks"))
        try:
            stack = read_stack(self.stack_name)
        except NoAwsError as error:
            return list(not_checked(names, str(error)))
        except CommandError as error:
            unread = Finding("stack", Result.FAILED, str(error), "Name the stack that was deployed.")
            return [unread, *not_checked([name for name in names if name != "stack"], "the stack could not be read")]
        checks = [Check(name, _asked(name, run, stack)) for name, run in CHECKS]
        return list(findings([Check("address", lambda: self.address(stack)), *checks]))

    def address(self, stack: Stack) -> str:
        """That both halves of the doctor look at the same Hallpass."""
        told = stack.outputs.get("AdminUrl")
        if told != self.admin_url:
            raise FailedError(
                f"the stack's admin API is {told}, and {self.admin_url} was asked",
                "Set HALLPASS_URL to the output AdminUrl, or name the other stack.",
            )
        return self.admin_url


def _asked(name: str, run: Run, stack: Stack) -> Callable[[], str]:
    def checked() -> str:
        try:
            return run(stack)
        except AwsRefusal as error:
            raise refused(f"what there is of {name}", error) from error

    return checked
