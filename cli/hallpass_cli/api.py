"""The admin API as the command line sees it.

Rule: the token goes to the named address alone (no redirect is followed, no netrc is read, no proxy of the
environment is used), over TLS unless the address is this machine.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import requests

from hallpass_cli import profiles
from hallpass_cli.addresses import PREFIX, check_address
from hallpass_cli.failures import RefusedError, UnreachableError, UsageError

TIMEOUT_SECONDS = (5.0, 40.0)

Document = dict[str, Any]
PROFILE: ContextVar[str | None] = ContextVar("profile", default=None)
"""The profile that the command line names."""


@dataclass(frozen=True, slots=True)
class AdminApi:
    """`url`: ends in /admin/v1."""

    url: str
    token: str

    def get(self, path: str) -> Document:
        return self._call("GET", path, None)

    def all(self, path: str, name: str) -> Document:
        """A list to its end, however many answers that takes."""
        document = self.get(path)
        while document.get("next"):
            following = self.get(f"{path}?next={document['next']}")
            document = {**following, name: [*document[name], *following[name]]}
        return document

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Document:
        return self._call("POST", path, body)

    def make(self, path: str, body: Mapping[str, Any]) -> Document:
        """Makes something, once: should the line break, the same request is sent again under the same key."""
        key = {"Idempotency-Key": str(uuid4())}
        try:
            return self._call("POST", path, body, key)
        except UnreachableError:
            return self._call("POST", path, body, key)

    def put(self, path: str, body: Mapping[str, Any], seen: int) -> Document:
        """`seen`: the version that the change is meant for."""
        return self._call("PUT", path, body, {"If-Match": f'"{seen}"'})

    def delete(self, path: str, body: Mapping[str, Any] | None = None) -> Document:
        return self._call("DELETE", path, body)

    def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str] | None = None
    ) -> Document:
        """Raises RefusedError, UnreachableError."""
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.request(
                    method,
                    self.url + path,
                    json=body,
                    headers=headers,
                    auth=self._authorize,
                    timeout=TIMEOUT_SECONDS,
                    allow_redirects=False,
                )
                document = _document(answer)
        except requests.RequestException as error:
            raise UnreachableError(self.url, type(error).__name__) from error
        if not answer.ok or answer.is_redirect:
            raise RefusedError(answer.status_code, document)
        return document

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def connect() -> AdminApi:
    """The API of the profile that is named, else that of HALLPASS_URL and HALLPASS_TOKEN, else that of `default`.

    Never the address of one and the token of another. Raises UsageError.
    """
    url, token = os.environ.get("HALLPASS_URL", "").strip(), os.environ.get("HALLPASS_TOKEN", "").strip()
    name = PROFILE.get()
    if name is not None or not (url or token):
        url, token = profiles.chosen(name) or (url, token)
    if not token:
        raise UsageError("Set HALLPASS_TOKEN to your admin token (hp_admin_...). `hallpass bootstrap` makes the first.")
    if not token.isascii() or not token.isprintable():
        raise UsageError("HALLPASS_TOKEN holds characters that no token has.")
    return AdminApi(check_address(url) + PREFIX, token)


def connect_with(token: str) -> AdminApi:
    """The API that HALLPASS_URL names, with another token. Raises UsageError."""
    return AdminApi(check_address(os.environ.get("HALLPASS_URL", "").strip()) + PREFIX, token)


def _document(answer: requests.Response) -> Document:
    try:
        document = answer.json()
    except requests.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}
