"""What the sandbox's commands say to whoever started them.

The rule: nobody listening is no reason to fail. A reader of a pipe may leave; children still have to be ended.
"""

import os
import sys


def say(text: str) -> bool:
    """One text and a newline on stdout, at once. False if nobody reads it any more."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # To nowhere from here on, so that the interpreter's own last flush does not fail either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True
