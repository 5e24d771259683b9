"""Ports of this machine, and only of this machine.

The rule: nothing in the sandbox listens anywhere but on 127.0.0.1.
"""

import errno
import socket

HOST = "127.0.0.1"


class PortInUseError(Exception):
    """Somebody else listens there."""


def listen(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1:`port` (0: any free one). Raises PortInUseError."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            reason = "is in use" if error.errno == errno.EADDRINUSE else "is not allowed to this user"
            raise PortInUseError(f"port {port} of {HOST} {reason}: stop what holds it, or choose --port") from None
        raise
    listener.setblocking(False)
    return listener
