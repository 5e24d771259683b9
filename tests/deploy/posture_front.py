"""Posture: the way in. Routes, stage, access log, functions and their environment, alarms, parameters.

The rule: there is one way in, it is throttled and logged without values, and nothing in it is a secret.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.deploy.deployed import Deployed, Rule, at, listed, text
from tests.deploy.posture_background import SCHEDULES, TIMEOUT, TRIED_AGAIN

ROUTES = {
    "/$default": "VendorApiFunction",
    **dict.fromkeys(
        ("/admin/{proxy+}", "/claim", "/claim/{proxy+}", "/console", "/console/{proxy+}"), "AdminApiFunction"
    ),
}
OWN_LIMITS = {f"ANY {path}" for path in ROUTES if path != "/$default"}
ARNS = tuple(
    "${__ApiId__}/${__Stage__}/" + path
    for path in ("*", "*/admin/*", "*/claim", "*/claim/*", "*/console", "*/console/*")
)
BY_THE_CLOCK = [
    {
        "Action": "lambda:InvokeFunction", "FunctionName": {"Ref": function}, "Principal": "events.amazonaws.com",
        "SourceArn": {"Fn::GetAtt": [schedule, "Arn"]},
    }
    for schedule, (function, *_) in SCHEDULES.items()
]  # fmt: skip
LOGGED_OF_A_REQUEST = {
    "requestId", "requestTimeEpoch", "routeKey", "status", "responseLatency", "integrationStatus", "responseLength",
    "identity.sourceIp", "integration.requestId", "error.responseType",
}  # fmt: skip
KNOWN_TYPES = {
    "AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Stage", "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard",
    "AWS::DynamoDB::Table", "AWS::Kinesis::Stream", "AWS::KinesisFirehose::DeliveryStream",
    "AWS::Logs::LogStream", "AWS::Logs::MetricFilter", "AWS::Logs::QueryDefinition", "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::Events::Rule", "AWS::IAM::Role", "AWS::IAM::RolePolicy", "AWS::KMS::Key", "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Function", "AWS::Lambda::LayerVersion", "AWS::Lambda::Permission", "AWS::Logs::LogGroup",
    "AWS::SQS::Queue",
}  # fmt: skip
KNOWN_OF_A_FUNCTION = {
    "Architectures", "Code", "DeadLetterConfig", "Description", "Environment", "Handler", "Layers", "LoggingConfig",
    "MemorySize", "RecursiveLoop", "ReservedConcurrentExecutions", "Role", "Runtime", "Tags", "Timeout",
    "TracingConfig",
}  # fmt: skip


def only_known_resources(deployed: Deployed) -> Iterator[str]:
    for name, resource in deployed.resources.items():
        if at(resource, "Type") not in KNOWN_TYPES:
            yield f"{name} is a {at(resource, 'Type')}, which no rule looks at"


def two_routes(deployed: Deployed) -> Iterator[str]:
    apis = list(deployed.of("AWS::ApiGatewayV2::Api").values())
    if len(apis) != 1:
        yield f"{len(apis)} APIs"
    for api in apis:
        if api.get("FailOnWarnings") is not True:
            yield "a route that could not be imported would go unnoticed"
        paths = at(api, "Body", "paths") or {}
        if set(paths) != set(ROUTES):
            yield f"routes are {sorted(paths)}"
        for path, function in ROUTES.items():
            yield from _route(path, at(paths, path), function)


def _route(path: str, methods: Any, function: str) -> Iterator[str]:
    route = at(methods, "x-amazon-apigateway-any-method")
    integration = at(route, "x-amazon-apigateway-integration")
    if set(methods or {}) != {"x-amazon-apigateway-any-method"}:
        yield f"{path} treats methods differently"
    if f"${{{function}.Arn}}/invocations" not in text(at(integration, "uri")):
        yield f"{path} does not reach {function}, which authenticates it"
    kind = at(integration, "type"), at(integration, "payloadFormatVersion"), at(integration, "httpMethod")
    if kind != ("aws_proxy", "2.0", "POST"):
        yield f"{path} is called with {kind}"
    if path == "/$default" and at(route, "isDefaultRoute") is not True:
        yield "unknown paths would be answered by the gateway"


def no_other_way_in(deployed: Deployed) -> Iterator[str]:
    for api in deployed.of("AWS::ApiGatewayV2::Api").values():
        if "CorsConfiguration" in api or "x-amazon-apigateway-cors" in (at(api, "Body") or {}):
            yield "pages of other origins may call the API"
    given = list(deployed.of("AWS::Lambda::Permission").values())
    allowed = [(at(one, "FunctionName", "Ref"), one) for one in given if one not in BY_THE_CLOCK]
    if any(one not in given for one in BY_THE_CLOCK):
        yield "a schedule may not start what it is for"
    if Counter(name for name, _ in allowed) != Counter(ROUTES.values()) or len(given) != len(ROUTES) + len(
        BY_THE_CLOCK
    ):
        yield f"invoked by others: {sorted(str(name) for name, _ in allowed)}"
    for name, one in allowed:
        if (one.get("Action"), one.get("Principal")) != ("lambda:InvokeFunction", "apigateway.amazonaws.com"):
            yield f"{name} may be invoked by {one.get('Principal')}"
        source = listed(at(one, "SourceArn", "Fn::Sub"))
        arn, names = (source[0], source[-1]) if source else ("", {})
        if not str(arn).endswith(ARNS):
            yield f"{name} may be invoked by any API"
        if at(names, "__ApiId__") != {"Ref": "HttpApi"} or at(names, "__Stage__") != "*":
            yield f"{name} may be invoked by another API"


def throttled(deployed: Deployed) -> Iterator[str]:
    stages = list(deployed.of("AWS::ApiGatewayV2::Stage").values())
    if len(stages) != 1:
        yield f"{len(stages)} stages"
    for stage in stages:
        yield from _limits(deployed, "vendors", at(stage, "DefaultRouteSettings"), "")
        routes = at(stage, "RouteSettings") or {}
        if set(routes) != OWN_LIMITS:
            yield f"limits of their own have {sorted(routes)}: a flood on one route holds up another"
        for key, settings in routes.items():
            yield from _limits(deployed, key, settings, "Admin")
        if "StageVariables" in stage:
            yield "the stage has variables"
        if (stage.get("StageName"), stage.get("AutoDeploy"), stage.get("ApiId")) != (
            "$default",
            True,
            {"Ref": "HttpApi"},
        ):
            yield "the stage would put its name into every path, or not be of this API"


def _limits(deployed: Deployed, key: str, settings: Any, whose: str) -> Iterator[str]:
    wanted = {f"Throttling{kind}Limit": {"Ref": f"{whose}Throttle{kind}"} for kind in ("Rate", "Burst")}
    if settings != wanted:
        yield f"{key}: the settings are {text(settings)}"
    for limit, reference in wanted.items():
        values = deployed.values(reference)
        if not values or any(not isinstance(value, int) or value < 1 for value in values):
            yield f"{key}: {limit} is {values}"


def access_log_without_values(deployed: Deployed) -> Iterator[str]:
    for stage in deployed.of("AWS::ApiGatewayV2::Stage").values():
        settings = stage.get("AccessLogSettings")
        if deployed.target(at(settings, "DestinationArn")) != "AccessLogGroup":
            yield "there is no access log"
        form = str(at(settings, "Format"))
        logged = set(re.findall(r"\$context\.([A-Za-z.]+)", form))
        if logged != LOGGED_OF_A_REQUEST or "$" in form.replace("$context.", ""):
            yield f"the access log holds {sorted(logged)}"
        elif not isinstance(json.loads(form), dict):
            yield "the access log is not an object a line"


def functions_bounded(deployed: Deployed) -> Iterator[str]:
    for name, function in deployed.of("AWS::Lambda::Function").items():
        timeout = function.get("Timeout")
        if name in TRIED_AGAIN:
            if timeout != TIMEOUT:
                yield f"{name} ends after {timeout} seconds, and nobody waits for it"
        elif not isinstance(timeout, int) or not 26 < timeout <= 29:
            yield f"{name} ends after {timeout} seconds; the product answers within 26, the gateway leaves at 30"
        form = [function.get(word) for word in ("Runtime", "Handler", "MemorySize")]
        if form != ["python3.13", "app.handler", 1769]:
            yield f"{name} runs as {form}"
        if [deployed.target(layer) is not None for layer in listed(function.get("Layers"))] != [True]:
            yield f"{name} has layers from outside, or none"
        if deployed.values(*listed(function.get("Architectures"))[:1] or [None]) != ["arm64", "x86_64"]:
            yield f"{name} runs on {function.get('Architectures')}"
        if not function.get("Code"):
            yield f"{name} has no code"


def functions_plain(deployed: Deployed) -> Iterator[str]:
    for name, function in deployed.of("AWS::Lambda::Function").items():
        if unknown := function.keys() - KNOWN_OF_A_FUNCTION:
            yield f"{name} has {sorted(unknown)}, which no rule looks at"


def concurrency_by_choice(deployed: Deployed) -> Iterator[str]:
    chosen = deployed.of("AWS::Lambda::Function").get("VendorApiFunction", {}).get("ReservedConcurrentExecutions")
    if chosen != {"Fn::If": ["ReservesConcurrency", {"Ref": "ReservedConcurrency"}, {"Ref": "AWS::NoValue"}]}:
        yield f"the vendor API reserves {text(chosen)}"
    condition = at(deployed.template, "Conditions", "ReservesConcurrency")
    if condition != {"Fn::Not": [{"Fn::Equals": [{"Ref": "ReservedConcurrency"}, 0]}]}:
        yield "reserved concurrency cannot be switched off"
    if at(deployed.parameters, "ReservedConcurrency", "Default") != 0:
        yield "concurrency is reserved by default"


def layer_of_this_stack(deployed: Deployed) -> Iterator[str]:
    layers = list(deployed.of("AWS::Lambda::LayerVersion").values())
    if len(layers) != 1:
        yield f"{len(layers)} layers"
    for layer in layers:
        if layer.get("LayerName") != {"Fn::Sub": "${AWS::StackName}-hallpass"} or not layer.get("Content"):
            yield "the layer is not named after its stack, or has no content"
        runs_on = layer.get("CompatibleRuntimes"), layer.get("CompatibleArchitectures")
        if runs_on != (["python3.13"], [{"Ref": "Architecture"}]):
            yield f"the layer is for {runs_on}"


RULES = (
    Rule("G-27", "no resource is of a type that nobody looked at", only_known_resources),
    Rule("G-01", "every route leads to one of the two functions that authenticate", two_routes),
    Rule("G-21", "there is no function URL, no CORS and no other caller", no_other_way_in),
    Rule("G-03", "the stage is throttled in rate and burst, each route but the vendors' by itself", throttled),
    Rule("G-06", "the access log holds no header, query or path", access_log_without_values),
    Rule("G-11", "functions end before the gateway gives up, or after five minutes if nobody waits", functions_bounded),
    Rule("G-07", "functions have no VPC, file system or other setting unlooked-at", functions_plain),
    Rule("G-12", "reserved concurrency is a choice, off by default", concurrency_by_choice),
    Rule("G-26", "the layer carries no physical name", layer_of_this_stack),
)
