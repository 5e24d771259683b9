"""Every error of the domain, and one of each made as the product makes it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator

from hallpass import domain
from hallpass.domain.erasure import Erased, ErasureUnprovenError
from hallpass.domain.errors import (
    BodyInvalidError,
    CredentialError,
    DatesRequiredError,
    ForbiddenError,
    InsufficientScopeError,
    InvalidParametersError,
    MethodNotAllowedError,
    NotAcceptableError,
    RequestError,
    ResyncRequiredError,
    ServiceError,
    TokenNotYetValidError,
)
from hallpass.domain.failure import HallpassError
from hallpass.domain.limit_errors import QuotaExceededError, TooManyError, TooManyFailuresError
from hallpass.domain.retry_errors import VersionConflictError
from hallpass.domain.upstream import UpstreamError

for _module in pkgutil.iter_modules(domain.__path__, "hallpass.domain."):
    importlib.import_module(_module.name)

# Never raised as they are: what stands between the base and the problem types.
FAMILIES = (RequestError, CredentialError, ForbiddenError, TooManyError, ServiceError, UpstreamError)
MADE: dict[type[HallpassError], Callable[[], HallpassError]] = {
    InvalidParametersError: lambda: InvalidParametersError([{"name": "page", "detail": "a whole number"}]),
    BodyInvalidError: lambda: BodyInvalidError([{"name": "scope", "detail": "is an object"}]),
    DatesRequiredError: lambda: DatesRequiredError("2026-01-01", "2026-05-31"),
    InsufficientScopeError: lambda: InsufficientScopeError(
        {"type": ["minor"], "deleted": ["1"]}, {"type": ["referral"]}, ["type:minor", "deleted:1"]
    ),
    MethodNotAllowedError: lambda: MethodNotAllowedError(["GET", "HEAD"]),
    TokenNotYetValidError: lambda: TokenNotYetValidError("The token is valid from 2026-03-02", retry_after=60),
    ResyncRequiredError: lambda: ResyncRequiredError("2.1"),
    ErasureUnprovenError: lambda: ErasureUnprovenError(Erased(pages=3, left_chunks=1)),
    QuotaExceededError: lambda: QuotaExceededError(7, ["burst", "daily"]),
    TooManyFailuresError: lambda: TooManyFailuresError(7),
    VersionConflictError: lambda: VersionConflictError(2),
    NotAcceptableError: lambda: NotAcceptableError(["application/xml"]),
}


def descendants(family: type[HallpassError]) -> Iterator[type[HallpassError]]:
    for child in family.__subclasses__():
        if child.__module__.startswith("hallpass.domain."):
            yield child
            yield from descendants(child)


ERRORS = sorted(
    (error for error in descendants(HallpassError) if error not in FAMILIES), key=lambda error: error.__name__
)


def an(error: type[HallpassError]) -> HallpassError:
    return MADE.get(error, error)()
