"""The words that a record may bear: every action and every problem that there is.

Rule: the lists are closed, so that what is asked for and can never be found is a mistake and no answer.
"""

from __future__ import annotations

from collections.abc import Iterator

from hallpass.domain import (
    cache_errors,
    claim_errors,
    erasure,
    errors,
    limit_errors,
    retry_errors,
    scope_error,
    upstream,
)
from hallpass.domain.failure import HallpassError

# Imported so that the tree of errors is whole.
_TREE = (cache_errors, claim_errors, erasure, errors, limit_errors, retry_errors, scope_error, upstream)

ACTIONS = frozenset({
    # The vendor API's.
    "docs", "health", "incidents.read", "openapi", "schema", "snapshot.read", "token",
    # The admin API's. `admin` is what came to no address of its own.
    "admin", "audit.schema", "audit.search", "claim.create", "claim.list", "claim.page", "claim.reveal",
    "claim.withdraw", "console.page", "disclosures.agreements", "disclosures.person", "disclosures.report",
    "district.cache", "district.cache-unchecked", "district.create", "district.delete", "district.list",
    "district.purge", "district.purge-hard", "district.purge-soft", "district.quarantine",
    "district.review-quarantine", "district.show", "district.show-cache", "district.show-cache-statistics",
    "district.show-usage", "district.status", "district.try", "district.warm", "docs.catalogue", "docs.openapi",
    "docs.page", "integration.activate", "integration.cache", "integration.create", "integration.create-upstream",
    "integration.edit", "integration.end", "integration.limits", "integration.list", "integration.pause",
    "integration.renew-pseudonyms", "integration.resume", "integration.scope", "integration.scope-upstream",
    "integration.show", "integration.show-scopes", "integration.show-usage", "integration.show-versions",
    "integration.stop", "invitation.accept", "invitation.create", "invitation.list", "invitation.withdraw",
    "person.create", "person.list", "person.revoke", "person.rotate", "scope.explain", "scope.preview", "session.end",
    "session.show", "session.start", "token.issue", "token.list", "token.pause", "token.resume", "token.rotate",
    # Both.
    "token.revoke", "unknown",
})  # fmt: skip


def problems() -> frozenset[str]:
    """The problems' types, without `urn:hallpass:problem:`."""
    return frozenset(_slugs(HallpassError))


def _slugs(base: type[HallpassError]) -> Iterator[str]:
    yield base.slug
    for kind in base.__subclasses__():
        yield from _slugs(kind)
