"""The vendor API as the canary sees it: answers as they are, refused ones too.

Rule: as for the admin API: no redirect, no netrc, no proxy of the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from hallpass_cli.api import TIMEOUT_SECONDS
from hallpass_cli.failures import UnreachableError


@dataclass(frozen=True, slots=True)
class VendorAnswer:
    status: int
    document: Mapping[str, Any]
    request_id: str

    @property
    def problem(self) -> str:
        """Its problem's type without the prefix, or the status."""
        return str(self.document.get("type", self.status)).rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class VendorApi:
    url: str
    token: str = field(default="", repr=False)

    def get(self, path: str, **query: str) -> VendorAnswer:
        """Raises UnreachableError."""
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.get(
                    self.url + path, params=query, auth=self._authorize, timeout=TIMEOUT_SECONDS, allow_redirects=False
                )
        except requests.RequestException as error:
            raise UnreachableError(self.url, type(error).__name__) from error
        return VendorAnswer(answer.status_code, _document(answer), answer.headers.get("X-Request-Id", ""))

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.token:
            request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def _document(answer: requests.Response) -> Mapping[str, Any]:
    try:
        document = answer.json()
    except requests.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}
