"""What a query of Logs Insights names, told without running it: commands, fields, and what it makes itself.

The rule: after `stats` only what it made, or grouped by, can be named. A name that nothing has finds nothing.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

COMMANDS = {"fields", "filter", "stats", "sort", "limit"}
FUNCTIONS = {
    "avg", "bin", "coalesce", "count", "count_distinct", "earliest", "ispresent", "latest", "max", "min", "pct",
    "stddev", "sum",
}  # fmt: skip
_WORDS = {"and", "or", "not", "like", "in", "as", "by", "asc", "desc"}
_QUOTED = re.compile(r'"[^"]*"|/(?:[^/\\]|\\.)*/')
_NAME = re.compile(r"(?<![\w.@])@?[A-Za-z_][\w.]*")


@dataclass(slots=True)
class _Scope:
    """What can be named at a place of a query."""

    known: set[str] = field(default_factory=set)


def faults(query: str, known: Collection[str]) -> Iterator[str]:
    """What is wrong with a query over lines that have the fields `known`."""
    scope = _Scope(set(known))
    for part in _QUOTED.sub("''", query).split("|"):
        command, _, rest = part.strip().partition(" ")
        if command not in COMMANDS:
            yield f"{command!r} is no command"
        if rest.count("(") != rest.count(")"):
            yield f"parentheses of {command!r}"
        yield from _unknown(command, rest, scope)


def _unknown(command: str, rest: str, scope: _Scope) -> Iterator[str]:
    made = set(re.findall(r"\bas (\w+)", rest))
    plain = re.sub(r"\bas \w+", "", rest)
    for called in set(re.findall(r"(\w+)\(", plain)) - FUNCTIONS - _WORDS:
        yield f"{called}() is no function"
    named = {word for word in _NAME.findall(re.sub(r"\w+\(", "(", plain)) if word not in _WORDS}
    for word in sorted(named - scope.known):
        yield f"{word} is no field"
    if command == "stats":
        grouped = plain.partition(" by ")[2]
        scope.known = made | {word for word in _NAME.findall(re.sub(r"\w+\([^)]*\)", "", grouped))}
    elif command == "fields":
        scope.known |= made
