"""A file that its owner alone can read: the reports of what concerns children.

Rule: what is there is not overwritten unless that is said; a link is replaced, never followed.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from hallpass_cli.failures import CommandError, UsageError

OWNERS_ALONE = 0o600


def check_place(path: Path, *, force: bool) -> None:
    """Before work is done that the file is to tell of. Raises UsageError."""
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.")
    if path.is_dir() and not path.is_symlink():
        raise UsageError(f"{path} is a folder.")
    if not force and os.path.lexists(path):
        raise UsageError(f"{path} is there already: add --force to replace it.")


def write_private(path: Path, text: str, *, force: bool) -> None:
    """All of it or nothing. Raises UsageError, CommandError."""
    check_place(path, force=force)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNERS_ALONE), "w", encoding="utf-8", newline=""
        ) as file:
            file.write(text)
        if force:
            draft.replace(path)
        else:
            # Fails when somebody else was first.
            path.hardlink_to(draft)
    except OSError as error:
        raise CommandError(f"{path} could not be written ({type(error).__name__}).") from error
    finally:
        draft.unlink(missing_ok=True)
