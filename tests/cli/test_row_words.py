"""What no row can bear is refused before anything is asked."""

from __future__ import annotations

import pytest
from hallpass_cli import row_words
from hallpass_cli.failures import UsageError
from hallpass_cli.main import app
from typer.testing import CliRunner


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        pytest.param({"integration": "nope"}, "8 letters and digits", id="no integration's id"),
        pytest.param({"integration": "D2ndVnd1"}, "is none of D1st", id="another district's integration"),
        pytest.param({"token": "x"}, "--token is an id", id="no token's id"),
        pytest.param({"actor": "pat@made.up"}, "--actor is an id", id="no person's id"),
        pytest.param({"action": "incident.read"}, "Did you mean incidents.read", id="an action that is misspelt"),
        pytest.param({"action": "zzz"}, "There is no action zzz", id="no action"),
        pytest.param({"problem": "token-revokd"}, "Did you mean token-revoked", id="a problem that is misspelt"),
        pytest.param({"status": "40"}, "403, or a class such as 4xx", id="no status"),
        pytest.param({"status": "6xx"}, "403, or a class such as 4xx", id="no class"),
    ],
)
def test_a_mistake_is_no_question(asked: dict[str, str | None], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        row_words.check("D1st", asked)


@pytest.mark.parametrize("district", ["D1st", "none", None])
def test_what_rows_can_bear_is_asked(district: str | None) -> None:
    ids = {"integration": "D1stVnd1", "token": "Tok1", "actor": "Person01"}
    row_words.check(district, {**ids, "action": "token.revoke", "problem": "token-revoked", "status": "403"})
    row_words.check(district, {"status": "4xx"})
    row_words.check(district, dict.fromkeys(ids))


@pytest.mark.parametrize("command", [["search", "D1st"], ["tail", "--log-group", "none"]])
@pytest.mark.parametrize("option", ["--problem=token-revokd", "--status=6xx", "--integration=nope"])
def test_both_commands_refuse_before_they_ask(command: list[str], option: str) -> None:
    done = CliRunner().invoke(app, ["audit", *command, option], env={"HALLPASS_URL": "http://127.0.0.1:1"})
    assert done.exit_code == UsageError.exit_code
