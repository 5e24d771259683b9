"""What can be chosen when the sandbox starts, and the command line for it."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

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
    """The command line as Options. Exits with argparse's message on a bad one."""
    given = vars(_parser().parse_args(arguments))
    return Options(**{**given, "parameters": dict(given["parameters"])})


def _parser() -> argparse.ArgumentParser:
    usual = Options()
    made = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Hallpass on this machine: the deployed functions, an embedded AWS, a simulated upstream.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    made.add_argument("--port", type=int, default=usual.port, help="port on 127.0.0.1; 0 takes a free one")
    made.add_argument("--workers", type=_positive, default=usual.workers, help="processes for each function")
    made.add_argument("--data", type=Path, default=None, help="folder in which the state survives a restart")
    made.add_argument("--incidents", type=int, default=usual.incidents, help="size of the simulated district")
    made.add_argument(
        "--upstream", help="URL of a real upstream; its token is asked for, or taken from HALLPASS_UPSTREAM_TOKEN"
    )
    made.add_argument("--template", type=Path, default=usual.template, help=argparse.SUPPRESS)
    made.add_argument("--demo-file", type=Path, default=usual.demo_file, help="where urls, ids and tokens go")
    made.add_argument("--no-demo", dest="demo", action="store_false", help="make no demo district and tokens")
    made.add_argument(
        "--plain", action="store_true", help="run the handlers without awslambdaric, as where it has no wheel"
    )
    made.add_argument(
        "--parameter",
        dest="parameters",
        type=_assignment,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter of template.yaml, as often as needed",
    )
    return made


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError("must be NAME=VALUE")
    return name, value
