"""A field view: the paths that a preset or a list of groups grants, and how their values are shown.

Rule: an allow-list over full paths, checked against the table. A view that pseudonymises shows nothing until it
is bound to a key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import assert_never

from hallpass.domain.custom_fields import custom_fields, is_custom
from hallpass.domain.field_groups import Numbers, may_be_pseudonymised
from hallpass.domain.presets import PRESETS
from hallpass.domain.pseudonyms import Pseudonyms
from hallpass.domain.schema import FIELDS, GRANTABLE_PATHS, Field, Kind, Treatment
from hallpass.domain.scope_error import ScopeInvalidError
from hallpass.domain.tree import Element, granted_tree
from hallpass.domain.values import checked, day_of


class UnknownPathError(ValueError):
    """A view names a path that is not documented, or that its own promise forbids. There are no patterns."""


class UnknownPresetError(ValueError):
    """No preset has this name and version, and no list of groups this spelling."""


class UnboundViewError(RuntimeError):
    """A pseudonymising view was asked for values without its key: a defect, and no data."""


@dataclass(frozen=True, slots=True)
class FieldView:
    """What a preset version or a list of groups grants. A list or record is shown iff a path at or below it is granted.

    `whole_days`: dates and times are shown by their day. `pseudonymised`: identities are shown as pseudonyms of the
    key in `pseudonyms`. Raises UnknownPathError for a path that is not documented, or is a list's, or tells more than
    these two promise.
    """

    preset: str
    paths: frozenset[str]
    whole_days: bool = False
    pseudonymised: bool = False
    pseudonyms: Pseudonyms | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.paths <= GRANTABLE_PATHS:
            raise UnknownPathError("a view names documented values and records only")
        if self.whole_days and any(FIELDS[path].kind is Kind.TIME for path in self.paths):
            raise UnknownPathError("a view of whole days names no time of day")
        if self.pseudonymised and not (
            self.whole_days and all(may_be_pseudonymised(FIELDS[path]) for path in self.paths)
        ):
            raise UnknownPathError("a pseudonymising view names no person, free text or time of day")

    @property
    def tree(self) -> Element:
        """The documented tree cut down to this view."""
        return _tree(self.paths, self.whole_days, self.pseudonymised)

    def shows(self, path: str) -> bool:
        return path in self.paths

    def treatment(self, path: str) -> Treatment | None:
        """What is done to a value at a path that is shown."""
        return _treated(FIELDS[path], self.whole_days, self.pseudonymised).treatment

    def bound(self, pseudonyms: Pseudonyms) -> FieldView:
        return replace(self, pseudonyms=pseudonyms)

    def rewriter(self, shown: Field) -> Callable[[str], str] | None:
        """How a value at a field of `tree` is shown; None: as it is. "" stands for what must not be shown."""
        match shown.treatment:
            case None:
                return None
            case Treatment.PSEUDONYM:
                assert shown.identity is not None  # the tree marks identities only
                return self.key().of(shown.identity)
            case Treatment.DAY:
                return day_of
            case Treatment.CHECKED:
                return checked(shown.kind)
            case _:
                assert_never(shown.treatment)

    def key(self) -> Pseudonyms:
        """Raises UnboundViewError."""
        if self.pseudonyms is None:
            raise UnboundViewError
        return self.pseudonyms


@lru_cache(maxsize=128)
def _tree(paths: frozenset[str], whole_days: bool, pseudonymised: bool) -> Element:
    return granted_tree(paths, lambda shown: _treated(shown, whole_days, pseudonymised))


def _treated(shown: Field, whole_days: bool, pseudonymised: bool) -> Field:
    if pseudonymised and shown.identity is not None:
        return replace(shown, treatment=Treatment.PSEUDONYM)
    if whole_days and shown.kind in (Kind.DATETIME, Kind.DATE):
        return replace(shown, kind=Kind.DATE, treatment=Treatment.DAY)
    if whole_days and shown.kind in (Kind.INT, Kind.FLOAT, Kind.BOOL):
        # What does not fit its kind may be words: XML would show them as they are.
        return replace(shown, treatment=Treatment.CHECKED)
    return shown


@lru_cache(maxsize=64)
def view_of(name: str) -> FieldView:
    """The view of `preset@version` or of a list of groups in its one spelling. Raises UnknownPresetError.

    `upstream@1` is the upstream's own bytes; its view, every documented path, serves the typed forms of the same
    data (JSON), which have no place for what is not documented.
    """
    preset = PRESETS.get(name)
    if preset is not None:
        return FieldView(name, preset.paths, preset.whole_days, preset.pseudonymised)
    if not is_custom(name):
        raise UnknownPresetError(name)
    try:
        custom = custom_fields(name)
    except ScopeInvalidError as invalid:
        raise UnknownPresetError(name) from invalid
    hidden = custom.numbers is Numbers.PSEUDONYMISED
    return FieldView(name, custom.paths, hidden, hidden)
