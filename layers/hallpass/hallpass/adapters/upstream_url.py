"""The upstream's address, checked once: a credential goes nowhere in the clear but to this very machine.

Rule: https, or http to a loopback host; no user, query or fragment. What is wrong is told at the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlencode, urlsplit

from hallpass.domain.listing import UpstreamQuery

_PORTS = {"https": 443, "http": 80}


class UpstreamUrlError(ValueError):
    """The configured address is none that may be called."""


@dataclass(frozen=True, slots=True)
class UpstreamUrl:
    """`origin`: scheme, host and port, the port always told."""

    origin: str
    path: str

    @classmethod
    def parse(cls, text: str) -> UpstreamUrl:
        """Raises UpstreamUrlError, which does not repeat the text: it may hold a user's password."""
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise UpstreamUrlError("the upstream's URL cannot be read") from None
        host = parts.hostname or ""
        if parts.scheme not in _PORTS or not host or not text.isascii() or not text.isprintable() or " " in text:
            raise UpstreamUrlError("the upstream's URL must be absolute, https (or http on loopback), in ASCII")
        if "@" in parts.netloc or "?" in text or "#" in text:
            raise UpstreamUrlError("the upstream's URL must have no user, query or fragment")
        if parts.scheme == "http" and not is_loopback(host):
            raise UpstreamUrlError("the upstream's URL must be https: http is for loopback hosts only")
        shown = f"[{host}]" if ":" in host else host
        return cls(f"{parts.scheme}://{shown}:{port or _PORTS[parts.scheme]}", parts.path or "/")

    @property
    def secure(self) -> bool:
        return self.origin.startswith("https:")

    def of_page(self, query: UpstreamQuery, page: int) -> str:
        """The address of one page of a listing: the canonical query, then the page."""
        return f"{self.origin}{self.path}?{urlencode([*query.parameters(), ('page', page)])}"


def is_loopback(host: str) -> bool:
    """RFC 6761 section 6.3 for the name, the address's own block otherwise."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
