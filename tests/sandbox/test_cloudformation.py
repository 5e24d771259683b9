"""The template's functions, each by its value for the imagined stack."""

from pathlib import Path
from typing import Any

import pytest

from sandbox.cloudformation import Resolver, TemplateError, load

DOCUMENT: dict[str, Any] = {
    "Parameters": {"Colour": {"Default": "green"}, "Topic": {}},
    "Conditions": {"IsGreen": {"Fn::Equals": [{"Ref": "Colour"}, "green"]}, "Never": {"Fn::Not": [True]}},
    "Resources": {
        "Logs": {"Type": "AWS::Logs::LogGroup"},
        "Named": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": {"Fn::Sub": "/a/${Colour}"}}},
        "Key": {"Type": "AWS::KMS::Key"},
        "Topic2": {"Type": "AWS::SNS::Topic"},
        "Queue": {"Type": "AWS::SQS::Queue"},
    },
}


def resolver(**parameters: str) -> Resolver:
    return Resolver(DOCUMENT, "stack", parameters)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"Ref": "Colour"}, "green", id="a parameter's default"),
        pytest.param({"Ref": "Topic"}, "sandbox-Topic", id="a required parameter gets a placeholder"),
        pytest.param({"Ref": "Logs"}, "stack-Logs", id="a resource without a name"),
        pytest.param({"Ref": "Named"}, "/a/green", id="a resource with a name of its own"),
        pytest.param({"Ref": "Key"}, "alias/stack-Key", id="a key is known by its alias"),
        pytest.param({"Ref": "AWS::Region"}, "us-east-1", id="a pseudo parameter"),
        pytest.param({"Fn::GetAtt": ["Topic2", "TopicName"]}, "stack-Topic2.TopicName", id="another attribute"),
        pytest.param(
            {"Fn::GetAtt": ["Logs", "Arn"]}, "arn:aws:logs:us-east-1:000000000000:log-group:stack-Logs:*", id="an ARN"
        ),
        pytest.param({"Fn::GetAtt": ["Queue", "Arn"]}, "arn:aws:sqs:us-east-1:000000000000:stack-Queue", id="a queue"),
        pytest.param({"Fn::GetAtt": ["Queue", "QueueName"]}, "stack-Queue", id="a queue's name"),
        pytest.param({"Fn::Sub": "${AWS::StackName}/x"}, "stack/x", id="Sub"),
        pytest.param({"Fn::Sub": "${!Colour}"}, "${Colour}", id="Sub leaves an escaped brace"),
        pytest.param(
            {"Fn::Sub": ["${Own}-${Colour}", {"Own": {"Ref": "Logs"}}]}, "stack-Logs-green", id="Sub with names"
        ),
        pytest.param({"Fn::Join": ["/", ["a", {"Ref": "Colour"}]]}, "a/green", id="Join"),
        pytest.param({"Fn::Select": [1, {"Fn::Split": [",", "a,b"]}]}, "b", id="Select and Split"),
        pytest.param({"Fn::If": ["IsGreen", 1, 2]}, 1, id="If that holds"),
        pytest.param({"Fn::If": ["Never", 1, 2]}, 2, id="If that does not"),
        pytest.param({"Fn::And": [{"Condition": "IsGreen"}, {"Condition": "Never"}]}, False, id="And"),
        pytest.param({"Fn::Or": [{"Condition": "IsGreen"}, {"Condition": "Never"}]}, True, id="Or"),
        pytest.param(
            {"a": {"Fn::If": ["Never", 1, {"Ref": "AWS::NoValue"}]}, "b": 2}, {"b": 2}, id="a key without value"
        ),
        pytest.param([1, {"Ref": "AWS::NoValue"}], [1], id="an item without value"),
    ],
)
def test_functions_become_values(value: Any, expected: Any) -> None:
    assert resolver().resolve(value) == expected


def test_a_given_parameter_wins_over_its_default() -> None:
    assert resolver(Colour="red").resolve({"Fn::If": ["IsGreen", "yes", "no"]}) == "no"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        pytest.param({"Ref": "Nobody"}, "Nobody", id="a reference to nothing"),
        pytest.param({"Fn::If": ["Unknown", 1, 2]}, "condition Unknown", id="an unknown condition"),
        pytest.param({"Fn::ImportValue": "x"}, "Fn::ImportValue", id="a function that is not known here"),
    ],
)
def test_what_is_not_understood_is_said(value: Any, words: str) -> None:
    with pytest.raises(TemplateError, match=words):
        resolver().resolve(value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(None, "no template at", id="no file"),
        pytest.param("a: [", "is not YAML", id="not YAML"),
        pytest.param("a: 1", "no Resources", id="no resources"),
    ],
)
def test_a_file_that_is_no_template_is_said(text: str | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(TemplateError, match=words):
        load(path)


def test_short_tags_become_long_forms(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text("Resources:\n  A: [!Ref X, !GetAtt Y.Arn.Z, !Sub 'a${B}', !If [C, 1, !Ref D], {b: !Condition E}]\n")
    assert load(path)["Resources"]["A"] == [
        {"Ref": "X"},
        {"Fn::GetAtt": ["Y", "Arn.Z"]},
        {"Fn::Sub": "a${B}"},
        {"Fn::If": ["C", 1, {"Ref": "D"}]},
        {"b": {"Condition": "E"}},
    ]
