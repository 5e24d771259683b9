"""The address of Hallpass as a person gives it."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from hallpass_cli.failures import UsageError

PREFIX = "/admin/v1"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def check_address(url: str) -> str:
    """Without the admin API's prefix. Raises UsageError."""
    parts = _parts(url)
    if parts is None or parts.scheme not in ("http", "https") or parts.query or parts.fragment or parts.username:
        raise UsageError("Set HALLPASS_URL to the address of Hallpass, such as https://hallpass.example.org.")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise UsageError("HALLPASS_URL is http:// and not this machine: the token would be readable on the way.")
    return url.rstrip("/").removesuffix(PREFIX)


def _parts(url: str) -> SplitResult | None:
    """None: an address that names no host or no port that there can be."""
    try:
        parts = urlsplit(url)
        # Both raise only here what a connection would raise later.
        host, port = (parts.hostname or "").encode("idna"), parts.port
        return parts if host and port != 0 else None
    except ValueError:
        return None
