"""What answers test tokens, put together: the same services over pages that ship in the package.

Rule: no client of anything is made here.
"""

from __future__ import annotations

from hallpass.adapters.synthetic_ports import (
    SyntheticAccounts,
    SyntheticKeys,
    SyntheticPatience,
    SyntheticQuotas,
    SyntheticRefresher,
    SyntheticTelemetry,
)
from hallpass.adapters.synthetic_store import SyntheticPages, SyntheticWalks
from hallpass.adapters.synthetic_upstream import SyntheticUpstream, SyntheticVault
from hallpass.ports import Clock
from hallpass.services.assembly import Parts
from hallpass.services.limiter import Limiter
from hallpass.services.read_incidents import IncidentReader
from hallpass.services.representations import Witnesses
from hallpass.services.synthetic_gate import SyntheticGate


def synthetic_reader(clock: Clock, base_url: str) -> IncidentReader:
    telemetry, keys = SyntheticTelemetry(), SyntheticKeys()
    parts = Parts(
        store=SyntheticPages(clock),
        walks=SyntheticWalks(clock),
        accounts=SyntheticAccounts(),
        upstream=SyntheticUpstream(),
        vault=SyntheticVault(),
        quarantine=telemetry,
        refresher=SyntheticRefresher(),
        clock=clock,
        patience=SyntheticPatience(),
        telemetry=telemetry,
        new_name=lambda: "0" * 8,
        choose=min,
    )
    return IncidentReader(parts, telemetry, keys, Witnesses(keys, keys), base_url)


def synthetic_gate(clock: Clock) -> SyntheticGate:
    return SyntheticGate(Limiter(SyntheticQuotas(), clock, SyntheticTelemetry()), clock)
