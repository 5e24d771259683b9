"""Nothing is counted that nobody sees: every metric of every service is watched by an alarm or shown in a chart."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hallpass.domain import metrics

from sandbox.cloudformation import load
from tests.deploy.toolchain import ROOT
from tests.measured import PACKAGE, counted_in, metric_names

RESOURCES = load(ROOT / "template.yaml")["Resources"]
ROOTS = {
    "vendor-api": "bootstrap",
    "admin-api": "bootstrap_admin",
    "page-refresh": "bootstrap_refresh",
    "ledger-index": "bootstrap_index",
}
# What a service has the code for and never comes to, and why.
NO_PAGE = "its answers hold no page"
NEVER = {
    ("admin-api", "AnswerAge"): NO_PAGE,
    ("admin-api", "CacheHits"): NO_PAGE,
    ("admin-api", "CacheMisses"): NO_PAGE,
    ("admin-api", "Collapsed"): NO_PAGE,
    ("admin-api", "StaleServed"): NO_PAGE,
    ("admin-api", "StaleOnError"): NO_PAGE,
    ("admin-api", "UnrequestedRows"): NO_PAGE,
    ("admin-api", "AnswersOverPolicy"): NO_PAGE,
    ("admin-api", "LimiterFailures"): "it limits nobody",
    ("admin-api", "SyntheticFailures"): "it takes no test token",
    ("admin-api", "SyntheticRequests"): "it takes no test token",
    # It explains by the modules that read pages, and reads none.
    **{
        ("admin-api", name): "no page is read for an explanation"
        for name in (
            *("ListingsUnstable", "WalksRestarted", "NewQuarantinedPaths", "QuarantinedNodes"),
            *("UpstreamCalls", "UpstreamCredentialRefused", "UpstreamErrors", "UpstreamMilliseconds"),
        )
    },
    ("page-refresh", "AnswersOverPolicy"): "it answers nobody",
    # It reads what the index's function counts, from the same modules.
    **{
        ("admin-api", name): "the index's function counts it"
        for name in (
            *(f"{new}{which}" for new in ("", "New") for which in ("TokensExpiring", "TokensDormant")),
            *(f"{new}Agreements{which}" for new in ("", "New") for which in ("Ending", "Over")),
            "LedgerBroken",
            "LedgerIndexLagSeconds",
        )
    },
}


def imported(module: str, seen: set[Path]) -> set[Path]:
    """The files of a module of the package, and of all that it imports."""
    path = PACKAGE / f"{module.replace('.', '/')}.py"
    if not path.exists() or path in seen:
        return seen
    seen.add(path)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hallpass"):
            base = str(node.module).removeprefix("hallpass").removeprefix(".")
            for name in (base, *(f"{base}.{each.name}".strip(".") for each in node.names)):
                imported(name, seen)
    return seen


def texts_of(function: str) -> set[str]:
    """The metrics that a function of `domain/metrics.py` names, with those that it calls."""
    tree = ast.parse(Path(metrics.__file__).read_text(encoding="utf-8"))
    by_name = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found: set[str] = set()
    for node in ast.walk(by_name[function]):
        if isinstance(node, ast.Constant) and node.value in metric_names():
            found.add(str(node.value))
        if isinstance(node, ast.Name) and node.id in by_name and node.id != function:
            found |= texts_of(node.id)
        if isinstance(node, ast.Name) and node.id == "_FROM":
            found |= {"CacheHits", "CacheMisses", "Collapsed"}
    return found


@cache
def emitted(service: str) -> frozenset[str]:
    telemetry = PACKAGE / "adapters/telemetry.py"
    paths = imported(ROOTS[service], set()) - {telemetry}
    source = "".join(path.read_text(encoding="utf-8") for path in paths)
    found = {name for path in paths for name in counted_in(path)}
    for call, counted in {
        ".measure(": texts_of("request_measures"),
        ".upstream_asked(": texts_of("call_measures"),
        ".quarantined(": {"QuarantinedNodes"},
        ".crashed(": {"UnforeseenErrors"},
    }.items():
        found |= counted if call in source else set()
    return frozenset(found)


def watched() -> Iterator[tuple[str, str]]:
    """Service and metric of what alarms and charts look at."""
    for made in RESOURCES.values():
        if made["Type"] == "AWS::CloudWatch::Alarm":
            yield from _of_alarm(made["Properties"])
        if made["Type"] == "AWS::CloudWatch::Dashboard":
            board = made["Properties"]["DashboardBody"]["Fn::Sub"]
            yield from _pairs(re.findall(r'"Hallpass","(\w+)","service","\$\{AWS::StackName\}-([a-z-]+)"', board))


def _of_alarm(alarm: Any) -> Iterator[tuple[str, str]]:
    told = json.dumps(alarm)
    services = re.findall(r"\$\{AWS::StackName\}-([a-z-]+)", told)
    names = re.findall(r'"MetricName": "(\w+)"', told) + re.findall(r"SELECT SUM\((\w+)\)", told)
    for service in services:
        yield from _pairs([(name, service) for name in names])


def _pairs(found: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    yield from ((service, name) for name, service in found)


def test_every_metric_is_some_services() -> None:
    assert frozenset().union(*(emitted(service) for service in ROOTS)) == metric_names()


@pytest.mark.parametrize("service", ROOTS)
def test_what_a_service_counts_is_in_an_alarm_or_a_chart(service: str) -> None:
    seen = {name for of, name in watched() if of == service}
    left = {name for name in emitted(service) if (service, name) not in NEVER}
    assert left - seen == set()


def test_what_is_said_to_be_never_counted_has_its_code() -> None:
    assert all(name in emitted(service) for service, name in NEVER)


def test_no_alarm_or_chart_is_of_what_a_service_never_counts() -> None:
    ours = {(service, name) for service, name in watched() if name in metric_names()}
    assert {pair for pair in ours if pair[1] not in emitted(pair[0]) or pair in NEVER} == set()
