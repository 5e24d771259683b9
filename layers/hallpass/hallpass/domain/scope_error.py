"""The one error of a scope that cannot be granted, whichever part of it is wrong."""

from __future__ import annotations


class ScopeInvalidError(ValueError):
    """A scope that cannot be granted. `field` names the part, `detail` what would be right."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail
