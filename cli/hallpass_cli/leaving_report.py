"""The document that a district files when it has left: what fell, what was destroyed, what stays.

Rule: it says what the answer of the admin API proves, and of everything else who is to do or to decide it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from hallpass_cli.moments import written
from hallpass_cli.output import plain

_ERASED = {
    "listings": "lists that the upstream was asked for",
    "snapshots": "readings of these",
    "pages": "pages",
    "artefacts": "stored documents",
    "chunks": "their parts",
    "bytes": "bytes",
}
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")


def report(answer: Mapping[str, Any], at: datetime) -> str:
    """Markdown. `answer`: of `DELETE /districts/{id}`, finished; `at`: when it was given."""
    district = answer["district"]
    parts = [
        f"# The end of {_text(district['name'])} in Hallpass",
        f"District {district['id']}, ended {district['ended_at']}. This report: {written(at)}.",
        *_vendors(answer),
        "## The token of EducatorsHandbook.com",
        "Destroyed here, without days of recovery. **It still works at EducatorsHandbook.com until the district "
        "revokes it there.** Whoever has not done that yet does it now.",
        *_pages(answer),
        *_kept(answer),
    ]
    return "\n\n".join(parts) + "\n"


def _vendors(answer: Mapping[str, Any]) -> Iterator[str]:
    yield "## Vendors"
    found = answer["integrations"]
    if not found:
        yield "No vendor ever had access."
        return
    yield f"{len(found)} in all. Every one is ended; no token of any is accepted any more."
    for one in found:
        agreement = one["agreement"]
        yield f"### {_text(one['vendor'])}"
        yield "\n".join([
            f"- Integration {one['id']}: {one['status']}",
            f"- Agreement {_text(agreement['id'])}, its last day {agreement['ends_on']}",
            f"- Purpose: {_text(one['purpose'])}",
            f"- Contact: {_text(one['contact'])}",
            f"- Key of its pseudonyms: {one['pseudonym_key']}",
        ])  # fmt: skip
        yield _tokens(one["tokens"])
    yield (
        "What these vendors received before stays with them, as their agreements say. A key that was destroyed stands, "
        "sealed, in the registry's backups for up to 35 days more."
    )


def _tokens(tokens: list[Mapping[str, Any]]) -> str:
    if not tokens:
        return "It never had a token."
    head = ["| token | issued | valid until | last used | how it ended |", "| --- | --- | --- | --- | --- |"]
    columns = ("id", "issued_at", "expires_at", "last_used", "end")
    return "\n".join([*head, *("| " + " | ".join(_text(one[name]) for name in columns) + " |" for one in tokens)])


def _pages(answer: Mapping[str, Any]) -> Iterator[str]:
    yield "## Pages of incidents"
    erased = answer["erased"]
    counts = ", ".join(f"{erased[name]} {what}" for name, what in _ERASED.items())
    yield f"Erased this time: {counts}. What earlier runs erased stands in the ledger under `district.delete`."
    yield "Proven: everything that was deleted was looked for again, and is gone."
    if answer["again_after"]:
        yield (
            f"**Not the last word:** who had begun to read before the end may write until {answer['again_after']}. "
            "Run the command again after that, and file that report."
        )
    else:
        yield "Nobody who had begun to read before the end can write any more: this is the last word."


def _kept(answer: Mapping[str, Any]) -> Iterator[str]:
    since = answer["ledger_since"]
    ledger = (
        f"The record of every disclosure since {since}, with the key that its marks of persons are made with: for "
        "good, unless the district decides otherwise. It has to last as long as the district's education records must."
        if since
        else "There is no record of disclosures: nothing of this district was ever recorded."
    )
    yield "## What is kept"
    yield "\n".join([
        f"- {ledger}",
        "- The entry of the district and of its integrations in the registry, all ended; no id is given twice.",
        "- The audit and access logs, for the days that the stack's parameter `LogRetentionDays` says.",
        "- When tokens were last used, and the paths (no values) of undocumented elements.",
    ])  # fmt: skip


def _text(value: object) -> str:
    """As text, never as markup."""
    return _MARKUP.sub(r"\\\1", plain(value).plain)
