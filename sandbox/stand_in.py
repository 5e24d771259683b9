"""The embedded AWS's process: MiniStack served on a socket that the sandbox has bound already.

Run as a file with the socket's number. MiniStack's own command would look for a free port by itself, and
between looking and binding somebody else may take it.
Rule: programs of this machine are answered, web pages in its user's browser are not; files are their owner's.
"""

import asyncio
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app

from sandbox.visitors import Visitors

Message = Any
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_SHARING = b"access-control-"


class ProgramsOnly:
    """MiniStack takes any signature and lets every origin read: this lets no browser in at all."""

    def __init__(self, port: int) -> None:
        self._visitors = Visitors(port)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await app(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
        elif self._visitors.refused(scope["method"], list(scope["headers"])):
            await send({"type": "http.response.start", "status": 403, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
        else:
            await app(scope, receive, lambda message: send(_unshared(message)))


def _unshared(message: Message) -> Message:
    """An answer without what would let another origin read it."""
    kept = [pair for pair in message.get("headers", ()) if not pair[0].lower().startswith(_SHARING)]
    return {**message, "headers": kept} if message["type"] == "http.response.start" else message


def main(descriptor: int) -> None:
    """Serves until SIGTERM or SIGINT, then writes its state."""
    os.umask(0o077)
    with socket.socket(fileno=os.dup(descriptor)) as bound:
        port: int = bound.getsockname()[1]
    config = Config()
    config.bind = [f"fd://{descriptor}"]
    config.keep_alive_timeout = 75
    config.loglevel = "ERROR"
    asyncio.run(serve(ProgramsOnly(port), config))


if __name__ == "__main__":
    main(int(sys.argv[1]))
