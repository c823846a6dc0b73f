"""Block every non-loopback connection of this process inside a context."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from llmxray.errors import RunFailedError
from llmxray.keys import is_loopback

# Number of blocks that are active. Not a context variable, because name lookups happen in other threads.
_blocks = [0]
# Audit events of the socket module, and the index of the argument that is an address or a name.
_NETWORK_EVENTS = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
    "socket.getnameinfo": 0,
}


@contextmanager
def loopback_only() -> Iterator[None]:
    """Refuse every connection and name lookup that would leave this machine.

    The interpreter itself enforces it (an audit hook), whichever library tries.

    Raises:
        RunFailedError: inside the block, where a connection or lookup is tried.
    """
    _install()
    _blocks[0] += 1
    try:
        yield
    finally:
        _blocks[0] -= 1


@cache
def _install() -> None:
    # An audit hook cannot be removed, so there is one, which `_blocks` switches on and off.
    sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _NETWORK_EVENTS or not _blocks[0]:
        return
    address = arguments[_NETWORK_EVENTS[event]]
    host = address[0] if isinstance(address, tuple) else address
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    # A path names a Unix socket, which stays on this machine; "" is any address of this machine, to listen on.
    if isinstance(host, str) and host and not host.startswith("/") and not is_loopback(host):
        raise RunFailedError(
            f"something tried to reach {host}: a reproduction needs no network and gets none"
        )
