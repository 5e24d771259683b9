"""The environment as a frozen value. Every variable is set by template.yaml.

Rule: what is missing is told by name at the start of a container, not in the middle of a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Of 1,769 MB: the largest page that is taken needs 256 MB while it is read and rendered (eight times itself), Python
# and its libraries under 200. This much holds some 180 packed representations of full pages, or thousands of small.
REPRESENTATION_MEMORY_BYTES = 64 * 1024 * 1024


class SettingsError(RuntimeError):
    """A variable that has to be there is not, or is empty."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`public_base_url`: "" means the address that the gateway was called at. The key ids are the admin API's.

    The ledger's names are "" for the function that answers nobody, that of the sessions for all but the admin API.
    """

    registry_table: str
    pages_table: str
    usage_table: str
    ledger_table: str
    index_table: str
    sessions_table: str
    secret_prefix: str
    secrets_key_id: str
    pseudonyms_key_id: str
    ledger_key_id: str
    upstream_url: str
    public_base_url: str
    version: str
    service: str
    metrics_namespace: str
    representation_memory_bytes: int
    page_refresh_function: str
    warm_calls_per_district: int

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Settings:
        """Raises SettingsError."""

        def need(name: str) -> str:
            return needed(environment, name)

        return cls(
            registry_table=need("REGISTRY_TABLE"),
            pages_table=need("PAGES_TABLE"),
            usage_table=need("USAGE_TABLE"),
            ledger_table=environment.get("LEDGER_TABLE", ""),
            index_table=environment.get("DISCLOSURE_INDEX_TABLE", ""),
            sessions_table=environment.get("SESSIONS_TABLE", ""),
            secret_prefix=need("SECRET_PREFIX"),
            secrets_key_id=environment.get("SECRETS_KEY_ID", ""),
            pseudonyms_key_id=environment.get("PSEUDONYMS_KEY_ID", ""),
            ledger_key_id=environment.get("LEDGER_KEY_ID", ""),
            upstream_url=need("UPSTREAM_URL"),
            public_base_url=environment.get("PUBLIC_BASE_URL", "").rstrip("/"),
            version=need("HALLPASS_VERSION"),
            service=need("POWERTOOLS_SERVICE_NAME"),
            metrics_namespace=need("POWERTOOLS_METRICS_NAMESPACE"),
            representation_memory_bytes=_whole(environment, "REPRESENTATION_MEMORY_BYTES", REPRESENTATION_MEMORY_BYTES),
            # page_refresh invokes itself: the runtime tells it its own name, which the template cannot.
            page_refresh_function=environment.get("PAGE_REFRESH_FUNCTION") or need("AWS_LAMBDA_FUNCTION_NAME"),
            warm_calls_per_district=_whole(environment, "WARM_CALLS_PER_DISTRICT", 0),
        )


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """Of the function that keeps the index over the ledger: it reads no page and calls no upstream."""

    registry_table: str
    usage_table: str
    ledger_table: str
    index_table: str
    service: str
    metrics_namespace: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> IndexSettings:
        """Raises SettingsError."""
        return cls(
            registry_table=needed(environment, "REGISTRY_TABLE"),
            usage_table=needed(environment, "USAGE_TABLE"),
            ledger_table=needed(environment, "LEDGER_TABLE"),
            index_table=needed(environment, "DISCLOSURE_INDEX_TABLE"),
            service=needed(environment, "POWERTOOLS_SERVICE_NAME"),
            metrics_namespace=needed(environment, "POWERTOOLS_METRICS_NAMESPACE"),
        )


def needed(environment: Mapping[str, str], name: str) -> str:
    """Raises SettingsError."""
    value = environment.get(name, "")
    if not value:
        raise SettingsError(f"the environment variable {name} is not set")
    return value


def _whole(environment: Mapping[str, str], name: str, otherwise: int) -> int:
    """Raises SettingsError."""
    value = environment.get(name) or str(otherwise)
    if not (value.isascii() and value.isdigit()):
        raise SettingsError(f"the environment variable {name} is not a whole number")
    return int(value)
