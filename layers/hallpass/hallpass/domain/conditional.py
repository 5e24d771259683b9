"""Validators and conditional requests (RFC 9110 sections 8.8.3 and 13.1.2).

Rule: an ETag is strong and of what this token sees, in this coding; a hidden change never changes it.
"""

from __future__ import annotations

import re

_ENTITY_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\uffff]*)"')
# RFC 9110 section 5.6.1.2: empty elements of a list are passed over. No two parts match the same character, so that
# no field takes more than linear time.
_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\uffff]*"'
_LIST = re.compile(rf"[ \t,]*{_TAG}(?:[ \t]*,[ \t,]*{_TAG})*[ \t,]*")


def entity_tag(digest: str, *, gzip: bool) -> str:
    """The field value: two codings of one representation are two strong validators."""
    return f'"{digest[:32]}{"-gzip" if gzip else ""}"'


def none_match(if_none_match: str | None, current: str) -> bool:
    """Whether the condition holds, so that the full answer is sent. Weak comparison; a list; `*`.

    A malformed field is ignored: the client gets the full answer.
    """
    field = (if_none_match or "").strip()
    if field == "*":
        return False
    if not _LIST.fullmatch(field):
        return True
    return current.strip('"') not in _ENTITY_TAG.findall(field)
