"""`hallpass person invite|invitations|withdraw|accept|rotate`, against the real API."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Terminal

INVITE = ("person", "invite", "--name=Cy Inventado", "--role=auditor", "--days=9")


def test_an_invitation_is_accepted_by_who_has_the_code(terminal: Terminal) -> None:
    shown = terminal.run(*INVITE).stdout
    assert "hp_invite_" in shown
    invited = terminal.json(*INVITE)
    assert {one["id"] for one in terminal.json("person", "invitations")["invitations"]} > {invited["id"]}
    assert "Cy Inventado" in terminal.run("person", "invitations").stdout

    made = terminal.run("person", "accept", HALLPASS_INVITATION=invited["code"], HALLPASS_TOKEN=None)
    assert (made.exit_code, "hp_admin_" in made.stdout) == (0, True)
    again = terminal.run("person", "accept", typed=invited["code"] + "\n", HALLPASS_TOKEN=None)
    assert (again.exit_code, "was used" in again.stderr) == (1, True)


def test_a_code_on_the_pipe_is_accepted(terminal: Terminal) -> None:
    code = terminal.json(*INVITE)["code"]
    result = terminal.run("person", "accept", "--json", typed=code + "\n")
    assert (result.exit_code, '"role": "auditor"' in result.stdout) == (0, True)


@pytest.mark.parametrize("code", ["", "nonsense", "hp_admin"])
def test_what_is_no_invitation_is_not_sent(terminal: Terminal, code: str) -> None:
    given = terminal.office.operator if code == "hp_admin" else code
    result = terminal.run("person", "accept", typed=f"{given}\n")
    assert (result.exit_code, "no invitation" in result.stderr) == (2, True)
    assert terminal.office.operator not in result.output


def test_an_invitation_is_withdrawn_when_that_is_meant(terminal: Terminal) -> None:
    invited = terminal.json(*INVITE)["id"]
    assert terminal.run("person", "withdraw", invited, typed="n\n").exit_code == 1
    assert terminal.run("person", "withdraw", invited, "--yes").exit_code == 0
    assert terminal.json("person", "withdraw", invited, "--yes")["status"] == "withdrawn"
    assert "Nobody is invited." in terminal.run("person", "invitations").stdout


def test_who_rotates_goes_on_with_the_new_token(terminal: Terminal) -> None:
    rotated = terminal.json("person", "rotate", "--overlap-days=0")
    assert terminal.run("person", "list").exit_code == 1
    shown = terminal.run("person", "rotate", HALLPASS_TOKEN=rotated["token"])
    assert (shown.exit_code, "the old one ends" in shown.stdout) == (0, True)
    assert terminal.run("person", "rotate", HALLPASS_TOKEN="nonsense").exit_code == 2
