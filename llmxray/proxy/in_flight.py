"""Requests under way while a proxy ends: short replies come to their end, long ones are broken off and kept so far."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from aiohttp import web

END_S = 5.0
"""How long an ending proxy waits; whoever stops it by a signal kills it soon after (ten seconds in Docker)."""


class InFlight:
    """Forwarded requests whose replies are not yet at their end."""

    def __init__(self) -> None:
        # By identity: a request has no hash.
        self._requests: dict[int, web.Request] = {}
        self._none, self._is_over = asyncio.Event(), False
        self._none.set()

    @contextmanager
    def counted(self, request: web.Request) -> Iterator[int]:
        """Count a request while the block runs; yields how many there are, this one included.

        Raises:
            HTTPServiceUnavailable: it waited for another one that has been broken off.
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
        """Wait a while for their ends, then hang up on the rest: what came of them is recorded, as if the client left.

        Waiting on, a reply of minutes would keep its proxy as long; and cancelled, it would be lost.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(END_S):
                await self._none.wait()
        self._is_over = True
        for request in self._requests.values():
            if request.transport is not None:
                # What was not read by now would be waited for without end.
                request.transport.abort()
