"""F-30, F-31: what the product printed while a test ran, looked through line by line, whatever the test was about.

A line of the log is a JSON object. An audit line keeps to its closed schema; none holds a secret, a person or a record.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from hallpass.domain.audit import audit_schema
from jsonschema import Draft202012Validator

from sandbox.simulator.vocabulary import FIRST_NAMES, LAST_NAMES, STAFF_NAMES

_DECODER = json.JSONDecoder()
_AUDIT = Draft202012Validator(audit_schema())
# As text and as the log writes it.
_NAMES = [f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES] + list(STAFF_NAMES) + ["Zed Madeup"]
CANARIES = re.compile(
    "|".join([*map(re.escape, _NAMES), "KANARI", r"hp_(?:live|test|admin)_[0-9A-Za-z]{20}", r"canary-\d{7}", "Bearer "])
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


def complaints(printed: str) -> Iterator[str]:
    """What is wrong with the log lines among what was printed."""
    for line in printed.split("\n"):
        if line.startswith("{"):
            yield from _of_line(line.removesuffix("\r"))


def _of_line(line: str) -> Iterator[str]:
    if _CONTROL.search(line):
        yield f"a control character: {line!r}"
    if CANARIES.search(line):
        yield f"a canary: {line}"
    at = 0
    # Threads, of which a container has one, may have written theirs before another's end of line.
    while at < len(line):
        try:
            told, at = _DECODER.raw_decode(line, at)
        except ValueError:
            yield f"no JSON: {line[at:]}"
            return
        if told.get("type") == "audit":
            yield from (f"{fault.json_path}: {fault.message}" for fault in _AUDIT.iter_errors(told))
