"""No way out: while it holds, this process connects to nothing but itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from llmxray.errors import RunFailedError
from llmxray.keys import is_loopback

# How many blocks hold it closed. Not a context variable: name lookups happen in threads of their own.
_closed = [0]
# Audit events of the socket module, and which of their arguments is an address or a name.
_WAYS_OUT = {
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

    It is enforced by the interpreter itself (an audit hook), for whatever library tries.

    Raises:
        RunFailedError: from within, at the attempt.
    """
    _install()
    _closed[0] += 1
    try:
        yield
    finally:
        _closed[0] -= 1


@cache
def _install() -> None:
    # A hook cannot be taken out again, so there is one, and a switch.
    sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _WAYS_OUT or not _closed[0]:
        return
    address = arguments[_WAYS_OUT[event]]
    host = address[0] if isinstance(address, tuple) else address
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    # A path is a Unix socket, which stays on this machine; "" is any address of its own, to listen on.
    if isinstance(host, str) and host and not host.startswith("/") and not is_loopback(host):
        raise RunFailedError(
            f"something tried to reach {host}: a reproduction needs no network and gets none"
        )
