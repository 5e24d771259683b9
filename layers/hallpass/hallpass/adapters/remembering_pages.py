"""A page store that remembers representations between the requests of a container.

Rule: nothing but representations, which are immutable and named by all that they are a function of, under their
district. Tokens, scopes, pointers and pages are read every time, so what is revoked, narrowed or purged is so on the
next request: after a hard purge no page leads to a representation's name, and whoever fetches the page anew and gets
the same content has read just now what is remembered. What is remembered is out of reach of a purge for `LIFETIME`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

from hallpass.adapters.byte_memory import ByteMemory
from hallpass.domain.pages import Artefact, Representation
from hallpass.page_ports import PageStore

LIFETIME = timedelta(hours=1)
"""Since the store last showed it. What the store shows is kept there for days yet, so it is not swept meanwhile."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A representation, and its packed bytes once somebody needed them."""

    representation: Representation
    packed: bytes | None = field(default=None, repr=False)


Memory: TypeAlias = ByteMemory[tuple[str, str], Remembered]
"""By district and name."""


class RememberingPageStore:
    """`PageStore`: `store` with `memory` in front of it, which `within` shares."""

    def __init__(self, store: PageStore, memory: Memory) -> None:
        self._store = store
        self._memory = memory
        # Everything else is the store's own.
        self.find_page = store.find_page
        self.save_page = store.save_page
        self.reuse_page = store.reuse_page
        self.restore = store.restore

    def within(self, seconds_left: Callable[[], float]) -> RememberingPageStore:
        return RememberingPageStore(self._store.within(seconds_left), self._memory)

    def find_representation(self, district_id: str, name: str) -> Representation | None:
        known = self._memory.get((district_id, name))
        if known is not None:
            return known.representation
        found = self._store.find_representation(district_id, name)
        if found is not None:
            self._remember(found, None)
        return found

    def save_representation(self, representation: Representation, packed: bytes) -> bool:
        saved = self._store.save_representation(representation, packed)
        if saved:
            self._remember(representation, packed)
        return saved

    def read(self, artefact: Artefact) -> bytes | None:
        known = self._known(artefact)
        if known is None:
            return self._store.read(artefact)
        if known.packed is not None:
            return known.packed
        packed = self._store.read(artefact)
        if packed is not None:
            self._remember(known.representation, packed)
        return packed

    def _known(self, artefact: Artefact) -> Remembered | None:
        """What is remembered under the artefact's name, if it is of these very bytes: digest, length and kind."""
        known = self._memory.get((artefact.district_id, artefact.name))
        return known if known is not None and known.representation.stored == artefact else None

    def _remember(self, representation: Representation, packed: bytes | None) -> None:
        stored = representation.stored
        self._memory.put((stored.district_id, stored.name), Remembered(representation, packed), len(packed or b""))
