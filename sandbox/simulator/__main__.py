"""`python -m sandbox.simulator`: serve until Ctrl-C or SIGTERM.

The rule: the first line on stdout is the URL, so that a parent can wait for it.
"""

import argparse
import asyncio
import signal
import ssl
import sys
from contextlib import suppress
from datetime import date
from pathlib import Path

from sandbox.simulator.control_api import PREFIX
from sandbox.simulator.options import add_options, settings_from
from sandbox.simulator.server import Simulator
from sandbox.simulator.settings import Settings


def parser() -> argparse.ArgumentParser:
    """Where to listen, and an option for every setting. `--today` is the real day unless given."""
    made = argparse.ArgumentParser(
        prog="python -m sandbox.simulator",
        description="The EducatorsHandbook.com Public API as documented, on loopback, with invented people.",
    )
    made.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one (default: 0)")
    made.add_argument("--certificate", type=Path, help="PEM file: speak HTTPS with this certificate (chain)")
    made.add_argument("--key", type=Path, help="PEM file of its private key, if not in the same file")
    add_options(made)
    made.set_defaults(today=date.today())  # noqa: DTZ011 - the upstream's day is the local one
    return made


def tls_context(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """A server's TLS with that certificate, or none."""
    if certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


async def serve(settings: Settings, port: int, tls: ssl.SSLContext | None) -> None:
    """Serve until a signal asks for the end."""
    finished = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, finished.set)
    async with Simulator(settings, port=port, tls=tls) as simulator:
        print(simulator.url, flush=True)
        for account in settings.accounts:
            print(f"  account {account.name}: Authorization: Bearer {account.token}")
        print(f"  control: {simulator.origin}{PREFIX}state", flush=True)
        await finished.wait()


def main(arguments: list[str] | None = None) -> int:
    """Run; 2 for a setting or port that cannot be had."""
    options = parser().parse_args(arguments)
    try:
        settings = settings_from(options)
        asyncio.run(serve(settings, options.port, tls_context(options.certificate, options.key)))
    except (ValueError, OSError) as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
