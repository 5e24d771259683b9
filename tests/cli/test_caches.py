"""What a person decides about a cache, purges of it, and how a district is deleted at the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hallpass.domain.erasure import Erased
from hallpass_cli import durations
from hallpass_cli.failures import UsageError

from tests.admin.test_purges import fill
from tests.cli.conftest import Terminal
from tests.page_eraser_fake import MemoryEraser
from tests.store.material import FIRST


@pytest.fixture
def eraser(terminal: Terminal) -> MemoryEraser:
    assert isinstance(terminal.office.desk.eraser, MemoryEraser)
    return terminal.office.desk.eraser


def test_a_policy_is_shown_in_words_and_changed_in_part(terminal: Terminal) -> None:
    district = terminal.district()
    shown = terminal.run("district", "cache", "show", district)
    assert [line.split() for line in shown.stdout.splitlines()] == [
        ["fresh_for", "5m"],
        ["stale_while_revalidate", "1h"],
        ["stale_if_error", "1d"],
        ["closed_after", "30d"],
        ["closed_fresh_for", "1d"],
        ["control", "override"],
        ["check", "guarded"],
    ]
    before = terminal.json("district", "cache", "show", district)["cache"]
    changed = terminal.json(
        "district", "cache", "set", district, "--fresh-for=90", "--closed-after=60d", "--check=verified"
    )
    assert changed["cache"] == before | {"fresh_for": 90, "closed_after": 5_184_000, "check": "verified"}
    again = terminal.run("district", "cache", "set", district, "--control", "honour", "--stale-if-error", "0")
    assert ["stale_if_error", "0s"] in [line.split() for line in again.stdout.splitlines()]
    assert terminal.json("district", "cache", "show", district)["cache"] == changed["cache"] | {
        "control": "honour",
        "stale_if_error": 0,
    }


def test_every_time_of_a_policy_has_its_option(terminal: Terminal) -> None:
    district = terminal.district()
    policy = terminal.json("district", "cache", "show", district)["cache"]
    for name in [name for name in policy if name not in ("control", "check")]:
        option = f"--{name.replace('_', '-')}=86400"
        assert terminal.json("district", "cache", "set", district, option)["cache"][name] == 86400


def test_what_the_api_refuses_of_a_policy_is_told(terminal: Terminal) -> None:
    district = terminal.district()
    refused = terminal.run("district", "cache", "set", district, "--fresh-for", "2d", "--check", "maybe")
    assert refused.exit_code == 1
    assert "fresh_for: Input should be less than or equal to 86400" in refused.stderr
    assert "check: " in refused.stderr
    for words in (["district", "cache", "set", district], ["district", "cache", "set", district, "--fresh-for=soon"]):
        assert terminal.run(*words).exit_code == 2


def test_walks_go_unchecked_when_that_is_typed(terminal: Terminal) -> None:
    district = terminal.district()
    off = ("district", "cache", "set", district, "--check", "off")
    refused = terminal.run(*off, typed="yes\n")
    assert (refused.exit_code, "may miss incidents" in refused.stderr) == (1, True)
    assert terminal.run(*off, "--confirm", "yes").exit_code == 2
    assert terminal.json("district", "cache", "show", district)["cache"]["check"] == "guarded"
    assert terminal.run(*off, typed="unchecked\n").exit_code == 0
    assert terminal.json(*off, "--confirm", "unchecked")["cache"]["check"] == "off"


def test_an_integration_is_allowed_and_capped(terminal: Terminal) -> None:
    integration = terminal.integration(terminal.district())
    words = ("integration", "cache", "set", integration)
    assert terminal.run(*words).exit_code == 2
    shown = terminal.run(*words, "--may-refresh", "--stale-cap", "10m")
    assert [line.split() for line in shown.stdout.splitlines()] == [["may_refresh", "yes"], ["stale_cap", "10m"]]
    assert terminal.json(*words, "--no-may-refresh")["integration"]["cache"] == {
        "may_refresh": False,
        "stale_cap": 600,
    }
    back = terminal.run(*words, "--stale-cap", "district")
    assert back.stdout.splitlines()[1].split() == ["stale_cap", "as", "the", "district"]
    assert terminal.run(*words, "--stale-cap", "8d").exit_code == 1


def test_a_hard_purge_asks_and_tells_what_was_erased(terminal: Terminal, eraser: MemoryEraser) -> None:
    district = terminal.district()
    fill(terminal.office, district)
    words = ("cache", "purge", district, "--hard")
    assert terminal.run(*words, typed="n\n").exit_code == 1
    assert eraser.targets == []
    purged = terminal.run(*words, typed="y\n")
    assert purged.exit_code == 0
    told = [line.split() for line in purged.stdout.splitlines()]
    assert ["pages", "1"] in told
    assert ["artefacts", "2"] in told
    assert "Proven" in purged.stdout
    assert "Say it again after 20" in purged.stdout
    assert terminal.json(*words, "--yes")["erased"]["pages"] == 0


def test_a_soft_purge_tells_how_many_listings(terminal: Terminal) -> None:
    district = terminal.district()
    fill(terminal.office, district)
    done = terminal.run("cache", "purge", district, "--soft", "--yes")
    assert done.stdout == "1 listings are read anew when they are asked for next.\n"
    assert terminal.json("cache", "purge", district, "--soft", "--yes")["stale"] == {"listings": 1}


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--type=minor", "--from=2026-01-01", "--to=2026-01-31"], "type=minor&from=2026-01-01&to=2026-01-31"),
        (["--deleted"], "deleted=1"),
        (["--type=referral"], "type=referral"),
    ],
)
def test_one_listing_is_purged_by_its_parameters(
    terminal: Terminal, eraser: MemoryEraser, options: list[str], named: str
) -> None:
    terminal.json("cache", "purge", terminal.district(), "--hard", "--yes", *options)
    [target] = eraser.targets
    assert target.listing.query.canonical() == named  # type: ignore[union-attr]  # else it has none


def test_one_snapshot_is_purged_by_its_id(terminal: Terminal, eraser: MemoryEraser) -> None:
    district = terminal.district()
    terminal.json("cache", "purge", district, "--hard", "--yes", "--snapshot", FIRST)
    assert eraser.targets[0].snapshot == FIRST  # type: ignore[union-attr]  # else it has none
    soft = terminal.run("cache", "purge", district, "--soft", "--yes", "--snapshot", FIRST)
    assert (soft.exit_code, "goes with a hard purge" in soft.stderr) == (1, True)
    assert terminal.run("cache", "purge", district, "--yes").exit_code == 2
    assert terminal.run("cache", "purge", "no/id", "--hard", "--yes").exit_code == 2


def in_parts(eraser: MemoryEraser, monkeypatch: pytest.MonkeyPatch, parts: list[dict[str, int]]) -> None:
    """Each call erases a part, and only the last one finishes."""
    left = list(parts)

    def erase(*_: object) -> Erased:
        return Erased(**left.pop(0), finished=not left)

    monkeypatch.setattr(MemoryEraser, "erase", erase)


@pytest.mark.parametrize("command", ["purge", "delete"])
def test_what_takes_longer_than_a_request_is_asked_for_again_and_added_up(
    terminal: Terminal, eraser: MemoryEraser, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    district = terminal.district()
    integration = terminal.integration(district)
    in_parts(eraser, monkeypatch, [{"artefacts": 25, "bytes": 7, "watched": 3}, {}, {"artefacts": 5, "watched": 1}])
    words: dict[str, Callable[[], Any]] = {
        "purge": lambda: terminal.json("cache", "purge", district, "--hard", "--yes"),
        "delete": lambda: terminal.json("district", "delete", district, "--confirm", district),
    }
    answer = words[command]()
    assert answer["finished"]
    assert {name: answer["erased"][name] for name in ("artefacts", "bytes", "watched")} == {
        "artefacts": 30, "bytes": 7, "watched": 1,
    }  # fmt: skip
    assert answer.get("integrations_ended") == (1 if command == "delete" else None)
    assert integration[:4] == district


def test_what_does_not_get_on_is_given_up(terminal: Terminal, eraser: MemoryEraser) -> None:
    eraser.calls_needed = 100
    given_up = terminal.run("cache", "purge", terminal.district(), "--hard", "--yes")
    assert (given_up.exit_code, "Nothing more was erased" in given_up.stderr) == (1, True)
    assert len(eraser.targets) == 5


def test_what_can_still_be_read_is_no_success(terminal: Terminal, eraser: MemoryEraser) -> None:
    eraser.stubborn = True
    failed = terminal.run("cache", "purge", terminal.district(), "--hard", "--yes")
    assert (failed.exit_code, "can still be read (500)" in failed.stderr, "Proven" in failed.output) == (1, True, False)


def test_a_district_is_deleted_when_its_id_is_typed(terminal: Terminal) -> None:
    district = terminal.district()
    integration = terminal.integration(district)
    fill(terminal.office, district)
    words = ("district", "delete", district)
    refused = terminal.run(*words, typed="y\n")
    assert (refused.exit_code, "every integration of Invented Unified" in refused.stderr) == (1, True)
    assert terminal.run(*words, "--confirm", "D2nd").exit_code == 2
    assert terminal.json("integration", "show", integration)["integration"]["status"] == "active"
    done = terminal.run(*words, typed=f"{district}\n")
    assert done.exit_code == 0, done.output
    told = [line.split() for line in done.stdout.splitlines()]
    assert ["integrations", "ended", "1"] in told
    assert ["pages", "1"] in told
    assert "Say it again after" in done.stdout
    shown = terminal.run("district", "show", district).stdout
    assert "ended" in shown
    assert "ended_at" in shown


@pytest.mark.parametrize(
    ("text", "count"), [("0", 0), ("90", 90), ("90s", 90), ("5m", 300), ("24h", 86400), ("30d", 2_592_000)]
)
def test_a_time_is_read(text: str, count: int) -> None:
    assert durations.seconds("--x", text) == count
    assert durations.seconds("--x", durations.words(count)) == count


@pytest.mark.parametrize("text", ["", "m", "-1", "1.5h", "5 m", "5M", "１m", "1e3", "9999999999"])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="--x is a number of seconds"):
        durations.seconds("--x", text)
