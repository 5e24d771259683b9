"""The template as CloudFormation sees it, with the questions that posture rules ask.

The rule: asking for what is absent answers None or nothing, so that a rule says what is wrong and never crashes.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Resource = Mapping[str, Any]


def at(value: Any, *path: str) -> Any:
    """What stands at `path` below `value`; None if it does not go that far."""
    for step in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def listed(value: Any) -> list[Any]:
    """CloudFormation's "one or several" as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def text(value: Any) -> str:
    """A value in one line, for looking for words in it and for messages."""
    return json.dumps(value, sort_keys=True)


@dataclass(frozen=True, slots=True)
class Deployed:
    """One template."""

    template: Mapping[str, Any]

    @property
    def resources(self) -> Mapping[str, Resource]:
        found: Mapping[str, Resource] = self.template.get("Resources", {})
        return found

    @property
    def parameters(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.template.get("Parameters", {})
        return found

    def of(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """Properties of the resources of one type, by logical id."""
        return {
            name: at(resource, "Properties") or {}
            for name, resource in self.resources.items()
            if at(resource, "Type") == kind
        }

    def values(self, value: Any) -> list[Any]:
        """Everything `value` can be: itself, or what the parameter it refers to allows."""
        parameter = self.parameters.get(at(value, "Ref") or "")
        if parameter is None:
            return [value]
        return listed(parameter.get("AllowedValues")) or listed(parameter.get("Default"))

    def target(self, value: Any) -> str | None:
        """The logical id of the resource that a Ref, or a GetAtt of its ARN, speaks of."""
        attribute = listed(at(value, "Fn::GetAtt"))
        named = attribute[0] if attribute[1:] == ["Arn"] else at(value, "Ref")
        return str(named) if named in self.resources else None


@dataclass(frozen=True, slots=True)
class Rule:
    """`row` is the posture list's id; `check` yields what is wrong."""

    row: str
    sentence: str
    check: Callable[[Deployed], Iterator[str]]

    def __str__(self) -> str:
        return f"{self.row} {self.sentence}"
