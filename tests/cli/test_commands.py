"""What a person does with `hallpass`, and what a script reads from it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hallpass.domain.tokens import parse_token

from tests.admin.conftest import CREDENTIAL
from tests.cli.conftest import SCOPE, TODAY, Terminal


def test_a_district_is_shown_and_asked_about_before_it_is_made(terminal: Terminal) -> None:
    named = ("district", "create", "--name", "Invented Unified", "--time-zone", "America/Chicago")
    refused = terminal.run(*named, typed="n\n")
    assert refused.exit_code == 1
    assert "The token opens 4 pages; on the first are 4 incidents of:" in refused.stderr
    assert "Invented High: 2" in refused.stderr
    assert terminal.json("district", "list") == {"districts": [], "next": None}
    agreed = terminal.run(*named, typed="y\n")
    assert agreed.exit_code == 0
    assert [one["name"] for one in terminal.json("district", "list")["districts"]] == ["Invented Unified"]
    assert CREDENTIAL not in refused.output + agreed.output


def test_the_upstream_token_may_come_from_a_pipe(terminal: Terminal) -> None:
    named = ("district", "create", "--name", "N", "--time-zone", "UTC")
    unasked = terminal.run(*named, typed=CREDENTIAL + "\n", HALLPASS_UPSTREAM_TOKEN=None)
    assert (unasked.exit_code, "add --yes" in unasked.stderr) == (2, True)
    made = terminal.run(*named, "--yes", typed=CREDENTIAL + "\n", HALLPASS_UPSTREAM_TOKEN=None)
    assert made.exit_code == 0
    assert terminal.run(*named, "--yes", typed="\n", HALLPASS_UPSTREAM_TOKEN=None).exit_code == 2


def test_the_way_from_a_district_to_a_token(terminal: Terminal) -> None:
    district = terminal.district()
    shown = terminal.run("district", "show", district)
    assert "America/Chicago" in shown.stdout
    integration = terminal.integration(district)
    assert "Madeup Analytics" in terminal.run("integration", "list", district).stdout
    assert '"days": 30' in terminal.run("integration", "show", integration).stdout
    issued = terminal.run("token", "issue", integration, "--days", "90")
    text = next(word for word in issued.stdout.split() if word.startswith("hp_live_"))
    assert parse_token(text).holder_id == integration
    assert "not shown again" in issued.stdout
    used = datetime(2026, 3, 4, 15, 0, 59, tzinfo=UTC)
    terminal.office.desk.usage.token_used(integration, parse_token(text).token_id, used)
    listed = terminal.run("token", "list", integration)
    assert " 2026-03-04T15:00Z" in listed.stdout, "a use within a minute of it was not noted"
    assert parse_token(text).token_id in listed.stdout
    assert text not in listed.stdout


def test_a_day_ends_in_the_districts_time_zone(terminal: Terminal) -> None:
    integration = terminal.integration(terminal.district("Asia/Kolkata"))
    day = TODAY + timedelta(days=60)
    issued = terminal.json("token", "issue", integration, f"--expires-at={day}")
    assert issued["details"]["expires_at"] == f"{day}T18:30:00Z"
    other = terminal.json("token", "issue", integration, f"--expires-at={day}T12:00:00+01:00")
    assert other["details"]["expires_at"] == f"{day}T11:00:00Z"


def test_tokens_pause_resume_rotate_and_end(terminal: Terminal) -> None:
    integration = terminal.integration(terminal.district())
    token = terminal.json("token", "issue", integration, "--days", "30")["id"]
    for verb, status in (("pause", "paused"), ("resume", "active")):
        options = ("--yes",) if verb == "pause" else ()
        assert status in terminal.run("token", verb, integration, token, *options).stdout
    rotated = terminal.run("token", "rotate", integration, token, "--overlap-days", "3")
    assert "the old one ends" in rotated.stdout
    assert "hp_live_" in rotated.stdout
    kept = terminal.run("token", "revoke", integration, token, typed="n\n")
    assert kept.exit_code == 1
    assert terminal.json("token", "revoke", integration, token, "--yes")["token"]["status"] == "revoked"
    listed = terminal.json("token", "list", integration)["tokens"]
    again = next(one["id"] for one in listed if one["status"] == "active")
    ended = terminal.json("token", "rotate", integration, again, "--days", "20")
    assert ended["replaces"]["id"] == again


def test_integrations_pause_resume_and_stop(terminal: Terminal) -> None:
    integration = terminal.integration(terminal.district())
    terminal.json("token", "issue", integration, "--days", "30")
    assert terminal.json("integration", "pause", integration, "--yes")["integration"]["status"] == "paused"
    assert "active" in terminal.run("integration", "resume", integration).stdout
    assert terminal.run("integration", "stop", integration, typed="n\n").exit_code == 1
    stopped = terminal.run("integration", "stop", integration, typed="y\n")
    # The typed answer stands before it, as on a terminal.
    assert stopped.exit_code == 0
    assert stopped.stdout.splitlines()[-1] == "1 token revoked at once; new ones can be issued."
    assert [one["status"] for one in terminal.json("token", "list", integration)["tokens"]] == ["revoked"]


def test_stop_says_how_many_tokens_it_ended(terminal: Terminal) -> None:
    integration = terminal.integration(terminal.district())

    def stop() -> str:
        return terminal.run("integration", "stop", integration, "--yes").stdout

    assert stop() == "0 tokens revoked at once; new ones can be issued.\n"
    for _ in range(2):
        terminal.json("token", "issue", integration, "--days", "30")
    assert stop() == "2 tokens revoked at once; new ones can be issued.\n"
    assert stop() == "0 tokens revoked at once; new ones can be issued.\n"
    assert terminal.json("integration", "stop", integration, "--yes")["tokens_revoked"] == 0


def test_people_come_and_go(terminal: Terminal) -> None:
    district = terminal.district()
    made = terminal.run("person", "create", "--name=Bo", "--role=district-admin", f"--district={district}", "--days=30")
    token = next(word for word in made.stdout.split() if word.startswith("hp_admin_"))
    person = parse_token(token).holder_id
    assert terminal.run("district", "show", district, HALLPASS_TOKEN=token).exit_code == 0
    assert "district-admin" in terminal.run("person", "list").stdout
    assert "revoked" in terminal.run("person", "revoke", person, "--yes").stdout
    assert terminal.run("district", "list", HALLPASS_TOKEN=token).exit_code == 1
    day = TODAY + timedelta(days=60)
    dated = terminal.json("person", "create", "--name=Cy", "--role=operator", f"--expires-at={day}")
    assert dated["person"]["token"]["expires_at"] == f"{day + timedelta(days=1)}T00:00:00Z"
    assert terminal.json("person", "revoke", dated["id"], "--yes") == {
        "id": dated["id"], "status": "revoked", "brought_in": [],
    }  # fmt: skip
    assert len(terminal.json("person", "list")["people"]) == 3


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        (["--all-schools", "--unbounded", "--deleted"], {"schools": "all", "window": "unbounded", "deleted": True}),
        (
            ["--school=10", "--school=9", "--from=2026-01-01", "--to=2026-02-01"],
            {"schools": ["10", "9"], "window": {"from": "2026-01-01", "to": "2026-02-01"}, "deleted": False},
        ),
    ],
)
def test_what_is_wide_is_said(terminal: Terminal, options: list[str], rows: dict[str, object]) -> None:
    made = terminal.json("integration", "create", terminal.district(), *SCOPE[:-2], *options)
    assert made["integration"]["scope"]["rows"] == {"types": ["minor"], **rows}


def test_the_upstreams_bytes_are_granted_by_typing_their_name(terminal: Terminal) -> None:
    everything = ("--type=referral", "--type=pending", "--all-schools", "--unbounded", "--deleted")
    words = (*(word for word in SCOPE[:-2] if "fields" not in word), "--fields=upstream@1", *everything)
    district = terminal.district()
    for typed in ("", "n\n", "y\n", "yes\n", "upstream\n", "UPSTREAM@1\n"):
        refused = terminal.run("integration", "create", district, *words, typed=typed)
        asked = "shows everything the upstream sends" in refused.stderr
        assert (refused.exit_code, asked) == (1, True)
    for wrong in (["--yes"], ["--confirm=yes"], ["--confirm="]):
        assert terminal.run("integration", "create", district, *words, *wrong, typed="upstream@1\n").exit_code == 2
    assert terminal.json("integration", "list", district) == {"integrations": [], "next": None}
    assert terminal.run("integration", "create", district, *words, typed="upstream@1\n").exit_code == 0
    assert terminal.run("integration", "create", district, *words, "--confirm=upstream@1").exit_code == 0


def test_empty_lists_say_so(terminal: Terminal) -> None:
    assert terminal.run("district", "list").stdout == "No districts yet.\n"
    district = terminal.district()
    assert terminal.run("integration", "list", district).stdout == "No integrations yet.\n"
    assert terminal.run("token", "list", terminal.integration(district)).stdout == "No tokens yet.\n"


def test_what_a_terminal_would_obey_is_shown_as_text(terminal: Terminal) -> None:
    terminal.office.upstream.pages[1] = (
        '<incidents count="1" page="1" total-pages="1"><incident uuid="u" type="minor">'
        '<school code="[red]1[/red]">\u202eInvented \u0085[2J</school></incident></incidents>'
    ).encode()
    named = ("district", "create", "--name", "[bold]N[/bold]", "--time-zone", "UTC")
    shown = terminal.run(*named, typed="y\n")
    assert "[red]1[/red]" in shown.stderr
    assert "[bold]N[/bold]" in shown.stdout
    assert "\u202e" not in shown.output
    assert "\u0085" not in shown.output


def test_every_answer_is_json_when_asked_for(terminal: Terminal) -> None:
    district = terminal.district()
    assert json.loads(terminal.run("district", "show", district, "--json").stdout)["district"]["id"] == district
