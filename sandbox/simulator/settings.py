"""Everything about the simulated upstream that can be chosen, each with its stated default.

The rule: what the upstream's documentation does not say is a setting here and never an accident of this
code. The words beside a field are its documentation; `--help` prints the same (see `options.py`).
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, get_args, get_origin, get_type_hints

Order = Literal["newest", "oldest", "modified", "unstable"]
DateFilter = Literal["incident", "modified"]
RootCount = Literal["page", "all"]
PastLast = Literal["empty", "last", "404", "clamped"]
Booleans = Literal["true/false", "1/0", "yes/no", "mixed"]
Zone = Literal["none", "Z", "offset"]
Gzip = Literal["never", "accepted", "always"]
Revision = Literal["2017", "2020", "2025-12"]
Unknown = Literal["none", "elements", "attributes", "both", "leaves"]
BadParameters = Literal["400", "ignore"]

DEFAULT_TOKEN = "simulated-client-access-token"  # noqa: S105 - invented, opens invented data only


@dataclass(frozen=True, slots=True)
class Account:
    """One upstream account: a client access token opens all of its data and nothing else."""

    name: str = "demo"
    token: str = DEFAULT_TOKEN
    incidents: int | None = None
    """How many incidents this account has; None: as many as `Settings.incidents` says."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the simulated upstream does. Every field's words are printed by `--help`.

    Same settings = same bytes: `today` is injected, and nothing here reads a clock but `rate_limit`.
    """

    incidents: Annotated[int, "how many incidents an account has (0 to 100,000)"] = 2_500
    seed: Annotated[int, "seed of the invented data; uuids differ between seeds"] = 1
    today: Annotated[date, "the upstream's current day (its school year starts on July 1)"] = date(2026, 3, 2)
    accounts: Annotated[tuple[Account, ...], "the accounts; each has its own token and data"] = (Account(),)
    page_size: Annotated[int, "members on a page; the upstream documents 1,000"] = 1_000
    absent_share: Annotated[float, "share of incidents that miss about a fifth of their nodes and attributes"] = 0.08

    order: Annotated[Order, "order of the list; unstable: another one on every request"] = "newest"
    date_filter: Annotated[DateFilter, "what from/to compare: incident date or last-modified"] = "incident"
    root_count: Annotated[RootCount, "what the root's count counts: this page or all pages"] = "page"
    past_last: Annotated[PastLast, "past the last page: empty, the last again, 404, or empty with page clamped"] = (
        "empty"
    )
    empty_total_pages: Annotated[int, "total-pages of a list without members: 0 or 1"] = 1
    pending_by_default: Annotated[bool, "whether a request without type includes pending incidents"] = True
    bad_parameters: Annotated[BadParameters, "page=0, type=x, from without to: 400, or ignored"] = "400"

    attribute_children: Annotated[bool, "attributes bags carry children nobody documented"] = True
    booleans: Annotated[Booleans, "spelling of booleans; mixed: all three by turns"] = "true/false"
    zone: Annotated[Zone, "time zone of datetimes: none, Z (UTC) or an offset"] = "none"
    revision: Annotated[Revision, "shape of the documents: the elements known at that time"] = "2025-12"
    unknown: Annotated[Unknown, "undocumented elements, attributes or both at every depth; leaves: there too"] = "none"

    rate_limit: Annotated[int, "requests an account may make in one rate window; 0: no limit"] = 0
    rate_window: Annotated[float, "length of the rate window in seconds"] = 60.0
    etag: Annotated[bool, "answers carry an ETag and If-None-Match gives 304"] = False
    last_modified: Annotated[bool, "answers carry Last-Modified and If-Modified-Since gives 304"] = False
    cache_control: Annotated[str, "value of Cache-Control on answers; empty: no such header"] = ""
    gzip: Annotated[Gzip, "gzip content coding: never, when the request accepts it, or always"] = "never"
    latency: Annotated[float, "seconds every answer waits before its first byte"] = 0.0

    def __post_init__(self) -> None:
        """Raise ValueError on a value the table above does not allow."""
        for name, allowed in choices().items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} must be one of {', '.join(allowed)}")
        if not 0 <= self.incidents <= 100_000:
            raise ValueError("incidents must be 0 to 100,000")
        if self.page_size < 1:
            raise ValueError("page_size must be at least 1")
        if self.empty_total_pages not in {0, 1}:
            raise ValueError("empty_total_pages must be 0 or 1")
        if not self.accounts:
            raise ValueError("there must be an account")
        if len({account.token for account in self.accounts}) != len(self.accounts):
            raise ValueError("two accounts share a token")
        if len({account.name for account in self.accounts}) != len(self.accounts):
            raise ValueError("two accounts share a name")


DATA_SETTINGS = frozenset({"incidents", "seed", "today", "accounts"})
"""Settings that make other data: changing one of them while running forgets every edit."""


def words() -> dict[str, str]:
    """Every setting's documentation by name, in order."""
    hints = get_type_hints(Settings, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items()}


def choices() -> dict[str, tuple[str, ...]]:
    """The settings that are a choice of words, with the words."""
    hints = get_type_hints(Settings)
    return {name: get_args(kind) for name, kind in hints.items() if get_origin(kind) is Literal}
