"""Settings from words: command-line options and JSON, both made from the settings' own types.

The rule: a new setting needs no line here; its type, default and words are read off `Settings`.
"""

import argparse
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any, get_type_hints

from sandbox.simulator.settings import Account, Settings, choices, words

_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})


def read_bool(text: str) -> bool:
    """A switch in any of the usual spellings; ValueError for anything else."""
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    raise ValueError(f"{text!r} is neither true nor false")


def read_account(text: str) -> Account:
    """`name=token` or `name=token:incidents`."""
    name, equals, rest = text.partition("=")
    token, colon, incidents = rest.partition(":")
    if not (name and equals and token):
        raise ValueError("an account is name=token or name=token:incidents")
    return Account(name, token, int(incidents) if colon else None)


def _readers() -> dict[str, Any]:
    """How each setting's value is read from text."""
    by_type: dict[object, Any] = {bool: read_bool, int: int, float: float, date: date.fromisoformat}
    hints = get_type_hints(Settings)
    return {name: by_type.get(kind, str) for name, kind in hints.items() if name != "accounts"}


def add_options(parser: argparse.ArgumentParser) -> None:
    """An option for every setting; `--account` may be repeated."""
    allowed, readers, documented = choices(), _readers(), words()
    for setting in fields(Settings):
        name = setting.name
        if name == "accounts":
            text = "name=token or name=token:incidents, repeatable (default: one account, demo)"
            parser.add_argument("--account", action="append", type=read_account, metavar="ACCOUNT", help=text)
            continue
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=readers[name],
            choices=allowed.get(name),
            default=setting.default,
            metavar=None if name in allowed else name.upper(),
            help=f"{documented[name]} (default: {setting.default or repr(setting.default)})",
        )


def settings_from(options: argparse.Namespace) -> Settings:
    """The settings a command line means; ValueError for values no setting takes."""
    given = {name: getattr(options, name) for name in _readers()}
    if options.account:
        given["accounts"] = tuple(options.account)
    return Settings(**given)


def settings_changes(given: Mapping[str, Any]) -> dict[str, Any]:
    """Changes as JSON says them, in the settings' types; ValueError for a name or value that is not one."""
    changes: dict[str, Any] = {}
    readers = _readers()
    for name, value in given.items():
        if name == "accounts":
            changes[name] = tuple(Account(**account) for account in value)
        elif name not in readers:
            raise ValueError(f"no setting is called {name!r}; there are: {', '.join(words())}")
        else:
            changes[name] = readers[name](str(value))
    return changes
