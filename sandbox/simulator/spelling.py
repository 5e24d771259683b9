"""How the upstream writes what is not text: booleans, dates, times, numbers.

The documentation names the types and never the spelling, so booleans and time zones are settings.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import cycle

from sandbox.simulator.settings import Booleans, Settings, Zone
from sandbox.simulator.tree import Spell, Value

_BOOLEANS: dict[Booleans, tuple[tuple[str, str], ...]] = {
    "true/false": (("false", "true"),),
    "1/0": (("0", "1"),),
    "yes/no": (("no", "yes"),),
    "mixed": (("false", "true"), ("0", "1"), ("no", "yes")),
}
_LOCAL = timezone(timedelta(hours=-5))


def speller(settings: Settings) -> Spell:
    """A function that writes values as the settings say; `mixed` takes turns, so make one a member."""
    turns = cycle(_BOOLEANS[settings.booleans])
    zone = settings.zone

    def spell(value: Value) -> str:
        if isinstance(value, bool):
            return next(turns)[value]
        if isinstance(value, datetime):
            return spell_datetime(value, zone)
        if isinstance(value, date | time):
            return value.isoformat()
        return str(value)

    return spell


def spell_datetime(value: datetime, zone: Zone) -> str:
    """A local datetime in the chosen notation: no zone, the same instant in UTC, or with its offset."""
    if zone == "none":
        return value.isoformat()
    local = value.replace(tzinfo=_LOCAL)
    if zone == "offset":
        return local.isoformat()
    return local.astimezone(UTC).isoformat().replace("+00:00", "Z")
