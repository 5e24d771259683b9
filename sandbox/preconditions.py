"""What must hold before anything is started: places that can be written, parameters that the template has.

The rule: what would fail after half a minute of starting is found in the first moment, and said in one line.
"""

import tempfile
from pathlib import Path

from sandbox.cloudformation import TemplateError, load
from sandbox.options import Options


class PlaceError(Exception):
    """A folder or file that somebody named cannot be used."""


def check(options: Options) -> None:
    """Makes the folders too. Raises PlaceError, TemplateError."""
    _check_parameters(options)
    if options.data is not None:
        # It will hold the district's credential as the embedded AWS keeps it: its owner's to read.
        _make_folder("--data", options.data, options.data)
    _make_folder("--demo-file", options.demo_file, options.demo_file.parent)
    if options.demo_file.is_dir():
        raise PlaceError(f"--demo-file {options.demo_file} is a folder: name a file")


def _check_parameters(options: Options) -> None:
    known = load(options.template).get("Parameters") or {}
    unknown = [name for name in options.parameters if name not in known]
    if unknown:
        there = ", ".join(known) or "none"
        raise TemplateError(f"{options.template.name} has no parameter {unknown[0]}; it has {there}")


def _make_folder(option: str, given: Path, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Permissions alone do not tell: a read-only mount or /proc has fine ones.
        with tempfile.TemporaryFile(dir=folder):
            return
    except FileExistsError:
        raise PlaceError(f"{option} {given}: {folder} is a file and must be a folder") from None
    except OSError as error:
        raise PlaceError(f"{option} {given} cannot be written: {error.strerror}") from None
