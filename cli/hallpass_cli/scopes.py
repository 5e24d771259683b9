"""The options by which a scope is said on the command line, and the scope they come to.

Rule: nothing is granted that is not said; what is wide has an option of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from hallpass_cli.failures import UsageError
from hallpass_cli.output import confirm_typed

UPSTREAM = "upstream@1"

Fields = Annotated[str | None, typer.Option(help="A preset; `hallpass fields list` shows them.")]
Groups = Annotated[list[str] | None, typer.Option("--group", help="Instead of a preset: a group; repeat it.")]
Victims = Annotated[str, typer.Option(help="With groups: none, presence, pseudonymised or as-offenders.")]
Numbers = Annotated[str | None, typer.Option(help="With groups: kept, dropped or pseudonymised.")]
Types = Annotated[list[str], typer.Option("--type", help="referral, minor, pending; repeat it.")]
Schools = Annotated[list[str] | None, typer.Option("--school", help="A school's code; repeat it.")]
AllSchools = Annotated[bool, typer.Option("--all-schools", help="Every school, also those to come.")]
Days = Annotated[int | None, typer.Option("--days", help="The last so many days, rolling.")]
First = Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")]
Last = Annotated[str | None, typer.Option("--to", help="Last day, YYYY-MM-DD.")]
Unbounded = Annotated[bool, typer.Option("--unbounded", help="No date bound.")]
Deleted = Annotated[bool, typer.Option("--deleted", help="Deleted incidents too.")]
Confirmed = Annotated[str | None, typer.Option("--confirm", help="upstream@1, instead of typing it.")]


@dataclass(frozen=True, slots=True)
class RowOptions:
    """What was said of rows."""

    types: list[str]
    schools: list[str] | None
    all_schools: bool
    days: int | None
    first: str | None
    last: str | None
    unbounded: bool
    deleted: bool

    def json(self) -> dict[str, Any]:
        """Raises UsageError."""
        return {"types": self.types, "schools": self._schools(), "window": self._window(), "deleted": self.deleted}

    def _schools(self) -> str | list[str]:
        if bool(self.schools) == self.all_schools:
            raise UsageError("Say which schools: --school, as often as needed, or --all-schools.")
        return "all" if self.all_schools else list(self.schools or [])

    def _window(self) -> Any:
        said = [self.days is not None, self.first is not None or self.last is not None, self.unbounded]
        if sum(said) != 1 or (self.first is None) != (self.last is None):
            raise UsageError("Say which dates: --days, or --from with --to, or --unbounded.")
        if self.unbounded:
            return "unbounded"
        return {"days": self.days} if self.days is not None else {"from": self.first, "to": self.last}


@dataclass(frozen=True, slots=True)
class FieldOptions:
    """What was said of fields."""

    preset: str | None
    groups: list[str] | None
    victims: str
    numbers: str | None

    def json(self) -> Any:
        """Raises UsageError."""
        if self.groups and self.preset is not None:
            raise UsageError("Say which fields by --fields with a preset or by --group, not by both.")
        if not self.groups and self.preset is None:
            raise UsageError("Say which fields: --fields with a preset, or --group as often as needed.")
        if self.preset is not None:
            if self.numbers is not None or self.victims != "none":
                raise UsageError("A preset says itself what becomes of numbers and victims.")
            return self.preset
        if self.numbers is None:
            raise UsageError("With --group say what becomes of numbers: --numbers kept, dropped or pseudonymised.")
        return {"groups": self.groups, "victims": self.victims, "numbers": self.numbers}


NOTHING_SAID = FieldOptions(None, None, "none", None)


def scope_body(rows: RowOptions, fields: FieldOptions, confirmed: str | None) -> dict[str, Any]:
    """`scope`, and `confirm` where it has to be typed. Raises UsageError."""
    body: dict[str, Any] = {"scope": {"rows": rows.json(), "fields": fields.json()}}
    if fields.preset == UPSTREAM:
        confirm_typed(f"{UPSTREAM} shows everything the upstream sends, unknown fields too.", UPSTREAM, confirmed)
        body["confirm"] = UPSTREAM
    return body
