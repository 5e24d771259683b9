"""The pages that the benchmarks read: one of 1,000 invented incidents, and those of the simulator.

Rule: the same bytes on every machine. On the invented page incidents and students never repeat, which is the worst
case for pseudonyms; words do, and all are ASCII, which flatters gzip, memory and the writers. On the simulator's no
description repeats and most hold letters beyond the 16-bit plane, which is harder than most real pages.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import requests

sys.path.insert(0, str(Path(__file__).parent.parent))

if TYPE_CHECKING:
    from sandbox.simulator import Settings

INCIDENTS: Final = 1_000
"""On a full page."""
_TOTAL_PAGES: Final = re.compile(rb'total-pages="([0-9]+)"')


def invented(incidents: int = INCIDENTS) -> bytes:
    """About 2,700 bytes and 55 elements an incident, with the white space of the upstream's examples."""
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<incidents count="{incidents}" page="1" total-pages="1">'
    return (head + "".join(map(_incident, range(incidents))) + "\n</incidents>\n").encode()


def simulated() -> bytes:
    """A full page of the simulator's."""
    from sandbox.simulator import Settings  # noqa: PLC0415 - a child that measures memory does without

    return next(simulator_pages(Settings(incidents=2 * INCIDENTS)))


def simulator_pages(settings: Settings) -> Iterator[bytes]:
    """Everything the upstream lists, of all years, page by page."""
    from sandbox.simulator import running_simulator  # noqa: PLC0415 - see above

    with running_simulator(settings) as simulator, requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {simulator.token}"
        number = total = 1
        while number <= total:
            query = f"from=2000-01-01&to={settings.today}&page={number}"
            answer = session.get(f"{simulator.url}?{query}", timeout=60)
            answer.raise_for_status()
            said = _TOTAL_PAGES.search(answer.content)
            assert said is not None  # the simulator always says it
            number, total = number + 1, int(said[1])
            yield answer.content


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
