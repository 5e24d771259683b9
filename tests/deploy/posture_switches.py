"""Posture: what a library would write by itself, and the one permission that covers every resource.

The rule: a switch that would put requests, answers or errors' texts into logs or traces stands in every function, off.
"""

from collections.abc import Iterator
from typing import Any

from tests.deploy.deployed import Deployed, Rule, at, text

OFF = {
    "POWERTOOLS_LOGGER_LOG_EVENT": "false",
    "POWERTOOLS_DEV": "false",
    "POWERTOOLS_TRACE_DISABLED": "true",
    "POWERTOOLS_TRACER_CAPTURE_RESPONSE": "false",
    "POWERTOOLS_TRACER_CAPTURE_ERROR": "false",
}
SEND_TRACES: dict[str, Any] = {
    "Sid": "SendTraces",
    "Effect": "Allow",
    "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
    "Resource": "*",
}


def nothing_logs_events(deployed: Deployed) -> Iterator[str]:
    for name, function in deployed.of("AWS::Lambda::Function").items():
        variables = dict(at(function, "Environment", "Variables") or {})
        if at(variables, "LOG_LEVEL") != "INFO":
            yield f"{name} logs at {at(variables, 'LOG_LEVEL')}"
        for variable, value in {**dict.fromkeys(OFF), **variables}.items():
            if variable in OFF and value != OFF[variable]:
                yield f"{name}: {variable} is {text(value)}"
            elif variable not in OFF and variable.endswith(("_LOG_EVENT", "_DEV", "_DEBUG", "_RESPONSE", "_ERROR")):
                yield f"{name}: {variable} is a switch that nobody looked at"


RULES = (Rule("G-15", "what would make a library log or trace bodies is off, in every function", nothing_logs_events),)
