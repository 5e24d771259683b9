"""The EducatorsHandbook.com Public API as documented, over real HTTP on loopback, with invented people.

It stands for the upstream and knows nothing of what stands in front of it: no import of any other part
of this repository. What the upstream's documentation leaves open is a setting (`settings.Settings`), what
can go wrong on the way is a named fault (`catalogue.FAULTS`), and the data can change while it runs.
"""

from sandbox.simulator.control import Control
from sandbox.simulator.faults import Fault
from sandbox.simulator.recording import RecordedRequest
from sandbox.simulator.running import RunningSimulator, running_simulator
from sandbox.simulator.server import Simulator
from sandbox.simulator.settings import Account, Settings

__all__ = [
    "Account",
    "Control",
    "Fault",
    "RecordedRequest",
    "RunningSimulator",
    "Settings",
    "Simulator",
    "running_simulator",
]
