"""What can be chosen when the sandbox starts, and the command line for it."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Options:
    """`port` 0 is any free one; `data` None keeps nothing; `upstream` None is the simulator."""

    port: int = 8787
    workers: int = 2
    data: Path | None = None
    incidents: int = 8_000
    upstream: str | None = None
    template: Path = ROOT / "template.yaml"
    demo_file: Path = ROOT / ".sandbox" / "demo.json"
    demo: bool = True
    plain: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)


def parse(arguments: Sequence[str]) -> Options:
    """The command line as Options. Exits with one line on a bad one."""
    given = vars(_parser().parse_args(arguments))
    return Options(**{**given, "parameters": dict(given["parameters"])})


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the whole usage before it."""

    def error(self, message: str) -> NoReturn:
        print(f"sandbox: {message} (--help tells what there is)", file=sys.stderr)
        sys.exit(2)


def _parser() -> argparse.ArgumentParser:
    usual = Options()
    made = _Parser(
        prog="python -m sandbox",
        description="Hallpass on this machine: the deployed functions, an embedded AWS, a simulated upstream.",
    )

    def add(name: str, kind: Callable[[str], object], metavar: str, words: str) -> None:
        default = getattr(usual, name.strip("-").replace("-", "_"))
        made.add_argument(name, type=kind, metavar=metavar, default=default, help=words)

    add("--port", _number(0, 65_535), "N", "port on 127.0.0.1; 0 takes a free one (%(default)s)")
    add("--workers", _number(1, 100), "N", "processes for each function (%(default)s)")
    add("--data", Path, "DIR", "folder in which the state survives a restart")
    add("--incidents", _number(0, 100_000), "N", "size of the simulated district (%(default)s)")
    asked = "its token is asked for, or taken from HALLPASS_UPSTREAM_TOKEN"
    add("--upstream", _upstream, "URL", f"a real upstream; {asked}")
    add("--demo-file", Path, "FILE", "where urls, ids and tokens go (.sandbox/demo.json)")
    made.add_argument("--template", type=Path, default=usual.template, help=argparse.SUPPRESS)
    made.add_argument("--no-demo", dest="demo", action="store_false", help="make no demo district and tokens")
    made.add_argument(
        "--plain", action="store_true", help="run the handlers without awslambdaric, as where it has no wheel"
    )
    parameter = made.add_argument("--parameter", dest="parameters", type=_assignment, action="append", default=[])
    parameter.metavar, parameter.help = "NAME=VALUE", "a parameter of template.yaml, as often as needed"
    return made


def _number(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        # int() itself also reads other scripts' digits, spaces and underscores.
        value = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"must be a number from {least} to {most}")
        return value

    return number


def _upstream(text: str) -> str:
    if not _keeps_a_token(text):
        raise argparse.ArgumentTypeError(
            "must be https://, or http:// on this machine: the district's token is sent to it"
        )
    return text


def _keeps_a_token(url: str) -> bool:
    """Whether nobody on the way could read what is sent there."""
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port != 0 else None
    except ValueError:
        return False
    if not host or parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_here(host))


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError("must be NAME=VALUE")
    return name, value
