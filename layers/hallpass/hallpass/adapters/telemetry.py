"""Metrics (CloudWatch embedded metric format) and the line of an unforeseen error, through Powertools.

Rule: a metric has no dimension but the service; an error is told by its class and place, never by its text.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Mapping
from typing import TextIO

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from hallpass.domain.quarantine import unnamed


class _StandardOutput(logging.StreamHandler[TextIO]):
    """Looks standard output up at each line, as `print` does, instead of keeping the one of the import."""

    @property
    def stream(self) -> TextIO:
        return sys.stdout

    @stream.setter
    def stream(self, _given: TextIO) -> None:
        pass


class _Metrics(threading.local):
    """Each thread's own: `Metrics` keeps all in its class, where what two calls count would come out as one."""

    def __init__(self, namespace: str, service: str) -> None:
        self.collected = EphemeralMetrics(namespace=namespace, service=service)


def make_telemetry(service: str, namespace: str) -> PowertoolsTelemetry:
    logger = Logger(service=service, log_uncaught_exceptions=False, logger_handler=_StandardOutput())
    return PowertoolsTelemetry(logger, _Metrics(namespace, service))


class PowertoolsTelemetry:
    """`Telemetry`. Metrics are collected until `flush`, which an invocation calls at its end, in its own thread."""

    def __init__(self, logger: Logger, metrics: _Metrics) -> None:
        self._logger = logger
        self._metrics = metrics

    def count(self, name: str, value: int = 1) -> None:
        self._metrics.collected.add_metric(name=name, unit=MetricUnit.Count, value=value)

    def quarantined(self, district_id: str, counts: Mapping[str, int]) -> None:
        self.count("QuarantinedNodes", sum(counts.values()))
        # A dimension for each path would be a metric for each; beside the metric it can be searched for.
        told = " ".join(f"{unnamed(path)}={nodes}" for path, nodes in sorted(counts.items()))
        self._metrics.collected.add_metadata(key="quarantined_paths", value=told)
        self._metrics.collected.add_metadata(key="district", value=district_id)

    def crashed(self, error: Exception, request_id: str) -> None:
        self.count("UnforeseenErrors")
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{frames[-1].name}:{frames[-1].lineno}" if frames else "unknown"
        self._logger.error(
            "unforeseen error", extra={"class": type(error).__name__, "at": place, "request": request_id}
        )

    def flush(self) -> None:
        if self._metrics.collected.metric_set:
            self._metrics.collected.flush_metrics()
