"""The words of scopes, fields, disclosures and records as one document, for the console.

Rule: nothing is written here; what a preset or a group is called stands in the domain's tables alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hallpass.adapters.admin_documents import Document
from hallpass.domain.audit_words import ACTIONS, problems
from hallpass.domain.catalogue import GROUPS, NUMBERS, VICTIMS, Card
from hallpass.domain.disclosures import SHOWN_WORDS
from hallpass.domain.presets import PRESETS
from hallpass.domain.type_words import TYPE_WORDS


def catalogue_document() -> Document:
    return {
        "types": [{"name": kind.value, "label": words} for kind, words in TYPE_WORDS.items()],
        "presets": [_card(preset.name, preset.card) for preset in PRESETS.values()],
        "groups": _cards(GROUPS),
        "victims": _cards(VICTIMS),
        "numbers": _cards(NUMBERS),
        "shown": {level.value: words for level, words in SHOWN_WORDS.items()},
        "actions": sorted(ACTIONS),
        "problems": sorted(problems()),
    }


def _cards(cards: Mapping[Any, Card]) -> list[Document]:
    return [_card(name.value, card) for name, card in cards.items()]


def _card(name: str, card: Card) -> Document:
    return {"name": name, "label": card.label, "example": card.example, "warning": card.warning}
