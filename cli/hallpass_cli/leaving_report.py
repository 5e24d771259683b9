"""The document that a district files when it has left: what fell, what was destroyed, what stays.

Rule: it says what the answer of the admin API proves, and of everything else who is to do or to decide it. It is
complete by itself: the last one replaces those before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from hallpass_cli.canary import SEES_NOBODY, is_canary
from hallpass_cli.moments import to_the_minute, written
from hallpass_cli.output import plain

_ERASED = {
    "listings": "lists that the upstream was asked for",
    "snapshots": "readings of these",
    "pages": "pages",
    "artefacts": "stored documents",
    "chunks": "their parts",
    "bytes": "bytes",
}
_OF_TOKENS = ("id", "issued_at", "expires_at")
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")


def report(answer: Mapping[str, Any], at: datetime) -> str:
    """Markdown. `answer`: of `DELETE /districts/{id}`, finished; `at`: when it was given."""
    district = answer["district"]
    parts = [
        f"# The end of {_text(district['name'])} in Hallpass",
        f"District {district['id']}, ended {_when(district)}. This report: {written(at)}. Who did what is told by the "
        "person's id: `hallpass person list` names them.",
        *_vendors(answer),
        "## The token of EducatorsHandbook.com",
        "Destroyed here, without days of recovery. **It still works at EducatorsHandbook.com until the district "
        "revokes it there.** Whoever has not done that yet does it now.",
        *_pages(answer),
        *_admins(answer),
        *_kept(answer),
    ]
    return "\n\n".join(parts) + "\n"


def _vendors(answer: Mapping[str, Any]) -> Iterator[str]:
    yield "## Vendors"
    runs = sum(map(_doctors, answer["integrations"]))
    found = [one for one in answer["integrations"] if not _doctors(one)]
    if runs:
        yield f"Runs of the doctor, the operator's check, which saw nobody and are all ended: {runs}."
    if not found:
        yield "No vendor ever had access."
        return
    yield f"{len(found)} in all. Every one is ended; no token of any is accepted any more."
    for one in found:
        agreement = one["agreement"]
        yield f"### {_text(one['vendor'])}"
        yield "\n".join([
            f"- Integration {one['id']}: {one['status']} {_when(one)}",
            f"- Agreement {_text(agreement['id'])}, its last day {agreement['ends_on']}",
            f"- Purpose: {_text(one['purpose'])}",
            f"- Contact: {_text(one['contact'])}",
            f"- Fields, at its end: {_text(one['fields'])}",
            f"- Key of its pseudonyms: {one['pseudonym_key']}",
        ])  # fmt: skip
        yield _tokens(one["tokens"])
    yield (
        "When a token was last used is known to the minute: a use within a minute of one that is noted is not noted "
        "again, so the last may be up to a minute later. The record has every request, and whatever this report says "
        "to stand there: `hallpass audit search`."
    )
    yield (
        "What these vendors received before stays with them, as their agreements say. A key that was destroyed stands, "
        "sealed, in the registry's backups for up to 35 days more."
    )


def _tokens(tokens: list[Mapping[str, Any]]) -> str:
    if not tokens:
        return "It never had a token."
    columns = ("token", "issued", "valid until", "last used", "how it ended")
    return _table(columns, ([*(one[name] for name in _OF_TOKENS), _used(one), _end(one)] for one in tokens))


def _used(token: Mapping[str, Any]) -> str:
    return to_the_minute(token["last_used"]) or "never"


def _end(token: Mapping[str, Any]) -> str:
    if token["end"].startswith(("expired", "void")):
        return str(token["end"])
    return f"{token['end']}, {_when(token)}"


def _when(ended: Mapping[str, Any]) -> str:
    """And by whom."""
    if ended["ended_at"] is None:
        return "when and by whom the record says"
    who = "the vendor itself" if ended["ended_by"] == "holder" else ended["ended_by"]
    return f"{ended['ended_at']} by {who or 'whom the record says'}"


def _doctors(integration: Mapping[str, Any]) -> bool:
    """Whether it was the doctor's, and by its scope too, which never was another."""
    return is_canary(integration) and (integration["fields"], integration["scope_version"]) == (SEES_NOBODY, 1)


def _pages(answer: Mapping[str, Any]) -> Iterator[str]:
    yield "## Pages of incidents"
    yield f"{in_all(answer)}. What the district had purged before is in the record, under `district.purge-hard`."
    if answer["erased_in_all"]["uncounted"]:
        yield (
            f"Of these requests were broken off, or still run: {answer['erased_in_all']['uncounted']}. What they "
            "erased is gone like everything else, and is not in these numbers."
        )
    yield "Proven: everything that was deleted was looked for again, and is gone."
    if answer["again_after"]:
        yield (
            f"**Not the last word:** who had begun to read before the end may write until {answer['again_after']}. "
            "Run the command again after that, and file that report."
        )
    else:
        yield "Nobody who had begun to read before the end can write any more: this is the last word."


def in_all(answer: Mapping[str, Any]) -> str:
    """What every request erased that deleted the district, those of earlier commands too."""
    erased = answer["erased_in_all"]
    return f"Erased in all (requests: {erased['calls']}): " + ", ".join(
        f"{erased[name]} {what}" for name, what in _ERASED.items()
    )


def _admins(answer: Mapping[str, Any]) -> Iterator[str]:
    yield "## Admins of the district"
    found = answer["admins"]
    if not found:
        yield "No admin of the district has a token that goes on."
        return
    rows = [(one["id"], one["role"], token["id"], token["expires_at"]) for one in found for token in one["tokens"]]
    yield f"Whose tokens go on, for as long as somebody has to ask for the district: {len(found)}."
    yield _table(("person", "role", "token", "valid until"), rows)
    yield (
        "They can still read what is kept of this district (its integrations, the record of disclosures and changes), "
        "ask who has seen a student by the number, and purge the cache. They can give nobody access. An operator ends "
        "their tokens: " + ", ".join(f"`hallpass person revoke {one['id']}`" for one in found) + "."
    )


def _kept(answer: Mapping[str, Any]) -> Iterator[str]:
    since = answer["ledger_since"]
    ledger = (
        f"The record of every disclosure since {since}, with the key that its marks of persons are made with: for "
        "good. It has to last as long as the district's education records must. When the district decides that it is "
        "to end, an administrator of the AWS account deletes it (docs/operations.md, *The end of a record*)."
        if since
        else "There is no record of disclosures: nothing of this district was ever recorded."
    )
    yield "## What is kept"
    yield "\n".join([
        f"- {ledger}",
        "- The entry of the district and of its integrations in the registry, all ended; no id is given twice.",
        "- The audit and access logs, for the days that the stack's parameter `LogRetentionDays` says.",
        "- When tokens were last used, to the minute, and the paths (no values) of undocumented elements.",
    ])  # fmt: skip


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = [columns, ["---"] * len(columns)]
    lines = [*head, *([_text(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _text(value: object) -> str:
    """As text, never as markup."""
    return _MARKUP.sub(r"\\\1", plain(value).plain)
