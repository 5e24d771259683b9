"""The files of a site that ships with the product: which there are, as what they are sent, and what they may load.

Rule: a path is looked up among the files there are and never joined to anything; nothing is loaded from elsewhere, and
no text of anybody's becomes markup.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hallpass.domain import codec
from hallpass.domain.conditional import entity_tag, none_match
from hallpass.domain.errors import MethodNotAllowedError, NotFoundError
from hallpass.domain.http import HttpRequest, HttpResponse
from hallpass.domain.negotiation import accepts_gzip

POLICY: Final = "; ".join((
    "default-src 'none'",
    *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "connect", "font")),
    *(f"{kind} 'none'" for kind in ("form-action", "frame-ancestors", "base-uri")),
))  # fmt: skip
MEDIA_TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
_PACKED_ALREADY = frozenset({".png", ".woff2"})
_ISOLATED = (
    ("Content-Security-Policy", POLICY),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)


@dataclass(frozen=True, slots=True)
class StaticFile:
    """`packed`: the content as gzip, unless that is no shorter. `digest`: hexadecimal."""

    content: bytes
    packed: bytes | None
    media_type: str
    digest: str

    @classmethod
    def of(cls, suffix: str, content: bytes) -> StaticFile:
        """Raises KeyError for a suffix that has no media type here."""
        packed = None if suffix in _PACKED_ALREADY else codec.pack(content, codec.SERVED_LEVEL)
        shorter = packed if packed is not None and len(packed) < len(content) else None
        return cls(content, shorter, MEDIA_TYPES[suffix], hashlib.sha256(content).hexdigest())


class StaticSite:
    """`at`: where it is served, as `/claim`; `contents`: by path in the directory, as `claim.js`.

    `index.html` is served at `at` itself, `paging.html` at `<at>/paging`, all else at its own name.
    """

    def __init__(self, at: str, contents: Mapping[str, bytes]) -> None:
        self._files: dict[str, StaticFile] = {}
        for name, content in contents.items():
            stem, dot, kind = name.rpartition(".")
            file = StaticFile.of(dot + kind, content)
            for address in _addresses(f"{at}/{stem}", dot + kind):
                self._files[address] = file

    def answer(self, request: HttpRequest) -> HttpResponse:
        """200, or 304 without a body. Raises NotFoundError, MethodNotAllowedError.

        Parameters are passed over: mail programs hang theirs on the links that they show.
        """
        file = self._files.get(request.path)
        if file is None:
            raise NotFoundError
        if request.method not in {"GET", "HEAD"}:
            raise MethodNotAllowedError(["GET", "HEAD"])
        packed = file.packed if accepts_gzip(request.header("accept-encoding")) else None
        tag = entity_tag(file.digest, gzip=packed is not None)
        shared = (
            ("Content-Type", file.media_type),
            ("ETag", tag),
            # Checked before every use, so that a release is seen at once.
            ("Cache-Control", "no-cache"),
            ("Vary", "Accept-Encoding"),
            *_ISOLATED,
        )
        if not none_match(request.header("if-none-match"), tag):
            return HttpResponse(304, shared, b"")
        coding = () if packed is None else (("Content-Encoding", "gzip"),)
        body = b"" if request.method == "HEAD" else packed or file.content
        return HttpResponse(200, shared + coding, body)


def _addresses(path: str, suffix: str) -> tuple[str, ...]:
    """`path`: without the suffix."""
    if suffix != ".html":
        return (path + suffix,)
    folder = path.removesuffix("/index")
    return (path,) if folder == path else (folder, f"{folder}/")
