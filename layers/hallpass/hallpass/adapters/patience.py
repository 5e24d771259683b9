"""Waiting, with jitter, so that those who wait for the same thing do not all look for it at the same time."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import random

LEAST, SPREAD = 0.5, 1.0


class SleepingPatience:
    """`Patience`: between half and one and a half times as long as is asked for. `random`: from 0 to 1."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep, random: Callable[[], float] = random) -> None:
        self._sleep = sleep
        self._random = random

    def pause(self, seconds: float) -> None:
        self._sleep(seconds * (LEAST + SPREAD * self._random()))
