"""The JSON bodies that the admin API takes, and how one that is wrong is told.

Rule: strict; a field that is not documented is refused; an error names the field and the rule, never the value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    SecretStr,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)

from hallpass.adapters.admin_shapes import SCOPE
from hallpass.domain.claim_links import LONGEST_HOURS, USUAL_HOURS
from hallpass.domain.errors import BodyInvalidError
from hallpass.domain.scope import Scope, ScopeInvalidError
from hallpass.domain.scope_format import day_from_json, scope_from_json

MAX_OVERLAP_DAYS = 30
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII)
_CREDENTIAL = re.compile(r"[\x21-\x7e]{1,4096}", re.ASCII)
_AGREEMENT = re.compile(r"[A-Za-z0-9._/-]{1,64}", re.ASCII)


def _time(value: object) -> datetime:
    if isinstance(value, str) and _TIME.fullmatch(value):
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise ValueError("is a time with its offset, as 2026-12-31T23:59:59Z")


def _printable(value: str) -> str:
    if not value.isprintable() or not value.strip():
        raise ValueError("is printable text on one line, not blank")
    return value


def _agreement(value: str) -> str:
    # It is written into every audit line: free text has no place there.
    if not _AGREEMENT.fullmatch(value):
        raise ValueError("is 1 to 64 of the characters A to Z, a to z, 0 to 9, dot, underscore, slash and hyphen")
    return value


def _credential(value: SecretStr) -> SecretStr:
    # It becomes a header of every request upstream: nothing in it may end the line.
    if not _CREDENTIAL.fullmatch(value.get_secret_value()):
        raise ValueError("is a token of 1 to 4096 visible ASCII characters")
    return value


Text = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_printable)]
Time = Annotated[datetime, BeforeValidator(_time)]
Day = Annotated[
    date,
    PlainValidator(lambda value: day_from_json(value, "")),
    WithJsonSchema({"type": "string", "format": "date"}),
]
AnyScope = Annotated[
    Scope,
    PlainValidator(scope_from_json),
    WithJsonSchema(SCOPE),
]


AgreementId = Annotated[
    str,
    AfterValidator(_agreement),
    WithJsonSchema({"type": "string", "pattern": f"^{_AGREEMENT.pattern}$"}),
]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class DistrictBody(Strict):
    """`confirmed`: false shows what the credential opens and keeps nothing."""

    name: Text
    time_zone: Text
    upstream_token: Annotated[SecretStr, AfterValidator(_credential)]
    confirmed: bool = False


class AgreementBody(Strict):
    id: AgreementId
    ends_on: Day


class TermsBody(Strict):
    """What was agreed with a vendor."""

    vendor: Text
    contact: Text
    purpose: Text
    agreement: AgreementBody


class IntegrationBody(TermsBody):
    """`confirm`: `upstream@1`, typed by a person, when the scope's fields are that. `draft`: not usable yet."""

    scope: AnyScope
    confirm: Text | None = None
    draft: bool = False


class ScopeBody(Strict):
    """A new scope for an integration. `confirm`: as in IntegrationBody."""

    scope: AnyScope
    confirm: Text | None = None


class TokenBody(Strict):
    expires_at: Time


class ClaimBody(Strict):
    """A claim link. `valid_hours`: how long it can be opened. Without `expires_at` its token ends as late as it can."""

    valid_hours: Annotated[int, Field(ge=1, le=LONGEST_HOURS)] = USUAL_HOURS
    expires_at: Time | None = None


class RevealBody(Strict):
    """The secret of a claim link."""

    claim: SecretStr


class RotationBody(Strict):
    """`overlap_days`: how long the old token still holds. Without `expires_at` the new one lives as long as the old."""

    overlap_days: Annotated[int, Field(ge=0, le=MAX_OVERLAP_DAYS)] = 7
    expires_at: Time | None = None


class OverlapBody(Strict):
    """How long the token that is replaced still holds."""

    overlap_days: Annotated[int, Field(ge=0, le=MAX_OVERLAP_DAYS)] = 7


class PersonBody(Strict):
    name: Text
    role: Literal["operator", "district-admin", "auditor"]
    district: Text | None = None
    expires_at: Time


_Model = TypeVar("_Model", bound=Strict)


def read_body(model: type[_Model], members: Mapping[str, Any]) -> _Model:
    """Of an address that nobody signs in for. Raises BodyInvalidError."""
    try:
        return model.model_validate(members)
    except ValidationError as wrong:
        told = wrong.errors(include_url=False, include_input=False)
        raise body_problem([{**error, "loc": ("body", *error["loc"])} for error in told]) from None


def body_problem(errors: Sequence[Mapping[str, Any]]) -> BodyInvalidError:
    """pydantic's errors as ours."""
    return BodyInvalidError([_entry(error) for error in errors])


def _entry(error: Mapping[str, Any]) -> dict[str, str]:
    # The first part says where the parameter is (`body`), the rest is the path inside it.
    path = [str(part) for part in error["loc"][1:]]
    if error["type"] == "extra_forbidden":
        # The name of what is not ours came with the request: its parent is named instead.
        return {"name": ".".join(path[:-1]) or "body", "detail": "has a field that is not documented"}
    cause = (error.get("ctx") or {}).get("error")
    if isinstance(cause, ScopeInvalidError) and cause.field not in ("", "scope"):
        path += cause.field.split(".")
    return {"name": ".".join(path) or "body", "detail": _detail(str(error["type"]), cause, str(error.get("msg", "")))}


def _detail(kind: str, cause: object, message: str) -> str:
    if kind == "missing":
        return "is required"
    if isinstance(cause, ValueError):
        return str(cause)
    # Messages of these kinds are made of the rule alone.
    if kind in {"string_too_short", "string_too_long", "literal_error", "greater_than_equal", "less_than_equal"}:
        return message
    return _TYPES.get(kind, "is not as documented")


_TYPES = {
    "string_type": "is a text",
    "bool_type": "is true or false",
    "int_type": "is a whole number",
    "model_type": "is an object",
    "model_attributes_type": "is an object",
}
