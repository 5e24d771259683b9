"""What each type of incident is called in plain words; the names are the upstream's."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hallpass.domain.scope import IncidentType

TYPE_WORDS: Mapping[IncidentType, str] = MappingProxyType(
    {
        IncidentType.REFERRAL: "Referrals: sent to the office, and dealt with there",
        IncidentType.MINOR: "Minor incidents: dealt with where they happened",
        IncidentType.PENDING: "Pending: accusations that nobody has looked into yet",
    }
)
