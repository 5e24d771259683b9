"""`python -m sandbox.invoke events/x.json`: one recorded event through one real worker, and its answer.

The function is the one that the template routes the event to; what is no HTTP request goes to the one whose schedule
sends it, or else to the one that another function is told the name of. A sandbox that runs is used for its embedded AWS
and its upstream; without one, an empty AWS is started for the occasion.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.aws import Aws, StandInError, answers, create_resources
from sandbox.children import Children
from sandbox.cloudformation import TemplateError
from sandbox.console import say
from sandbox.lambda_environment import Host, has_awslambdaric
from sandbox.options import Options
from sandbox.outcome import Answer, Outcome, new_trace
from sandbox.template import Function, Template, read
from sandbox.worker_pool import WorkerPool


class EventError(Exception):
    """The event cannot be sent."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A LogStream that is this process's stderr."""

    name: str

    def put(self, line: str) -> None:
        """One line of the function's log."""
        print(line, file=sys.stderr, flush=True)


def function_for(template: Template, event: dict[str, Any]) -> Function:
    """The function of the routeKey; of an event without one, that which is started with it. Raises EventError."""
    key = event.get("routeKey")
    if key is None:
        return _started_with(template, event)
    for route in template.routes:
        if route.key == key:
            return template.function(route.function)
    known = ", ".join(route.key for route in template.routes)
    raise EventError(f"no route of the template is {key!r}; it has {known}")


def _started_with(template: Template, event: dict[str, Any]) -> Function:
    """Schedules know each what they send; who invokes a function has its name in the environment."""
    scheduled = {one.function for one in template.schedules if json.loads(one.payload) == event}
    told = {value for function in template.functions for value in function.environment.values()}
    found = scheduled or {function.logical_id for function in template.functions if function.name in told}
    if len(found) != 1:
        raise EventError(
            "the event has no routeKey, is no schedule's, and not one function alone is invoked by another"
        )
    return template.function(found.pop())


def with_token(event: dict[str, Any], token: str | None) -> dict[str, Any]:
    """The event with this bearer token, if one is given."""
    if token is None:
        return event
    return {**event, "headers": {**event.get("headers", {}), "authorization": f"Bearer {token}"}}


async def invoke(options: Options, event: dict[str, Any]) -> Outcome:
    """The function's answer to the event; its log goes to stderr."""
    async with AsyncExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hallpass-invoke-")))
        children = Children()
        stack.callback(children.close)
        children.open()
        running = _running(options.demo_file)
        parameters = {"UpstreamUrl": running["upstream_url"], "PublicBaseUrl": running["url"]} if running else {}
        template = read(options.template, {**parameters, **options.parameters})
        function = function_for(template, event)
        endpoint = running["aws_endpoint"] if running else await _own_aws(stack, children, scratch, template)
        pool = WorkerPool(
            function,
            Host(endpoint, scratch, running.get("lambda_endpoint", "") if running else ""),
            children,
            lambda _, name: Printed(name),
            1,
            plain=not has_awslambdaric(),
        )
        stack.push_async_callback(pool.close)
        await pool.open()
        outcome = await pool.invoke(json.dumps(event).encode(), new_trace())
        await pool.settled()
        return outcome


def _running(demo_file: Path) -> dict[str, str] | None:
    try:
        told: dict[str, str] = json.loads(demo_file.read_text(encoding="utf-8"))
        alive = answers(told["aws_endpoint"])
    except (OSError, ValueError, KeyError):
        return None
    return told if alive else None


async def _own_aws(stack: AsyncExitStack, children: Children, scratch: Path, template: Template) -> str:
    print("No sandbox is running (make run): the function meets an empty AWS and no upstream.", file=sys.stderr)
    aws = Aws(children, scratch, None)
    stack.push_async_callback(aws.stop)
    await aws.start()
    await asyncio.to_thread(create_resources, template, aws.endpoint)
    return aws.endpoint


def main(arguments: Sequence[str]) -> int:
    """Prints the handler's return value; 1 if it raised, 2 if the event cannot be sent."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.invoke", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("event", type=Path, help="a JSON file with an event")
    parser.add_argument("--token", help="a bearer token to put into the event")
    parser.add_argument("--template", type=Path, default=Options().template, help=argparse.SUPPRESS)
    parser.add_argument("--demo-file", type=Path, default=Options().demo_file, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    try:
        event = with_token(json.loads(given.event.read_text(encoding="utf-8")), given.token)
        options = Options(template=given.template, demo_file=given.demo_file)
        outcome = asyncio.run(invoke(options, event))
    except (OSError, ValueError, EventError, StandInError, TemplateError) as error:
        print(f"invoke: {error}", file=sys.stderr)
        return 2
    if isinstance(outcome, Answer):
        say(json.dumps(json.loads(outcome.payload), indent=2, ensure_ascii=False))
        return 0
    print(f"{outcome.error_type}: {outcome.message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
