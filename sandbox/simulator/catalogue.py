"""Every fault by name, in one table, and how one is played.

The rule: a fault exists exactly if it stands in one of the two tables this joins; an unknown name is
refused when it is ordered and never found out while playing.
"""

from sandbox.simulator.faults import Fault
from sandbox.simulator.plays import PLAYS
from sandbox.simulator.replies import REPLIES, Exchange, reply_to
from sandbox.simulator.wire import Wire, framed

FAULTS: dict[str, str] = {
    **{name: words for name, (words, _) in PLAYS.items()},
    **{name: words for name, (words, _) in REPLIES.items()},
}
"""What each fault does, by name."""


class UnknownFaultError(ValueError):
    """No fault has that name."""


def checked(fault: Fault) -> Fault:
    """The fault, or UnknownFaultError; a drip needs pieces of at least one byte."""
    if fault.name not in FAULTS:
        raise UnknownFaultError(f"no fault is called {fault.name!r}; there are: {', '.join(FAULTS)}")
    if fault.chunk < 1:
        raise ValueError("chunk must be at least 1")
    return fault


async def play(x: Exchange, wire: Wire) -> None:
    """Play the exchange's fault on the wire."""
    if x.fault.name in PLAYS:
        await PLAYS[x.fault.name][1](x, wire)
    else:
        await wire.write(framed(reply_to(x)))
