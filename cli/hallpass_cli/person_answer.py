"""What the ledger tells of one person, put together from the answers of several calls.

Rule: it is as complete as the first call's answer promised, and says beside it what nobody can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hallpass.domain.disclosures import SHOWN_WORDS, Party, Recipient, Sent, Verdict, recipients
from hallpass.domain.field_words import field_words
from hallpass.domain.people import Shown

from hallpass_cli.api import Document
from hallpass_cli.local_times import local

VERDICTS: Mapping[Verdict, str] = {
    Verdict.NEVER_SEEN: "The person's number stood on no page that was prepared for a vendor.",
    Verdict.NOT_DISCLOSED: "The person's number stood on pages that were read, and no vendor received "
    "anything of the person.",
    Verdict.DISCLOSED: "Vendors received something about this person.",
}
ONLY_PREVIEWED = "No vendor received anything of the person."
ADVICE = (
    "Is the number written as EducatorsHandbook.com writes it, with every leading zero, and is it a student's or an "
    "employee's (--kind)?"
)


def whole(answers: Iterable[Document]) -> Document:
    """One answer of the parts of one, as the API gives it when it is not cut."""
    told: Document = {}
    parties: dict[Party, Document] = {}
    disclosures: list[Document] = []
    for answer in answers:
        told = told or answer
        told["unnumbered_incidents"] = max(told["unnumbered_incidents"], answer["unnumbered_incidents"])
        disclosures += answer["disclosures"]
        parties |= {party_of(one): one for one in answer["recipients"]}
    sent = [Sent(**{**one, "shown": Shown(one["shown"])}) for one in disclosures]
    added = [{**parties[one.integration, one.person], **_sums(one)} for one in recipients(sent)]
    return told | {"recipients": added, "disclosures": disclosures, "next": None}


def party_of(one: Mapping[str, Any]) -> Party:
    """Who received an answer, as it stands in one or in a recipient's sums."""
    return one["integration"], one.get("person")


def receiver(one: Mapping[str, Any]) -> str:
    """In words; `one`: a recipient's sums."""
    if one["integration"] is None:
        return f"shown in a preview to {one['person']}"
    return str(one["vendor"] or one["integration"])


def shown_words(shown: Mapping[str, int]) -> str:
    return "; ".join(f"{SHOWN_WORDS[Shown(level)]}: {count}" for level, count in shown.items())


def notes(answer: Document) -> Iterator[str]:
    """What has to stand beside the answer, whoever reads it. `from`, `to`: the days asked about, or absent."""
    verdict = Verdict(answer["verdict"])
    outside = verdict is not Verdict.DISCLOSED and answer["disclosed_outside_period"]
    yield f"Asked about: {answer['from']} to {answer['to']}." if "from" in answer else "Asked about: all days."
    yield "In these days no vendor received anything of the person." if outside else _verdict(verdict, answer)
    admins = [one["person"] for one in answer["recipients"] if one["integration"] is None]
    if admins:
        yield f"An incident of the person was shown in a preview to: {', '.join(admins)}."
    if answer["disclosed_outside_period"]:
        yield "There are disclosures outside the days that were asked about."
    unnumbered = answer["unnumbered_incidents"]
    if unnumbered:
        yield (
            "Incidents that any vendor was sent since there are records, in which somebody of that kind stood without "
            f"a number: {unnumbered}. Whether that was this person, no record can tell."
        )
    yield "Free text is not read: whom a description names beside those who stand in the incident, no record can tell."
    zone = answer["time_zone"]
    since, until = (answer[name] and local(answer[name], zone) for name in ("records_since", "complete_until"))
    yield f"There are records since {since}; nothing older can be told." if since else "Nothing was ever recorded."
    yield f"Complete until {until}; of what was sent later some may be missing." if until else "Nothing is indexed yet."


def _verdict(verdict: Verdict, answer: Document) -> str:
    previewed = [one["integration"] is None for one in answer["recipients"]]
    return ONLY_PREVIEWED if previewed and all(previewed) else VERDICTS[verdict]


def _sums(one: Recipient) -> Document:
    """As the API tells them."""
    named = dict.fromkeys(words for fields in one.fields for words in field_words(fields))
    sums: dict[str, Any] = {name: getattr(one, name) for name in ("first", "last", "answers")}
    lists = {name: list(getattr(one, name)) for name in ("fields", "agreements", "formats")}
    return sums | lists | {"shown": {level.value: count for level, count in one.shown.items()}, "elements": list(named)}
