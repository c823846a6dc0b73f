"""Requests in flight while a proxy ends: short replies finish, long ones are cut off and recorded so far."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from aiohttp import web

END_S = 5.0
"""How long an ending proxy waits; Docker kills it ten seconds after the signal."""


class InFlight:
    """Forwarded requests whose replies have not ended."""

    def __init__(self) -> None:
        # By identity: a request has no hash.
        self._requests: dict[int, web.Request] = {}
        self._none, self._is_over = asyncio.Event(), False
        self._none.set()

    @contextmanager
    def counted(self, request: web.Request) -> Iterator[int]:
        """Count a request while the block runs; yields how many there are, this one included.

        Raises:
            HTTPServiceUnavailable: it waited for another request, which was cut off.
        """
        if self._is_over:
            raise web.HTTPServiceUnavailable(text="this proxy is ending")
        self._requests[id(request)] = request
        self._none.clear()
        try:
            yield len(self._requests)
        finally:
            del self._requests[id(request)]
            if not self._requests:
                self._none.set()

    async def end(self, _: web.Application) -> None:
        """Wait for replies to finish, then hang up on the rest, which are recorded so far.

        Waiting could take minutes; cancelling would lose the reply.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(END_S):
                await self._none.wait()
        self._is_over = True
        for request in self._requests.values():
            if request.transport is not None:
                # Otherwise its unread part would be awaited forever.
                request.transport.abort()
