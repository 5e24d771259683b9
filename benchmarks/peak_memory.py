"""The peak memory of a way from a page to an answer, in a child process of its own: resident bytes over its start.

Rule: resident memory, because that is what Lambda bills and kills by. tracemalloc also counts what is reserved and
never touched: orjson reserves 16 bytes for every byte it reads, and it would report 12 times the page, not 6.
Linux only: VmHWM is of this process alone, where `ru_maxrss` begins with the parent's.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

import translation

_STATUS: Final = Path("/proc/self/status")
MEASURED: Final = _STATUS.exists()
CHILDREN: Final = 3


def peak(way: str, name: str, form: str, source: Path) -> int:
    """Bytes: the largest of a few children, so that a lucky one is not the figure."""
    if not MEASURED:
        return 0
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, max_tasks_per_child=1) as children:
        return max(children.submit(_peak, way, name, form, source).result() for _ in range(CHILDREN))


def _peak(way: str, name: str, form: str, source: Path) -> int:
    before = _status("VmRSS")
    # Held to the end, as a caller holds what it read from the network or from the store.
    content = source.read_bytes()
    if way == "xmltodict":
        translation.by_xmltodict(content)
    elif way == "first":
        _serve(translation.read_page(content), name, form)
    else:
        _serve(translation.load_model(translation.unpacked(content)), name, form)
    return _status("VmHWM") - before


def _serve(model: translation.PageModel, name: str, form: str) -> None:
    """The model lives while the answer is written and packed: its rows are the answer's."""
    translation.served(translation.rendered(model, name, form))


def _status(key: str) -> int:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(key))
    return int(line.split()[1]) * 1024
