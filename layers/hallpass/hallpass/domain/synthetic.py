"""The invented vendors whose tokens everybody may have: one for each view, and one for each way that a vendor can fare.

Rule: their secret is no secret and their district's name is no district's id, so nothing of a real one's is ever read,
kept or filed under it. What holds of a token is decided as of every other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from hallpass.domain.access import Agreement, District, Integration, PassRecord, Status, Token, TokenStatus
from hallpass.domain.custom_fields import CustomFields
from hallpass.domain.field_groups import Numbers, Victims
from hallpass.domain.schema import Group
from hallpass.domain.scope import AllSchools, DateRange, IncidentType, Rows, Scope, Unbounded
from hallpass.domain.tokens import SECRET_BYTES, PresentedToken, TokenKind, mint

SYNTHETIC = "synthetic"
TOKEN_ID = "0001"  # noqa: S105 - an id, not a secret
_SECRET = bytes(SECRET_BYTES)
_BEGAN = datetime(2025, 7, 1, tzinfo=UTC)
_ENDED = datetime(2025, 8, 1, tzinfo=UTC)
_EVERYTHING = Rows(frozenset(IncidentType), AllSchools(), Unbounded(), deleted=True)
_NARROW = Rows(frozenset({IncidentType.MINOR, IncidentType.REFERRAL}), frozenset({"007"}), Unbounded(), deleted=False)
_PAST = Rows(frozenset(IncidentType), AllSchools(), DateRange(date(2025, 9, 1), date(2025, 12, 31)), deleted=False)
_GROUPS = CustomFields(
    frozenset({Group.ENVELOPE, Group.CONTEXT, Group.DEMOGRAPHICS, Group.HOMELESS, Group.HARM}),
    Victims.PRESENCE,
    Numbers.DROPPED,
).name


@dataclass(frozen=True, slots=True)
class Vendor:
    """`fault`: the problem that its requests for incidents end with; "" for none. `code`: ends its integration's id.

    `lasts`: from a request on; None: its token ended long ago.
    """

    name: str
    code: str
    words: str
    fields: str = "identified@1"
    rows: Rows = _EVERYTHING
    fault: str = ""
    starts_in: timedelta | None = None
    lasts: timedelta | None = timedelta(days=365)
    token_status: TokenStatus = TokenStatus.ACTIVE
    status: Status = Status.ACTIVE

    @property
    def integration_id(self) -> str:
        return f"Test{self.code}"

    @property
    def district_id(self) -> str:
        """Also the name of its account at the upstream, which fares as the vendor is to."""
        return f"{SYNTHETIC}-{self.fault}" if self.fault else SYNTHETIC

    @property
    def token(self) -> str:
        return mint(TokenKind.TEST, self.integration_id, TOKEN_ID, _SECRET).text.reveal()

    def record(self, now: datetime) -> PassRecord:
        """As a registry would hold it at `now`."""
        return PassRecord(self._token(now), self._integration(), self._district())

    def _token(self, now: datetime) -> Token:
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return Token(
            id=TOKEN_ID,
            holder_id=self.integration_id,
            digest=mint(TokenKind.TEST, self.integration_id, TOKEN_ID, _SECRET).digest,
            status=self.token_status,
            starts_at=_BEGAN if self.starts_in is None else now + self.starts_in,
            expires_at=_ENDED if self.lasts is None else today + self.lasts,
            issued_at=_BEGAN,
            issued_by=SYNTHETIC,
        )

    def _integration(self) -> Integration:
        return Integration(
            id=self.integration_id,
            district_id=self.district_id,
            vendor=f"Invented vendor {self.name}",
            contact="nobody@example.com",
            purpose="Trying out",
            agreement=Agreement(SYNTHETIC, date(2099, 12, 31)),
            scope=Scope(self.rows, self.fields),
            scope_version=1,
            pseudonym_epoch=1,
            status=self.status,
            created_at=_BEGAN,
            created_by=SYNTHETIC,
            token_generation=0,
            version=1,
            # The adapter beside has one key for all, which everybody may know.
            sealed_key=SYNTHETIC.encode(),
        )

    def _district(self) -> District:
        return District(self.district_id, "Invented District", "UTC", 1, Status.ACTIVE, _BEGAN, SYNTHETIC, 1)


def vendor_of(presented: PresentedToken) -> Vendor | None:
    """Whose token that claims to be."""
    return _BY_ID.get(presented.holder_id) if presented.token_id == TOKEN_ID else None


def visitor(integration: Integration, near: str) -> Integration:
    """Who counts as one under the limits: everybody has all of the tokens, so it is an address."""
    return replace(integration, id=f"{SYNTHETIC}@{near}")


_VIEWS = (
    Vendor("identified", "Iden", "the preset `identified@1`"),
    Vendor("no-people", "NoPe", "the preset `no-people@1`", "no-people@1"),
    Vendor("pseudonymised", "Pseu", "the preset `pseudonymised@1`", "pseudonymised@1"),
    Vendor("all-documented", "Docu", "the preset `all-documented@1`", "all-documented@1"),
    Vendor("upstream", "Upst", "the preset `upstream@1`: as XML the upstream's own bytes", "upstream@1"),
    Vendor("groups", "Grup", "a list of groups instead of a preset, with one that is granted by name only", _GROUPS),
    Vendor("narrow", "Narw", "school `007` alone, neither pending nor deleted incidents", rows=_NARROW),
)
_STANDINGS = (
    Vendor("ending", "Ends", "ends within a week: every answer says `Hallpass-Token-Expires`", lasts=timedelta(days=7)),
    Vendor("dates-required", "Past", "may ask from 2025-09-01 to 2025-12-31 only", rows=_PAST),
    Vendor("token-expired", "Expd", "ended on 2025-08-01", lasts=None),
    Vendor("token-not-yet-valid", "Wait", "begins an hour from now, always", starts_in=timedelta(hours=1)),
    Vendor("token-revoked", "Revk", "was revoked", token_status=TokenStatus.REVOKED),
    Vendor("token-paused", "Paus", "is paused", token_status=TokenStatus.PAUSED),
    Vendor("integration-paused", "IntP", "is of an integration that is paused", status=Status.PAUSED),
)
AT_THE_GATE = ("quota-exceeded", "too-many-failures")
AT_PAGE_1 = (
    "internal-error", "unavailable", "upstream-busy", "upstream-credentials", "upstream-error", "upstream-invalid",
    "upstream-refused", "upstream-timeout", "upstream-unreachable",
)  # fmt: skip
IN_A_WALK = ("listing-unstable", "page-in-flight", "snapshot-expired")
TOO_LARGE = "response-too-large"
_FAULTS = (
    *(Vendor(fault, f"Gat{place}", "always", fault=fault) for place, fault in enumerate(AT_THE_GATE)),
    *(Vendor(fault, f"Pag{place}", "from page 1 on", fault=fault) for place, fault in enumerate(AT_PAGE_1)),
    *(Vendor(fault, f"Wlk{place}", "from page 2 on", fault=fault) for place, fault in enumerate(IN_A_WALK)),
    Vendor(TOO_LARGE, "Larg", "without `Accept-Encoding: gzip`", fault=TOO_LARGE),
)
VENDORS: Mapping[str, Vendor] = MappingProxyType({each.name: each for each in (*_VIEWS, *_STANDINGS, *_FAULTS)})
"""By name. Of those with a fault the name is the problem's."""
_BY_ID = {each.integration_id: each for each in VENDORS.values()}
