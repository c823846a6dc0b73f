"""Whether this machine can reach itself: everything here talks over loopback."""

from __future__ import annotations

import socket

from llmxray.errors import InputError

_HOST, _TIMEOUT_S = "127.0.0.1", 2.0


def check_loopback() -> None:
    """Connect to a port of this machine's own once.

    Without it (a fresh network namespace, some sandboxes) every request would fail and be tried again for minutes.

    Raises:
        InputError: the loopback interface is missing; says how to get one.
    """
    try:
        with socket.socket() as listening:
            listening.bind((_HOST, 0))
            listening.listen(1)
            socket.create_connection(listening.getsockname(), _TIMEOUT_S).close()
    except OSError as error:
        raise InputError(
            f"this machine cannot reach itself on {_HOST} ({error.strerror or error}): switch its loopback interface "
            "on (`ip link set lo up`), or run outside of this network namespace"
        ) from error
