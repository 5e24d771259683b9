"""What a request can end with instead of data. Each class is one problem type (RFC 9457); one place renders them.

Rule: a detail is our own fixed text; no value of the request, of the upstream or of an exception stands in it.

HallpassError
├── RequestError           400 invalid-parameters, token-in-query, dates-required, confirmation-required, body-invalid
├── CredentialError        401 token-missing, token-invalid, token-expired, token-revoked, token-not-yet-valid
├── ForbiddenError         403 token-paused, integration-paused, insufficient-scope, wrong-token-kind, role-insufficient
├── NotFoundError … 404 not-found, 405 method-not-allowed, 406 not-acceptable, response-too-large,
│                          409 conflict, resync-required
├── limit_errors.py        429 quota-exceeded, too-many-failures
├── retry_errors.py        409 request-in-flight, outcome-unknown, 412 version-conflict, 422 key-reused,
│                          428 precondition-required
├── claim_errors.py, cache_errors.py  410 claim-used, claim-over, snapshot-expired, 503 page-in-flight, 504 not-cached
├── UpstreamError          502 upstream-invalid, upstream-credentials, upstream-refused, 504 upstream-timeout,
│     (upstream.py)        503 upstream-unreachable, upstream-busy, upstream-error, listing-unstable
└── ServiceError           500 internal-error, erasure-unproven (erasure.py), 503 unavailable
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final
from urllib.parse import quote

from hallpass.domain.failure import HallpassError, Member, Owner, Retry, bearer_challenge

# In a challenge: the gateway passes headers of 10,240 bytes in all.
MOST_TOKENS: Final = 20


class RequestError(HallpassError):
    status = 400


class InvalidParametersError(RequestError):
    """`errors`: one `{"name", "detail"}` for each bad parameter."""

    slug = "invalid-parameters"
    title = "A parameter is unknown, repeated or malformed"

    def __init__(self, errors: Sequence[Mapping[str, str]]) -> None:
        super().__init__("See `errors`: one entry for each parameter to mend.", members={"errors": list(errors)})
        self.errors = tuple(errors)


class TokenInQueryError(RequestError):
    slug = "token-in-query"
    title = "A token never goes into a URL"

    def __init__(self) -> None:
        super().__init__(
            "Send the token as `Authorization: Bearer <token>`. A token that was in a URL is exposed: "
            "have the district revoke it and issue another.",
            headers=[bearer_challenge("invalid_request", "The token belongs in the Authorization header")],
        )


class DatesRequiredError(RequestError):
    """The scope's window does not contain today and the query names no dates. `window`: what may be asked."""

    slug = "dates-required"
    title = "This token needs `from` and `to`"

    def __init__(self, first: str, last: str) -> None:
        super().__init__(
            "The token's window does not contain today, so the upstream's default period is outside it. "
            "Name `from` and `to` inside `window`.",
            members={"window": [first, last]},
        )


class ConfirmationRequiredError(RequestError):
    slug = "confirmation-required"
    title = "Say which token is to be revoked"
    owner = Owner.VENDOR


class BodyInvalidError(RequestError):
    """An admin request's JSON body does not have the documented shape. `errors` names each field."""

    slug = "body-invalid"
    title = "The request's body is not as documented"

    def __init__(self, errors: Sequence[Mapping[str, str]]) -> None:
        super().__init__("See `errors`: one entry for each field to mend.", members={"errors": list(errors)})
        self.errors = tuple(errors)


