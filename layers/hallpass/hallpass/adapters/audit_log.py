"""The audit line on standard output, which Lambda ships to CloudWatch Logs.

Rule: one JSON line a record, written before the response leaves; if it cannot be written, no data leaves.
"""

from __future__ import annotations

import sys

import orjson

from hallpass.domain.audit import AUDIT_SCHEMA, AuditRecord
from hallpass.domain.errors import UnavailableError


class StdoutAuditLog:
    """`AuditLog` on a line. `level` is said because a log group's filter drops lines below its own."""

    def record(self, record: AuditRecord) -> None:
        # JSON escapes every control character: a line cannot be broken or forged from inside.
        line = orjson.dumps({"level": "INFO", "type": "audit", "schema": AUDIT_SCHEMA, **record.line()}).decode()
        try:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        except (OSError, ValueError) as unwritten:
            raise UnavailableError from unwritten
