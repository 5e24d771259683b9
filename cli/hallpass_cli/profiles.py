"""`hallpass profile`: several deployments by name, each with its address in a file and its token in the OS keyring.

Rule: no token is ever in the file. An address and a token are used together or not at all.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

from hallpass_cli.addresses import check_address
from hallpass_cli.failures import UsageError
from hallpass_cli.output import AsJson, Yes, confirm, show_json, show_rows

SERVICE = "hallpass"
USUAL = "default"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)
# What a basic string of TOML holds as it stands.
_PLAIN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+", re.ASCII)

app = typer.Typer(help="Deployments by name: address in a file, token in the keyring.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Letters, digits, - and _. `default` is used unless another is named.")]


@app.command(epilog="Example: hallpass profile add work --url https://hallpass.example.org")
def add(name: Name, url: Annotated[str, typer.Option(help="The address of Hallpass.")]) -> None:
    """Keep an address and its token.

    The token is read from HALLPASS_TOKEN, from a pipe, or asked for; never from an option.
    """
    _check(name)
    check_address(url)
    if not _PLAIN.fullmatch(url):
        raise UsageError("The address holds characters that none has.")
    token = _token_given()
    known = _read()
    _keyring().set_password(SERVICE, name, token)
    _write({**known, name: url})
    typer.echo("It is used unless another is named." if name == USUAL else f"Use it: hallpass --profile {name} ...")


@app.command("list")
def list_all(as_json: AsJson = False) -> None:
    """List the profiles."""
    listed = [{"name": name, "url": url} for name, url in sorted(_read().items())]
    if as_json:
        show_json({"profiles": listed})
    else:
        show_rows(("name", "url"), listed, "None yet.")


@app.command()
def remove(name: Name, yes: Yes = False) -> None:
    """Forget an address and its token."""
    known = _read()
    if name not in known:
        raise UsageError(f"There is no profile {_check(name)}.")
    confirm(f"Forget {name} and its token?", yes=yes)
    # First the file: a token without an address is of no use to anybody.
    _write({kept: url for kept, url in known.items() if kept != name})
    _forget(name)


def chosen(name: str | None) -> tuple[str, str] | None:
    """Address and token of a profile; None when none is named and there is no `default`. Raises UsageError."""
    known, wanted = _read(), name or USUAL
    if wanted not in known:
        if name is None:
            return None
        raise UsageError(f"There is no profile {_check(name)}: `hallpass profile list` tells those there are.")
    token = _keyring().get_password(SERVICE, wanted)
    if not token:
        raise UsageError(f"The keyring has no token for {wanted}: `hallpass profile add` keeps one.")
    return known[wanted], str(token)


def _check(name: str) -> str:
    """Raises UsageError."""
    if not _NAME.fullmatch(name):
        raise UsageError("A profile's name is 1 to 32 letters, digits, - and _.")
    return name


def _path() -> Path:
    told = os.environ.get("HALLPASS_CONFIG")
    return Path(told) if told else Path(typer.get_app_dir("hallpass")) / "config.toml"


def _read() -> dict[str, str]:
    """Addresses by name. Raises UsageError."""
    path = _path()
    if not path.exists():
        return {}
    try:
        profiles = tomllib.loads(path.read_text(encoding="utf-8")).get("profiles", {})
        return {str(name): str(profile["url"]) for name, profile in profiles.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path} is not as `hallpass profile add` writes it.") from error


def _write(profiles: dict[str, str]) -> None:
    path = _path()
    told = "".join(f'[profiles.{name}]\nurl = "{url}"\n' for name, url in sorted(profiles.items()))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(told, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written.") from error


def _token_given() -> str:
    given = os.environ.get("HALLPASS_TOKEN")
    if given is None and sys.stdin.isatty():
        given = typer.prompt("Your admin token", hide_input=True, err=True)
    elif given is None:
        given = sys.stdin.readline()
    token = str(given).strip()
    if not token:
        raise UsageError("The token is empty.")
    return token


def _forget(name: str) -> None:
    if _keyring().get_password(SERVICE, name) is not None:
        _keyring().delete_password(SERVICE, name)


class _Keyring:
    """The OS keyring, whose failures are told as what to do instead."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def get_password(self, service: str, name: str) -> str | None:
        found: str | None = self._asked("get_password", service, name)
        return found

    def set_password(self, service: str, name: str, token: str) -> None:
        self._asked("set_password", service, name, token)

    def delete_password(self, service: str, name: str) -> None:
        self._asked("delete_password", service, name)

    def _asked(self, what: str, *told: str) -> Any:
        try:
            return getattr(self._module, what)(*told)
        except self._module.errors.KeyringError as error:
            advice = "The keyring of this machine cannot be used: set HALLPASS_URL and HALLPASS_TOKEN instead."
            raise UsageError(advice) from error


def _keyring() -> _Keyring:
    """Raises UsageError."""
    try:
        import keyring  # noqa: PLC0415 - only who uses profiles needs it
        import keyring.errors  # noqa: PLC0415 - as above
    except ImportError as error:
        raise UsageError("Profiles need the package keyring: pip install keyring.") from error
    return _Keyring(keyring)
