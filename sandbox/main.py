"""The command: start everything, make the demo, say what to try, wait for Ctrl-C.

The rule: a person sees one clear line for what can go wrong on their machine, never a traceback, and nothing
that was started is left behind.
"""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from sandbox import welcome
from sandbox.aws import StandInError
from sandbox.cloudformation import TemplateError
from sandbox.console import say
from sandbox.demo import DemoError, prepare
from sandbox.loopback import PortInUseError
from sandbox.options import Options, parse
from sandbox.preconditions import PlaceError, check
from sandbox.system import StartError, started
from sandbox.upstream import UpstreamError

READY = "Ready."
_FOR_A_PERSON = (DemoError, PlaceError, PortInUseError, StandInError, StartError, TemplateError, UpstreamError)


def main(arguments: Sequence[str]) -> int:
    """Runs the sandbox until a signal asks for its end; 0 then, 1 if something could not be had."""
    options = parse(arguments)
    try:
        check(options)
        asyncio.run(_until_signalled(options))
    except _FOR_A_PERSON as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    except TimeoutError:
        print("sandbox: a part did not start in time; is this machine very busy?", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"sandbox: the embedded AWS refused something: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        # This machine's: a disk that is full, a file that went away.
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    return 0


async def _until_signalled(options: Options) -> None:
    task = asyncio.create_task(_serve(options))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, _stop, task)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _stop(task: "asyncio.Task[None]") -> None:
    # A second signal must not cut short the ending of children that the first one began.
    if not task.cancelling():
        task.cancel()
        say("\nEnding ...")


async def _serve(options: Options) -> None:
    async with started(options) as system:
        demo = await asyncio.to_thread(prepare, system, options)
        say(welcome.text(demo, options.demo_file))
        say(READY)
        await asyncio.get_running_loop().create_future()
