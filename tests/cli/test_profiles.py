"""Profiles: an address in a file, its token in the keyring, and never one with the token of another."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked
from typer.testing import Result

from tests.cli.conftest import Terminal


class Shelf(KeyringBackend):
    """A keyring of the test's own. `locked`: nobody opens it."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring types it so
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._open()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._open()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._open()
        del self.kept[service, username]

    def _open(self) -> None:
        if self.locked:
            raise KeyringLocked


@dataclass(slots=True)
class Desk:
    terminal: Terminal
    shelf: Shelf
    file: Path
    address: str = field(init=False)

    def __post_init__(self) -> None:
        self.address = str(self.terminal.environment["HALLPASS_URL"])

    def run(self, *arguments: str, typed: str = "", **environment: str | None) -> Result:
        nothing: dict[str, str | None] = {"HALLPASS_URL": None, "HALLPASS_TOKEN": None}
        given = {**nothing, "HALLPASS_CONFIG": str(self.file), **environment}
        return self.terminal.run(*arguments, typed=typed, **given)

    def add(self, name: str) -> Result:
        return self.run("profile", "add", name, "--url", self.address, typed=self.terminal.office.operator + "\n")


@pytest.fixture
def desk(terminal: Terminal, tmp_path: Path) -> Iterator[Desk]:
    usual, shelf = keyring.get_keyring(), Shelf()
    keyring.set_keyring(shelf)
    yield Desk(terminal, shelf, tmp_path / "folder" / "config.toml")
    keyring.set_keyring(usual)


def test_a_profile_is_used_by_its_name_and_its_token_is_in_no_file(desk: Desk) -> None:
    added = desk.add("work")
    assert (added.exit_code, "--profile work" in added.stdout) == (0, True)
    token = desk.terminal.office.operator
    assert token not in desk.file.read_text() + added.output
    assert desk.shelf.kept == {("hallpass", "work"): token}
    assert desk.run("--profile", "work", "district", "list").exit_code == 0
    assert desk.run("district", "list", HALLPASS_PROFILE="work").exit_code == 0
    assert desk.run("district", "list").exit_code == 2


def test_the_default_is_used_unless_another_is_named(desk: Desk) -> None:
    assert "unless another is named" in desk.add("default").stdout
    assert desk.run("district", "list").exit_code == 0
    other = desk.run("--profile", "other", "district", "list")
    assert (other.exit_code, "There is no profile other" in other.stderr) == (2, True)


@pytest.mark.parametrize("missing", ["HALLPASS_URL", "HALLPASS_TOKEN"])
def test_an_address_never_gets_the_token_of_another(desk: Desk, missing: str) -> None:
    desk.add("default")
    given: dict[str, str | None] = {
        "HALLPASS_URL": desk.address,
        "HALLPASS_TOKEN": desk.terminal.office.operator,
        missing: None,
    }
    result = desk.run("district", "list", typed="", **given)
    assert (result.exit_code, f"Set {missing}" in result.stderr) == (2, True)


def test_a_profile_that_is_named_goes_before_the_environment(desk: Desk) -> None:
    desk.add("work")
    elsewhere: dict[str, str | None] = {"HALLPASS_URL": "http://127.0.0.1:9", "HALLPASS_TOKEN": "hp_admin_elsewhere"}
    result = desk.run("--profile", "work", "district", "list", typed="", **elsewhere)
    assert result.exit_code == 0


def test_profiles_are_listed_and_forgotten(desk: Desk) -> None:
    assert "None yet." in desk.run("profile", "list").stdout
    for name in ("work", "home"):
        desk.add(name)
    assert desk.run("profile", "list", "--json").stdout.count('"url"') == 2
    assert "work" in desk.run("profile", "list").stdout
    assert desk.run("profile", "remove", "work", typed="n\n").exit_code == 1
    assert desk.run("profile", "remove", "work", "--yes").exit_code == 0
    assert list(desk.shelf.kept) == [("hallpass", "home")]
    assert "work" not in desk.file.read_text()
    assert desk.run("profile", "remove", "work", "--yes").exit_code == 2
    desk.shelf.kept.clear()
    lost = desk.run("--profile", "home", "district", "list")
    assert (lost.exit_code, "no token for home" in lost.stderr) == (2, True)
    assert desk.run("profile", "remove", "home", "--yes").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "typed", "told"),
    [
        pytest.param(["a b", "--url=https://h.example"], "t", "1 to 32 letters", id="a name with a space"),
        pytest.param(["work", "--url=ftp://h.example"], "t", "Set HALLPASS_URL", id="another scheme"),
        pytest.param(["work", '--url=https://h.example/"'], "t", "characters that none has", id="a quotation mark"),
        pytest.param(["work", "--url=https://h.example"], "", "token is empty", id="no token"),
    ],
)
def test_what_cannot_be_kept_is_told(desk: Desk, arguments: list[str], typed: str, told: str) -> None:
    result = desk.run("profile", "add", *arguments, typed=f"{typed}\n")
    assert (result.exit_code, told in result.stderr) == (2, True)
    assert (desk.shelf.kept, desk.file.exists()) == ({}, False)


@pytest.mark.parametrize("content", ["[profiles", "profiles = 1", "[profiles.work]\nname = 1", "\xff"])
def test_a_file_that_is_broken_is_told(desk: Desk, content: str) -> None:
    desk.file.parent.mkdir()
    desk.file.write_bytes(content.encode("latin-1"))
    result = desk.run("profile", "list")
    assert (result.exit_code, "is not as `hallpass profile add` writes it" in result.stderr) == (2, True)


def test_a_file_that_cannot_be_written_is_told(desk: Desk) -> None:
    desk.file.parent.write_text("in the way")
    assert "cannot be written" in desk.add("work").stderr


def test_a_keyring_that_cannot_be_used_is_told_and_what_to_do(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.shelf.locked = True
    locked = desk.add("work")
    assert (locked.exit_code, "set HALLPASS_URL and HALLPASS_TOKEN" in locked.stderr) == (2, True)
    monkeypatch.setitem(sys.modules, "keyring", None)
    absent = desk.add("work")
    assert (absent.exit_code, "pip install keyring" in absent.stderr) == (2, True)
    assert not desk.file.exists()
