"""`hallpass sandbox`: the gateway on this machine, with invented data.

Rule: it is another program, started as one; what is written after `--` is for it.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import typer

from hallpass_cli.failures import UsageError

MISSING = "The sandbox is not installed here: `pip install 'hallpass[sandbox]'`, or `make run` in a checkout."


def sandbox(context: typer.Context) -> None:
    """Run the gateway on this machine with invented data, until Ctrl-C."""
    if find_spec("sandbox") is None:
        raise UsageError(MISSING)
    try:
        ended = subprocess.call([sys.executable, "-m", "sandbox", *context.args])  # noqa: S603 - our own program
    except KeyboardInterrupt:
        # It heard of it too, and has ended.
        ended = 0
    raise typer.Exit(ended)
