"""What reading and rendering a page of 1,000 incidents costs, in times a bare expat pass over the same bytes.

Rule: ratios of best times taken in one run, round by round, beside xmltodict + json on the same page; never a gate.
Peak memory is in times the page's bytes, and measured apart: see `peak_memory`.
Run: `python benchmarks/xml_page.py [rounds [invented|simulated]]` from the root of the checkout.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias
from xml.parsers import expat

import peak_memory
import translation
from page_material import invented, simulated

FIRST_LIMIT: Final = 8.0
FURTHER_LIMIT: Final = 3.0
PEAK_LIMIT: Final = 8.0
PAGES: Final[Mapping[str, Callable[[], bytes]]] = {"invented": invented, "simulated": simulated}
_FLOOR: Final = "bare expat (the floor)"
_XMLTODICT: Final = "xmltodict + json"
_ALL: Final = [(name, form) for name in translation.VIEWS for form in translation.FORMATS]

# (way, view, format); a part of a way has neither view nor format.
_Key: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Material:
    data: bytes
    packed_model: bytes
    packed_raw: bytes


def material(data: bytes) -> Material:
    return Material(data, translation.stored_model(data), translation.stored_raw(data))


def _floor(data: bytes) -> None:
    expat.ParserCreate().Parse(data, True)


def _parts(given: Material) -> dict[_Key, Callable[[], object]]:
    model = translation.read_page(given.data)
    stored = translation.unpacked(given.packed_model)
    parts: dict[str, Callable[[], object]] = {
        _FLOOR: partial(_floor, given.data),
        "read_page": partial(translation.read_page, given.data),
        "dump_model": partial(translation.dump_model, model),
        "gunzip of the stored model": partial(translation.unpacked, given.packed_model),
        "load_model": partial(translation.load_model, stored),
        _XMLTODICT: partial(translation.by_xmltodict, given.data),
    }
    return {(part, "", ""): run for part, run in parts.items()}


def cases(given: Material) -> dict[_Key, Callable[[], object]]:
    every = _parts(given)
    for name in translation.VIEWS:
        every["first", name, "json"] = partial(translation.first, given.data, name)
    for name, form in _ALL:
        every["further", name, form] = partial(translation.further, given.packed_model, name, form)
        body = translation.further(given.packed_model, name, form)
        every["gzip", name, form] = partial(translation.served, body)
    every["verbatim", "", ""] = partial(translation.verbatim, given.packed_model, given.packed_raw)
    return every


def best_times(every: Mapping[_Key, Callable[[], object]], rounds: int) -> dict[_Key, float]:
    """Seconds of this process, the least of all rounds."""
    best = dict.fromkeys(every, float("inf"))
    for _ in range(rounds):
        for key, run in every.items():
            begun = time.process_time()
            run()
            best[key] = min(best[key], time.process_time() - begun)
    return best


def peaks(given: Material) -> dict[_Key, float]:
    """In times the page."""
    wanted = [("xmltodict", "", ""), *(("first", name, "json") for name in translation.VIEWS)]
    wanted += [("further", name, form) for name, form in _ALL]
    with tempfile.TemporaryDirectory() as folder:
        raw, model = Path(folder, "raw"), Path(folder, "model")
        raw.write_bytes(given.data)
        model.write_bytes(given.packed_model)
        return {key: peak_memory.peak(*key, model if key[0] == "further" else raw) / len(given.data) for key in wanted}


def _line(name: str, form: str, time_ratio: float, limit: float, peak: float) -> str:
    over = [f"over {limit:.0f} x"] * (time_ratio > limit) + [f"over {PEAK_LIMIT:.0f} x of memory"] * (peak > PEAK_LIMIT)
    return f"  {name:20} {form:15} {time_ratio:6.2f} x {_peak(peak)}  {', '.join(over) or 'within'}"


def _peak(ratio: float) -> str:
    return f"{ratio:6.2f} x" if peak_memory.MEASURED else "     --"


def report(ratios: Mapping[_Key, float], peak: Mapping[_Key, float]) -> Iterator[str]:
    yield "\nparts                                    time     peak"
    for part in (key for key in ratios if key[0] not in ("first", "further", "gzip", "verbatim")):
        memory = f" {_peak(peak['xmltodict', '', ''])}" if part[0] == _XMLTODICT else ""
        yield f"  {part[0]:36} {ratios[part]:6.2f} x{memory}"

    yield "\nfirst typed JSON of a page: read_page + arrange + render"
    yield f"  targets: time <= {FIRST_LIMIT:.0f} x the floor, peak <= {PEAK_LIMIT:.0f} x the page"
    for key in (key for key in ratios if key[0] == "first"):
        yield _line(key[1], key[2], ratios[key], FIRST_LIMIT, peak[key])

    yield "\nany further view of a stored page: gunzip + load_model + arrange + render"
    yield f"  targets: time <= {FURTHER_LIMIT:.0f} x the floor, peak <= {PEAK_LIMIT:.0f} x the page"
    for key in (key for key in ratios if key[0] == "further"):
        yield _line(key[1], key[2], ratios[key], FURTHER_LIMIT, peak[key])
    yield f"  upstream@1 as XML is sent as its own bytes, not written: {ratios['verbatim', '', '']:.2f} x"

    yield "\ngzip of the response, which is no translation: in none of the times above, in all of the peaks"
    for name in translation.VIEWS:
        figures = (f"{form} {ratios['gzip', name, form]:.2f} x" for form in translation.FORMATS)
        yield f"  {name:20} {', '.join(figures)}"


def main(rounds: int, which: str) -> None:
    given = material(PAGES[which]())
    best = best_times(cases(given), rounds)
    floor = best[_FLOOR, "", ""]
    incidents, elements = given.data.count(b"</incident>"), given.data.count(b"</")
    size = f"{incidents:,} incidents, {len(given.data):,} bytes, {elements:,} elements"
    lines = [f"{which} page: {size}; floor {floor * 1000:.1f} ms, best of {rounds} rounds"]
    lines += report({key: seconds / floor for key, seconds in best.items()}, peaks(given))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10, sys.argv[2] if len(sys.argv) > 2 else "invented")
