"""The admin API's address for a district at one look.

Rule: a route calls one use case.
"""

from __future__ import annotations

from collections.abc import Callable

from hallpass.adapters.admin_routes import Answer, Call
from hallpass.adapters.status_documents import status_document
from hallpass.services.district_status import district_status
from hallpass.services.manage_access import Desk


class StatusRoutes:
    """`call` gives the request being answered."""

    def __init__(self, desk: Desk, call: Callable[[], Call]) -> None:
        self._desk = desk
        self._call = call

    def show_status(self, district_id: str) -> Answer:
        return status_document(district_status(self._desk, self._call().actor, district_id)), 200
