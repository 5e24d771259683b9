"""The lines that Lambda itself writes into a function's log: platform.initStart, platform.start, platform.report.

Shapes as with JSON log format and system log level INFO; a crash or a timeout, which prints no line of the
handler's, is seen here and nowhere else.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.template import Function


@dataclass(frozen=True, slots=True)
class Report:
    """How one invocation went. `status`: success, error or timeout; milliseconds; megabytes."""

    request_id: str
    status: str
    duration_ms: float
    memory_mb: int
    max_memory_mb: int
    init_ms: float | None = None
    error_type: str | None = None


def _line(kind: str, record: Mapping[str, Any], now: datetime) -> str:
    time = now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"time": time, "type": kind, "record": record})


def init_start(function: Function, now: datetime) -> str:
    """The line before a new execution environment loads the handler."""
    record = {
        "initializationType": "on-demand",
        "phase": "init",
        "runtimeVersion": function.runtime,
        "functionName": function.name,
        "functionVersion": "$LATEST",
    }
    return _line("platform.initStart", record, now)


def start(request_id: str, now: datetime) -> str:
    """The line before an invocation."""
    return _line("platform.start", {"requestId": request_id, "version": "$LATEST"}, now)


def report(done: Report, now: datetime) -> str:
    """The line after an invocation."""
    metrics: dict[str, Any] = {
        "durationMs": round(done.duration_ms, 3),
        "billedDurationMs": math.ceil(done.duration_ms + (done.init_ms or 0)),
        "memorySizeMB": done.memory_mb,
        "maxMemoryUsedMB": done.max_memory_mb,
    }
    if done.init_ms is not None:
        metrics["initDurationMs"] = round(done.init_ms, 3)
    record: dict[str, Any] = {"requestId": done.request_id, "metrics": metrics, "status": done.status}
    if done.error_type:
        record["errorType"] = done.error_type
    return _line("platform.report", record, now)


def peak_memory_mb(pid: int) -> int:
    """The largest resident size the process ever had; 0 where the system does not tell (not Linux)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    peak = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(peak[0]) // 1024 if peak else 0
