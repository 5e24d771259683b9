"""The trace that a request belongs to: the client's `traceparent` (W3C Trace Context), or the platform's own id.

Rule: what is not spelt as its standard says is no trace; nothing of a header but 32 hexadecimal digits gets further.
"""

from __future__ import annotations

import re

_UNSET_TRACE, _UNSET_PARENT = "0" * 32, "0" * 16
_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")
_ROOT = re.compile(r"1-([0-9a-f]{8})-([0-9a-f]{24})")


def trace_of(traceparent: str | None, *platform: str | None) -> str | None:
    """The trace's id, 32 digits: of the client, or of the first platform's `X-Amzn-Trace-Id` that names one."""
    found = (_of_client(traceparent), *map(_of_platform, platform))
    return next((trace for trace in found if trace is not None), None)


def _of_client(field: str | None) -> str | None:
    """W3C Trace Context, section 3.2.2: "version-format of version 00 ends after the flags"; ff is no version.

    Section 3.2.4: what a later version appends begins with a dash, and its first four parts are read as of 00.
    """
    match = _TRACEPARENT.fullmatch(field or "")
    if match is None:
        return None
    version, trace, parent, more = match.groups()
    if version == "ff" or (version == "00" and more is not None):
        return None
    return None if trace == _UNSET_TRACE or parent == _UNSET_PARENT else trace


def _of_platform(field: str | None) -> str | None:
    """`Root=1-<time>-<96 random bits>` among fields that a semicolon parts: its 32 digits are one trace id."""
    roots = [part.strip().removeprefix("Root=") for part in (field or "").split(";") if "Root=" in part]
    match = _ROOT.fullmatch(roots[0]) if len(roots) == 1 else None
    return match[1] + match[2] if match else None
