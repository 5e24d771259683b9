"""What reading and rendering a page of 1,000 incidents costs, in times a bare expat pass over the same bytes.

Rule: ratios of best times taken in one run, round by round, beside xmltodict + json on the same page; never a gate.
Run: `python benchmarks/xml_page.py [rounds]` from the root of the checkout.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

sys.path.insert(0, str(Path(__file__).parent.parent / "layers/hallpass"))

import xmltodict  # type: ignore[import-untyped]  # ships no types
from hallpass.domain.json_writer import render_json
from hallpass.domain.model import dump_model, load_model
from hallpass.domain.reading import read_page
from hallpass.domain.view import view_of
from hallpass.domain.xml_writer import render_xml

INCIDENTS = 1_000
VIEW = view_of("all-documented@1")


def _student(n: int) -> str:
    return f"""
        <student district-id="{700_000 + n:07d}">
          <name>Invented Pupil {n}</name>
          <grade>{n % 12 + 1:02d}</grade>
          <gender>{"FM"[n % 2]}</gender>
          <race>Not a race {n % 5}</race>
          <ethnicity>N</ethnicity>
          <iep>{n % 2}</iep>
          <plan>0</plan>
          <ell>0</ell>
          <homeless>0</homeless>
          <foster>0</foster>
          <frpl>{n % 2}</frpl>
        </student>"""


def _offender(n: int) -> str:
    return f"""
      <offender>{_student(n)}
        <injury code="0">None</injury>
        <offenses count="1">
          <offense code="{n % 90:03d}">Invented offense &amp; more {n % 90}</offense>
        </offenses>
        <weapons count="0"></weapons>
        <actions count="1">
          <action code="{n % 30:03d}" cost="false">
            <name>Invented action {n % 30}</name>
            <duration day-length="420">1.5</duration>
            <schedule count="1">
              <event>
                <date>2025-09-{n % 28 + 1:02d}</date>
                <start>08:00</start>
                <end>15:00</end>
                <served>true</served>
              </event>
            </schedule>
            <details>Nothing happened here, at length and in several words.</details>
            <assigned-by datetime="2025-09-01T10:00:{n % 60:02d}" district-id="s{n % 40}">Staff {n % 40}</assigned-by>
          </action>
        </actions>
      </offender>"""


def _incident(n: int) -> str:
    words = "The quick brown fox was invented for this page. " * 8
    return f"""
  <incident uuid="00000000-0000-4000-8000-{n:012d}" type="referral" last-modified="2025-09-01T12:{n % 60:02d}:00">
    <date>2025-09-{n % 28 + 1:02d}</date>
    <time>10:{n % 60:02d}</time>
    <written-by datetime="2025-09-01T10:{n % 60:02d}:00" district-id="s{n % 40}">Staff {n % 40}</written-by>
    <school code="{n % 12:03d}">Invented School {n % 12}</school>
    <location code="{n % 20}">Hall</location>
    <subject code="{n % 9}">Art</subject>
    <arrangement code="1">Class</arrangement>
    <offense code="{n % 90:03d}">Invented offense {n % 90}</offense>
    <description>{words}</description>
    <offenders count="1">{_offender(n)}
    </offenders>
    <victims count="1">
      <victim>{_student(n + 5_000)}
        <injury code="0">None</injury>
      </victim>
    </victims>
  </incident>"""


def page(incidents: int = INCIDENTS) -> bytes:
    """An invented page, laid out with white space as the upstream's examples are."""
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<incidents count="{incidents}" page="1" total-pages="1">'
    return (head + "".join(map(_incident, range(incidents))) + "\n</incidents>\n").encode()


def _floor(data: bytes) -> None:
    expat.ParserCreate().Parse(data, True)


def _cases(data: bytes) -> dict[str, Callable[[], object]]:
    model = read_page(data)
    stored = dump_model(model)
    packed = gzip.compress(stored, 6)

    def first_json() -> object:
        first = read_page(data)
        return render_json(first, first.incidents, VIEW, "d")

    def further(render: Callable[..., object], *more: str) -> Callable[[], object]:
        def run() -> object:
            loaded = load_model(stored)
            return render(loaded, loaded.incidents, VIEW, *more)

        return run

    return {
        "bare expat (the floor)": lambda: _floor(data),
        "read_page": lambda: read_page(data),
        "first typed JSON (read + render)": first_json,
        "dump_model": lambda: dump_model(model),
        "load_model": lambda: load_model(stored),
        "further JSON (load + render)": further(render_json, "d"),
        "further XML (load + render)": further(render_xml),
        "gunzip of the stored model": lambda: gzip.decompress(packed),
        "xmltodict + json": lambda: json.dumps(xmltodict.parse(data)),
    }


def main(rounds: int) -> None:
    data = page()
    cases = _cases(data)
    best = dict.fromkeys(cases, float("inf"))
    for _ in range(rounds):
        for name, run in cases.items():
            begun = time.process_time()
            run()
            best[name] = min(best[name], time.process_time() - begun)
    floor = best["bare expat (the floor)"]
    size = f"{INCIDENTS:,} incidents, {len(data):,} bytes, {data.count(b'</'):,} elements"
    lines = [f"{size}; floor {floor * 1000:.1f} ms", *(f"{best[name] / floor:6.2f} x  {name}" for name in cases)]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
