"""The one place that writes an error: a problem document (RFC 9457) in JSON or XML.

Rule: what is written is the class's own text and members; nothing of a cause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

import orjson

from hallpass.domain.failure import HallpassError, Member
from hallpass.domain.query import Format

PROBLEM_NAMESPACE = "urn:ietf:rfc:7807"  # RFC 9457 appendix B keeps the namespace of its predecessor.


def problem_type(slug: str) -> str:
    return f"urn:hallpass:problem:{slug}"


def render_problem(error: HallpassError, request_id: str, form: Format) -> tuple[bytes, str]:
    """The body and its media type: XML or, for every other form, JSON."""
    document = problem_document(error, request_id)
    if form is not Format.XML:
        return orjson.dumps(document), "application/problem+json"
    body = "".join(_element(name, value) for name, value in document.items())
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<problem xmlns="{PROBLEM_NAMESPACE}">{body}</problem>\n'
    return text.encode(), "application/problem+xml"


def problem_document(error: HallpassError, request_id: str | None) -> dict[str, Member]:
    """`instance` is the request id, by which the audit line is found; None: it is told, and ends no request."""
    instance: dict[str, Member] = {} if request_id is None else {"instance": f"urn:hallpass:request:{request_id}"}
    return {
        "type": problem_type(error.slug),
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        **instance,
        "retry": error.retry.value,
        "owner": error.owner.value,
        **error.members,
    }


def _element(name: str, value: object) -> str:
    """RFC 9457 appendix B: an object's members are elements, an array's items are elements named `i`."""
    if isinstance(value, Mapping):
        inner = "".join(_element(key, member) for key, member in value.items())
    elif isinstance(value, Sequence) and not isinstance(value, str):
        inner = "".join(_element("i", item) for item in value)
    else:
        inner = escape(str(value))
    return f"<{name}>{inner}</{name}>"
