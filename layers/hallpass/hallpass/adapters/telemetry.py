"""Metrics (CloudWatch embedded metric format) and the line of an unforeseen error, through Powertools.

Rule: a metric has no dimension but the service and those of `domain/metrics.py`; an error is told by its class and
place, never by its text.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Iterable, Mapping
from typing import TextIO

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics

from hallpass.domain.audit import AuditRecord
from hallpass.domain.metrics import Measure, Unit, call_measures, request_measures
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
        self._namespace, self._service = namespace, service
        self.collected = EphemeralMetrics(namespace=namespace, service=service)
        # A dimension is of all metrics of a line: what has one goes on a line of its own.
        self.apart: dict[tuple[str, str], EphemeralMetrics] = {}

    def add(self, measure: Measure) -> None:
        collected = self.collected if measure.dimension is None else self._beside(measure.dimension)
        collected.add_metric(name=measure.name, unit=measure.unit.value, value=measure.value)

    def _beside(self, dimension: tuple[str, str]) -> EphemeralMetrics:
        if dimension not in self.apart:
            self.apart[dimension] = EphemeralMetrics(namespace=self._namespace, service=self._service)
            self.apart[dimension].add_dimension(*dimension)
        return self.apart[dimension]

    def flush(self) -> None:
        for each in (self.collected, *self.apart.values()):
            if each.metric_set:
                each.flush_metrics()
            else:
                # What stands beside no metric would stand beside the next request's.
                each.clear_metrics()
        self.apart.clear()


def make_telemetry(service: str, namespace: str) -> PowertoolsTelemetry:
    logger = Logger(service=service, log_uncaught_exceptions=False, logger_handler=_StandardOutput())
    return PowertoolsTelemetry(logger, _Metrics(namespace, service))


class PowertoolsTelemetry:
    """`Telemetry`. Metrics are collected until `flush`, which an invocation calls at its end, in its own thread."""

    def __init__(self, logger: Logger, metrics: _Metrics) -> None:
        self._logger = logger
        self._metrics = metrics

    def count(self, name: str, value: int = 1) -> None:
        self.gauge(name, Unit.COUNT, value)

    def gauge(self, name: str, unit: Unit, value: int) -> None:
        self._metrics.add(Measure(name, unit, value))

    def count_by_district(self, name: str, beside: str, counts: Mapping[str, int]) -> None:
        self.count(name, sum(counts.values()))
        whose = [f"{district}={count}" for district, count in sorted(counts.items()) if count]
        self._beside(beside, " ".join(whose) or "none")

    def measure(self, record: AuditRecord) -> None:
        self._add(request_measures(record))

    def upstream_asked(self, district_id: str, calls: int, ms: int, fault: str | None = None) -> None:
        self._add(call_measures(calls, ms, fault))
        if fault is not None:
            self._beside("upstream_fault", fault)
            self._beside("district", district_id)

    def _add(self, measures: Iterable[Measure]) -> None:
        for measure in measures:
            self._metrics.add(measure)

    def quarantined(self, district_id: str, counts: Mapping[str, int]) -> None:
        self.count("QuarantinedNodes", sum(counts.values()))
        # A dimension for each path would be a metric for each; beside the metric it can be searched for.
        told = " ".join(f"{unnamed(path)}={nodes}" for path, nodes in sorted(counts.items()))
        self._beside("quarantined_paths", told)
        self._beside("district", district_id)

    def _beside(self, key: str, value: str) -> None:
        """On the line of the metrics, and no dimension: a query finds it, and it costs nothing."""
        self._metrics.collected.add_metadata(key=key, value=value)

    def crashed(self, error: Exception, request_id: str) -> None:
        self.count("UnforeseenErrors")
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{frames[-1].name}:{frames[-1].lineno}" if frames else "unknown"
        self._logger.error(
            "unforeseen error", extra={"class": type(error).__name__, "at": place, "request": request_id}
        )

    def flush(self) -> None:
        self._metrics.flush()
