"""The sites that ship in the package: `hallpass/static/<site>/**`, each served at `/<site>`.

Rule: a site is read once in a container, when it is first asked for; a file whose kind is not known is an error then.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from hallpass.domain.static_site import StaticSite

STATIC = Path(__file__).resolve().parent.parent / "static"


@lru_cache(maxsize=8)
def site(name: str) -> StaticSite:
    """`name`: of a directory under `static`, never a text of a request's. Raises KeyError."""
    root = STATIC / name
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return StaticSite(f"/{name}", {path.relative_to(root).as_posix(): path.read_bytes() for path in files})
