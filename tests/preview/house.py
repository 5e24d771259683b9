"""A data plane and a control plane over the same registry, ledger and cache, all in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
from hallpass.domain.access import Actor, Role
from hallpass.domain.http import HttpResponse
from hallpass.domain.reach import whole_query
from hallpass.domain.scope import Scope
from hallpass.services.manage_access import Desk

from tests import records
from tests.admin.conftest import ListedVault, Office, open_office
from tests.kept_pages_fake import MemoryKeptPages
from tests.ledger_fake import MemoryIndex
from tests.records import DISTRICT_ID
from tests.vendor.world import World, page
from tests.vendor_fakes import ListedAudit, ListedUsage

UNTIL = records.NOW + timedelta(days=30)
OPERATOR = Actor(records.a_person(), "Tok1", UNTIL)
ADMIN = Actor(records.a_person("Person02", Role.DISTRICT_ADMIN, DISTRICT_ID), "Tok1", UNTIL)
SECONDS = 29.0


@dataclass(slots=True)
class House:
    world: World = field(default_factory=World)
    index: MemoryIndex = field(default_factory=MemoryIndex)
    audit: ListedAudit = field(default_factory=ListedAudit)
    office: Office = field(init=False)

    def __post_init__(self) -> None:
        world = self.world
        self.office = open_office(
            world.registry,
            ListedVault(),
            ListedUsage(),
            self.audit,
            keys=world.keys,
            ledger=world.ledger,
            index=self.index,
            kept=MemoryKeptPages(world.store, world.walks, world.accounts),
            clock=world.clock,
        )

    @property
    def desk(self) -> Desk:
        return self.office.desk

    def pages(self, *pages: Sequence[str]) -> None:
        """What the upstream answers, whatever it is asked."""
        told = {number: page(*rows, number=number, total=len(pages)) for number, rows in enumerate(pages, 1)}
        self.world.upstream.pages = told

    def token(self, scope: Scope) -> str:
        return self.world.token(scope)

    def receive(self, token: str, query: str = "") -> list[dict[str, Any]]:
        """All incidents that a vendor gets who walks to the last page."""
        found: list[dict[str, Any]] = []
        number: int | None = 1
        while number is not None:
            answer = self.world.get(token, query=f"{query}&page={number}" if query else f"page={number}")
            assert answer.status == 200, answer.body
            told = orjson.loads(answer.body)
            found += told["incidents"]
            number = told["next_page"]
        return found

    def receive_all(self, scope: Scope) -> list[dict[str, Any]]:
        return self.receive(self.token(scope), self.whole(scope))

    def whole(self, scope: Scope) -> str:
        """The parameters by which a vendor asks for everything that its scope shows."""
        return urlencode(whole_query(scope, self.world.today()).parameters())

    def latest(self) -> str:
        """The id of the integration that was added last."""
        return self.world.registry.integrations(DISTRICT_ID)[-1].id

    def answered(self, *arguments: Any, **named: Any) -> HttpResponse:
        return self.world.get(*arguments, **named)

    def preview(self, scope: Mapping[str, Any], token: str | None = None, **more: Any) -> Any:
        reply = self.office.call("POST", f"/admin/v1/districts/{DISTRICT_ID}/preview", {"scope": scope, **more}, token)
        assert reply.status == 200, reply.text
        return reply.json
