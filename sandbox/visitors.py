"""Who may talk to what the sandbox has listening: programs of this machine, not web pages in its user's browser."""

from collections.abc import Sequence

Headers = Sequence[tuple[bytes, bytes]]

_NAMES = (b"127.0.0.1", b"localhost")


class Visitors:
    """Those who come to one port of loopback."""

    def __init__(self, port: int) -> None:
        self._hosts = frozenset(b"%s:%d" % (name, port) for name in _NAMES)

    def refused(self, method: str, headers: Headers) -> bool:
        """Whether a request with this method and these raw headers is a browser's, or meant for somebody else."""
        # Another host name is how a page reaches a local port as its own origin.
        hosts = [value.lower() for name, value in headers if name.lower() == b"host"]
        strange = len(hosts) != 1 or hosts[0] not in self._hosts
        return strange or method == "OPTIONS" or any(_of_a_browser(name.lower()) for name, _ in headers)


def _of_a_browser(name: bytes) -> bool:
    return name == b"origin" or name.startswith(b"sec-fetch-")
