"""`python -m sandbox.logs`: what the functions of a running sandbox logged, as CloudWatch Logs has it.

Without options the audit lines, one a request; with --all also metrics, errors and Lambda's own lines.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.aws import client
from sandbox.console import say
from sandbox.options import Options

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

_POLL = 0.5


def messages(logs: "CloudWatchLogsClient", group: str, since_ms: int, follow: bool) -> Iterator[str]:
    """Every message of the group from that time on, once; with `follow`, for ever."""
    seen: set[str] = set()
    while True:
        # One call, not a paginator: the stand-in gives no token for a next page.
        events = logs.filter_log_events(logGroupName=group, startTime=since_ms)["events"]
        new = [event for event in events if event.get("eventId", "") not in seen]
        for event in new:
            seen.add(event.get("eventId", ""))
            since_ms = max(since_ms, event.get("timestamp", 0))
            yield event.get("message", "")
        if new:
            continue
        if not follow:
            return
        time.sleep(_POLL)


def is_audit(message: str) -> bool:
    """Whether it is a request's audit line."""
    try:
        line: Any = json.loads(message)
    except ValueError:
        return False
    return isinstance(line, dict) and line.get("type") == "audit"


def main(arguments: Sequence[str]) -> int:
    """Prints the lines; 1 if no sandbox runs."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.logs", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("function", nargs="?", default="VendorApiFunction", help="its name in template.yaml")
    parser.add_argument("--all", action="store_true", help="metrics, errors and Lambda's own lines too")
    parser.add_argument("--follow", action="store_true", help="go on until Ctrl-C")
    parser.add_argument("--last", type=int, default=0, metavar="N", help="only the last N lines")
    parser.add_argument("--demo-file", type=Path, default=Options().demo_file, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    try:
        demo = json.loads(given.demo_file.read_text(encoding="utf-8"))
        found = messages(client("logs", demo["aws_endpoint"]), demo["log_groups"][given.function], 0, given.follow)
        wanted = (message for message in found if given.all or is_audit(message))
        for message in list(wanted)[-given.last :] if given.last else wanted:
            if not say(message):
                break
    except KeyError as error:
        print(f"logs: {given.demo_file} knows no {error}", file=sys.stderr)
        return 1
    except (OSError, ValueError, BotoCoreError, ClientError) as error:
        print(f"logs: no sandbox seems to run (make run): {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
