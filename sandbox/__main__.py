"""`python -m sandbox`. Looks first whether this Python and its packages will do, and says so if not.

The rule: this file runs on any Python 3, so that the wrong one is told in a line and not by a traceback.
"""

import importlib.util
import sys

_NEEDED = ("aiohttp", "boto3", "ministack", "requests", "yaml")


def _why_not() -> "str | None":
    if sys.version_info < (3, 11):  # noqa: UP036 - the check is for whoever runs an older one
        found = ".".join(str(number) for number in sys.version_info[:2])
        return f"Python 3.11 or newer is needed, this is {found} ({sys.executable})"
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        return f"not installed in {sys.executable}: {', '.join(missing)}. `make run` installs them"
    return None


if __name__ == "__main__":
    reason = _why_not()
    if reason is not None:
        sys.exit("sandbox: " + reason)
    try:
        from sandbox.main import main
    except KeyboardInterrupt:
        # Ctrl-C before there was anything to end.
        sys.exit(130)
    sys.exit(main(sys.argv[1:]))
