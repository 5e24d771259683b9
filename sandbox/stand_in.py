"""The embedded AWS's process: MiniStack served on a socket that the sandbox has bound already.

Run as a file with the socket's number. MiniStack's own command would look for a free port by itself, and
between looking and binding somebody else may take it.
"""

import asyncio
import sys

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app


def main(descriptor: int) -> None:
    """Serves until SIGTERM or SIGINT, then writes its state."""
    config = Config()
    config.bind = [f"fd://{descriptor}"]
    config.keep_alive_timeout = 75
    config.loglevel = "ERROR"
    asyncio.run(serve(app, config))


if __name__ == "__main__":
    main(int(sys.argv[1]))
