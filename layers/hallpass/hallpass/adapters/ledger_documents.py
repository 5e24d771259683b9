"""What is told of the ledger as the admin API's JSON.

Rule: times as the ledger writes them; no number, no name of a person and no mark is in any of these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from hallpass.adapters.admin_documents import Document
from hallpass.domain.access import Integration
from hallpass.domain.audit import time_text
from hallpass.domain.disclosures import Recipient, Sent, recipients
from hallpass.domain.field_words import field_words, row_words
from hallpass.domain.scope_format import scope_to_json
from hallpass.domain.tally import Tally
from hallpass.services.agreements import Register, Shared
from hallpass.services.disclosures import PersonAnswer
from hallpass.services.report_access import Report
from hallpass.services.review_access import RowsFound


def rows_document(found: RowsFound) -> Document:
    return {
        "rows": [dict(row.facts) for row in found.rows],
        "read": found.read,
        "next": found.next,
        "complete_until": time_text(found.complete_until),
    }


def person_document(answer: PersonAnswer) -> Document:
    known = {integration.id: integration for integration in answer.integrations}
    return {
        "verdict": answer.verdict.value,
        "disclosed_outside_period": answer.outside,
        "unnumbered_incidents": answer.unnumbered,
        "records_since": _time(answer.records_since),
        "complete_until": _time(answer.complete_until),
        "time_zone": answer.time_zone,
        "recipients": [_recipient(each, known.get(each.integration or "")) for each in recipients(answer.sent)],
        "disclosures": [_sent(each) for each in answer.sent],
        "next": answer.next,
    }


def report_document(report: Report) -> Document:
    listed = [
        {"integration": each.id, **_party(each), **_tally(report.tallies[each.id])} for each in report.integrations
    ]
    return {
        "integrations": listed,
        "unknown_integrations": _tally(report.unknown),
        "next": report.next,
        "complete_until": time_text(report.complete_until),
    }


def register_document(register: Register) -> Document:
    listed = [
        {
            "integration": each.id,
            **_party(each),
            "agreement": {"id": each.agreement.id, "ends_on": each.agreement.ends_on.isoformat()},
            "scope": scope_to_json(each.scope),
            "elements": list(field_words(each.scope.fields)),
            "incidents": list(row_words(each.scope.rows)),
            "since": time_text(each.created_at),
            "status": each.status.value,
            "received": [_shared(one) for one in register.received.get(each.id, ())],
        }
        for each in register.integrations
    ]
    return {
        "agreements": listed,
        "records_since": _time(register.records_since),
        "complete_until": _time(register.complete_until),
        "time_zone": register.time_zone,
    }


def _shared(one: Shared) -> Document:
    return {
        "fields": one.fields,
        "elements": list(field_words(one.fields)),
        "first_day": one.first.isoformat(),
        "last_day": one.last.isoformat(),
    }


def _recipient(each: Recipient, known: Integration | None) -> Document:
    return {
        "integration": each.integration,
        "person": each.person,
        **_party(known),
        "first": each.first,
        "last": each.last,
        "answers": each.answers,
        "shown": {level.value: count for level, count in each.shown.items()},
        "fields": list(each.fields),
        "elements": _elements(each.fields),
        "agreements": list(each.agreements),
        "formats": list(each.formats),
    }


def _sent(each: Sent) -> Document:
    return {
        "time": each.time,
        "request_id": each.request_id,
        "integration": each.integration,
        "person": each.person,
        "token": each.token,
        "agreement": each.agreement,
        "fields": each.fields,
        "format": each.format,
        "incidents": each.incidents,
        "shown": each.shown.value,
        "cached": each.cached,
        "stale": each.stale,
    }


def _party(known: Integration | None) -> Mapping[str, str | None]:
    """Who it is, as the registry says today; None: it knows the integration no more."""
    if known is None:
        return {"vendor": None, "contact": None, "purpose": None}
    return {"vendor": known.vendor, "contact": known.contact, "purpose": known.purpose}


def _tally(tally: Tally) -> Document:
    fields = sorted(tally.fields)
    return {
        "requests": tally.requests,
        "answers": tally.answers,
        "incidents": tally.incidents,
        "persons_by_answer": tally.persons,
        "bytes": tally.bytes,
        "not_modified": tally.unchanged,
        "days": [day.isoformat() for day in sorted(tally.days)],
        "fields": fields,
        "elements": _elements(fields),
        "agreements": sorted(tally.agreements),
        "denials": dict(sorted(tally.denials.items())),
        "failures": dict(sorted(tally.failures.items())),
    }


def _elements(fields: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(words for name in fields for words in field_words(name)))


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else time_text(moment)