class CredentialError(HallpassError):
    """RFC 6750 section 3.1: 401 with a `WWW-Authenticate` challenge; `invalid_token` unless none was sent."""

    status = 401
    challenge: ClassVar[str | None] = "invalid_token"

    def __init__(self, detail: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(detail)
        wait = (("Retry-After", str(retry_after)),) if retry_after is not None else ()
        self.headers = (bearer_challenge(self.challenge, self.detail if self.challenge else None), *wait)


class TokenMissingError(CredentialError):
    slug = "token-missing"
    title = "No bearer token was sent"
    challenge = None


class TokenInvalidError(CredentialError):
    slug = "token-invalid"
    title = "The token is not valid"


class TokenExpiredError(CredentialError):
    slug = "token-expired"
    title = "The token has expired"
    owner = Owner.DISTRICT


class TokenRevokedError(CredentialError):
    slug = "token-revoked"
    title = "The token was revoked"
    owner = Owner.DISTRICT


class TokenNotYetValidError(CredentialError):
    slug = "token-not-yet-valid"
    title = "The token is not valid yet"
    retry = Retry.AFTER
    owner = Owner.DISTRICT


class ForbiddenError(HallpassError):
    status = 403
    owner = Owner.DISTRICT


class TokenPausedError(ForbiddenError):
    slug = "token-paused"
    title = "The district has paused this token"


class IntegrationPausedError(ForbiddenError):
    slug = "integration-paused"
    title = "The district has paused or ended this integration, or not activated it yet"


class WrongTokenKindError(ForbiddenError):
    slug = "wrong-token-kind"
    title = "A vendor token opens /v1, an admin token opens /admin/v1, and neither the other"
    owner = Owner.VENDOR


class RoleInsufficientError(ForbiddenError):
    slug = "role-insufficient"
    title = "Your role does not allow this"
    owner = Owner.OPERATOR


class InsufficientScopeError(ForbiddenError):
    """RFC 6750 `insufficient_scope`. `requested`, `granted`: values by parameter; `missing`: what the scope lacks.

    `missing` is in scope-tokens (RFC 6749 section 3.3): `type:minor`, `school:012`, `fields:context`. `drop` in the
    answer is what to leave out.
    """

    slug = "insufficient-scope"
    title = "The query names something this token's scope does not grant"

    def __init__(
        self, requested: Mapping[str, Sequence[str]], granted: Mapping[str, Sequence[str]], missing: Sequence[str]
    ) -> None:
        needed = [quote(token, safe=":") for token in missing[:MOST_TOKENS]]
        told: dict[str, Member] = {"requested": requested, "granted": granted, "missing": list(missing)}
        super().__init__(
            "Leave out the parameters in `drop`, or keep to the values in `granted`. `GET /v1/token` tells them all.",
            members={**told, "drop": sorted(requested)},
            headers=[bearer_challenge("insufficient_scope", "The scope does not grant what the query names", needed)],
        )


class NotFoundError(HallpassError):
    status = 404
    slug = "not-found"
    title = "There is nothing at this address"


class MethodNotAllowedError(HallpassError):
    status = 405
    slug = "method-not-allowed"
    title = "The method is not allowed here"

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__("See the `Allow` header.", headers=[("Allow", ", ".join(allowed))])


class NotAcceptableError(HallpassError):
    """RFC 9110 section 15.5.7. `available`: the media types there are."""

    status = 406
    slug = "not-acceptable"
    title = "None of the media types you accept is available"

    def __init__(self, available: Sequence[str]) -> None:
        super().__init__("Accept one of `available`.", members={"available": list(available)})


class ResponseTooLargeError(HallpassError):
    status = 406
    slug = "response-too-large"
    title = "The page is too large to be sent uncompressed: send `Accept-Encoding: gzip`"


class ResyncRequiredError(HallpassError):
    """`modified_since` with a `dataset` that is not the token's any more: what changed cannot be told from then on."""

    status = 409
    slug = "resync-required"
    title = "Your copy belongs to another dataset: read everything again"

    def __init__(self, dataset: str) -> None:
        super().__init__(
            "What this token shows has changed since. Read without `modified_since`, from page 1, into an empty copy.",
            members={"dataset": dataset},
        )


class ConflictError(HallpassError):
    status = 409
    slug = "conflict"
    title = "The record has changed or is in another state than this needs"


class ServiceError(HallpassError):
    owner = Owner.OPERATOR


class InternalError(ServiceError):
    pass


class UnavailableError(ServiceError):
    """The registry, the ledger or the key store cannot be read: in doubt, no data."""

    status = 503
    slug = "unavailable"
    title = "Hallpass cannot check the request right now"
    retry = Retry.AFTER

    def __init__(self) -> None:
        super().__init__(headers=[("Retry-After", "5")])
