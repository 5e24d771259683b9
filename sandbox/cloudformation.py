"""CloudFormation's YAML and its functions, as far as a template of ours uses them.

Short tags become their long forms (`!Ref X` -> {"Ref": "X"}), then `Resolver` replaces every function by its
value for the one imagined stack. What it does not know is an error with the name of the function: a guess
here would be a sandbox that differs from the deployed system.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ACCOUNT = "000000000000"
REGION = "us-east-1"
_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]+)\}")
_NO_VALUE = object()


class TemplateError(Exception):
    """The template says something that this reader cannot follow."""


class _Loader(yaml.SafeLoader):
    """SafeLoader that knows CloudFormation's short tags."""


def _short_tag(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_tag)


def load(path: Path) -> dict[str, Any]:
    """The template as plain data, functions in their long form. Raises TemplateError."""
    try:
        # The loader is a SafeLoader: it builds plain data only.
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    except FileNotFoundError:
        raise TemplateError(f"there is no template at {path}") from None
    except yaml.YAMLError as error:
        raise TemplateError(f"{path} is not YAML: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        raise TemplateError(f"{path} has no Resources")
    return document


@dataclass(frozen=True, slots=True)
class Resolver:
    """Values of a template's functions for one stack. Parameters not given take their default."""

    document: Mapping[str, Any]
    stack: str
    parameters: Mapping[str, str]

    def resolve(self, value: Any) -> Any:
        """`value` with every function replaced; keys and items that are AWS::NoValue are gone."""
        if isinstance(value, list):
            items = [self.resolve(item) for item in value]
            return [item for item in items if item is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name in ("Ref", "Condition") or str(name).startswith("Fn::"):
                return self._call(str(name), argument)
        pairs = ((key, self.resolve(item)) for key, item in value.items())
        return {key: item for key, item in pairs if item is not _NO_VALUE}

    def _call(self, name: str, argument: Any) -> Any:
        match name:
            case "Ref":
                return self._ref(str(argument))
            case "Fn::GetAtt":
                return self._attribute(str(argument[0]), str(argument[1]))
            case "Fn::Sub":
                return self._substitute(argument)
            case "Fn::Join":
                return str(argument[0]).join(str(part) for part in self.resolve(argument[1]))
            case "Fn::Select":
                return self.resolve(argument[1])[int(self.resolve(argument[0]))]
            case "Fn::Split":
                return str(self.resolve(argument[1])).split(str(argument[0]))
            case "Fn::If":
                return self.resolve(argument[1] if self.condition(str(argument[0])) else argument[2])
            case _:
                return self._test(name, argument)

    def _test(self, name: str, argument: Any) -> bool:
        match name:
            case "Condition":
                return self.condition(str(argument))
            case "Fn::Equals":
                return str(self.resolve(argument[0])) == str(self.resolve(argument[1]))
            case "Fn::Not":
                return not self.resolve(argument[0])
            case "Fn::And":
                return all(self.resolve(item) for item in argument)
            case "Fn::Or":
                return any(self.resolve(item) for item in argument)
            case _:
                raise TemplateError(f"the template uses {name}, which the sandbox does not know")

    def condition(self, name: str) -> bool:
        """Whether the template's condition `name` holds. Raises TemplateError if there is none."""
        try:
            return bool(self.resolve(self.document["Conditions"][name]))
        except KeyError:
            raise TemplateError(f"the template has no condition {name}") from None

    def exists(self, resource: Mapping[str, Any]) -> bool:
        """Whether the resource is made at all, by its Condition."""
        return "Condition" not in resource or self.condition(str(resource["Condition"]))

    def _ref(self, name: str) -> Any:
        pseudo: dict[str, Any] = {
            "AWS::StackName": self.stack,
            "AWS::Region": REGION,
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NoValue": _NO_VALUE,
            "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{self.stack}/0",
        }
        if name in pseudo:
            return pseudo[name]
        if name in self.document.get("Parameters", {}):
            return self._parameter(name)
        return self.physical_name(name)

    def _parameter(self, name: str) -> str:
        if name in self.parameters:
            return self.parameters[name]
        default = self.document["Parameters"][name].get("Default")
        return f"sandbox-{name}" if default is None else str(default)

    def physical_name(self, logical_id: str) -> str:
        """What `!Ref` gives for a resource: its own name, or one made of the stack's name."""
        resource = self.document["Resources"].get(logical_id)
        if resource is None:
            raise TemplateError(f"the template refers to {logical_id}, which it does not define")
        properties = resource.get("Properties") or {}
        for key in ("FunctionName", "TableName", "LogGroupName", "QueueName"):
            if key in properties:
                return str(self.resolve(properties[key]))
        # An alias is a key id wherever AWS takes one, and it can be known before the key is made.
        prefix = "alias/" if resource["Type"] == "AWS::KMS::Key" else ""
        return f"{prefix}{self.stack}-{logical_id}"

    def _attribute(self, logical_id: str, attribute: str) -> str:
        name = self.physical_name(logical_id)
        services = {
            "AWS::Serverless::Function": ("lambda", f"function:{name}"),
            "AWS::DynamoDB::Table": ("dynamodb", f"table/{name}"),
            "AWS::KMS::Key": ("kms", name),
            "AWS::Logs::LogGroup": ("logs", f"log-group:{name}:*"),
            "AWS::SQS::Queue": ("sqs", name),
        }
        if attribute == "QueueName":
            return name
        if attribute != "Arn":
            return f"{name}.{attribute}"
        service, path = services.get(self.document["Resources"][logical_id]["Type"], ("sandbox", name))
        return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{path}"

    def _substitute(self, argument: Any) -> str:
        text, local = (argument, {}) if isinstance(argument, str) else (argument[0], argument[1])

        def value(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return f"${{{name}}}"
            if name in local:
                return str(self.resolve(local[name]))
            head, dot, attribute = name.partition(".")
            return self._attribute(head, attribute) if dot else str(self._ref(name))

        return _PLACEHOLDER.sub(value, text)
