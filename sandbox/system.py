"""The whole sandbox, put together and taken apart: embedded AWS, upstream, functions, front.

The rule: what was started is ended in the opposite order, whatever happens in between, and the front is the
first to be bound (a port in use is found before anything runs) and the last to answer.
"""

import asyncio
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from sandbox import access_log
from sandbox.async_invocations import AsyncInvocations
from sandbox.aws import Aws, client, create_resources
from sandbox.background import Schedule
from sandbox.children import Children
from sandbox.console import say
from sandbox.dead_letters import DeadLetters
from sandbox.front import Front, Handled
from sandbox.lambda_environment import Host, has_awslambdaric
from sandbox.lambda_service import LambdaService
from sandbox.log_shipping import LogShipper
from sandbox.loopback import HOST, listen
from sandbox.options import Options
from sandbox.schedules import Schedules
from sandbox.template import Function, Template, read
from sandbox.throttle import Throttles
from sandbox.upstream import RealUpstream, SimulatedUpstream, Source, Upstream
from sandbox.worker import new_stream_name, utc_now
from sandbox.worker_pool import WorkerPool

# Workers of a function that no request waits for.
_BEHIND = 2
# Seconds that its work is given when the sandbox ends.
_FINISHES_WITHIN = 2.0


class StartError(Exception):
    """A part did not start; the message is for a person."""


@dataclass(frozen=True, slots=True)
class System:
    """What runs, and where."""

    url: str
    aws_endpoint: str
    lambda_endpoint: str
    upstream: Upstream
    template: Template


@asynccontextmanager
async def started(options: Options) -> AsyncIterator[System]:
    """Everything up and answering; everything gone afterwards. Raises StartError and its parts' errors."""
    async with AsyncExitStack() as stack:
        listener, invocations = (stack.enter_context(listen(port)) for port in (options.port, 0))
        url, lambda_endpoint = (f"http://{HOST}:{one.getsockname()[1]}" for one in (listener, invocations))
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hallpass-sandbox-")))
        children = Children()
        stack.callback(children.close)
        children.open()
        aws, upstream = await _outside(stack, children, options, scratch)
        template = read(options.template, _parameters(options, upstream, url))
        shipper = LogShipper(client("logs", aws.endpoint))
        stack.callback(shipper.close)
        host = Host(aws.endpoint, scratch, lambda_endpoint)
        pools = await _functions(stack, children, shipper, template, host, options)
        await asyncio.to_thread(create_resources, template, aws.endpoint)
        shipper.start()
        await _all_ready(pools)
        await _background(stack, template, pools, aws.endpoint, invocations)
        front = _front(template, pools, shipper).runner()
        await front.setup()
        stack.push_async_callback(front.cleanup)
        await web.SockSite(front, listener).start()
        yield System(url, aws.endpoint, lambda_endpoint, upstream, template)


async def _outside(stack: AsyncExitStack, children: Children, options: Options, scratch: Path) -> tuple[Aws, Upstream]:
    """The embedded AWS and the upstream, started beside each other."""
    state = options.data.resolve() if options.data else None
    aws = Aws(children, scratch, state / "aws" if state else None)
    source: Source = (
        RealUpstream(options.upstream) if options.upstream else SimulatedUpstream(children, options.incidents, state)
    )
    stack.push_async_callback(aws.stop)
    stack.push_async_callback(source.stop)
    # Both to their end, also if one fails: what is only half started cannot be ended.
    ready, upstream = await asyncio.gather(aws.start(), source.start(), return_exceptions=True)
    for failed in (ready, upstream):
        if isinstance(failed, BaseException):
            raise failed
    assert isinstance(upstream, Upstream)
    return aws, upstream


def _parameters(options: Options, upstream: Upstream, url: str) -> dict[str, str]:
    return {"UpstreamUrl": upstream.url, "PublicBaseUrl": url, **options.parameters}


async def _functions(
    stack: AsyncExitStack, children: Children, shipper: LogShipper, template: Template, host: Host, options: Options
) -> dict[str, WorkerPool]:
    plain = options.plain or not has_awslambdaric()
    if plain:
        say(f"Without awslambdaric ({sys.platform}): the handlers run on the plain runtime.")
    in_front = {route.function for route in template.routes}

    def workers(function: Function) -> int:
        return options.workers if function.logical_id in in_front else min(options.workers, _BEHIND)

    pools = {
        function.logical_id: WorkerPool(function, host, children, shipper.stream, workers(function), plain=plain)
        for function in template.functions
    }
    for pool in pools.values():
        stack.push_async_callback(pool.close)
    await asyncio.gather(*(pool.open() for pool in pools.values()))
    return pools


async def _background(
    stack: AsyncExitStack, template: Template, pools: dict[str, WorkerPool], aws_endpoint: str, listener: socket.socket
) -> None:
    """What runs when nobody waits: asynchronous events, and the clock that makes some. The clock ends first."""
    letters = DeadLetters(client("sqs", aws_endpoint))
    events = AsyncInvocations(pools, letters.leave)
    service = LambdaService(template.functions, pools, events, listener.getsockname()[1]).runner()
    await service.setup()
    stack.push_async_callback(service.cleanup)
    await web.SockSite(service, listener).start()
    stack.push_async_callback(events.close, _FINISHES_WITHIN)

    def start(schedule: Schedule) -> None:
        events.take(template.function(schedule.function), schedule.payload)

    clock = Schedules(template.schedules, start)
    stack.push_async_callback(clock.close)
    clock.open()


async def _all_ready(pools: dict[str, WorkerPool]) -> None:
    for name, pool in pools.items():
        failure = await pool.ready()
        if failure is not None:
            raise StartError(f"{name} does not load: {failure.error_type}: {failure.message}")


def _front(template: Template, pools: dict[str, WorkerPool], shipper: LogShipper) -> Front:
    stage = template.stage
    throttles = Throttles(stage.limit, stage.routes)
    if not (stage.access_log_group and stage.access_log_format):
        return Front(template.routes, pools, throttles)
    stream = shipper.stream(stage.access_log_group, new_stream_name(utc_now()))
    form = stage.access_log_format

    def log(handled: Handled) -> None:
        stream.put(access_log.line(form, handled))

    return Front(template.routes, pools, throttles, log)
