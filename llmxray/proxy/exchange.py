"""One forwarded request and its recording: client ◄── proxy ◄── tap."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import aiohttp
from aiohttp import web
from yarl import URL

from llmxray.cassette import Address
from llmxray.cassette.codec import STATUSES
from llmxray.cassette.scrub import allowed_headers
from llmxray.errors import LlmxrayError
from llmxray.limits import REPLY_BYTES
from llmxray.proxy import responses
from llmxray.proxy.credentials import Credentials
from llmxray.types import Chunk, EndCause, Interaction, Json, Route
from llmxray.wire import VERSION, is_complete, read_interaction

if TYPE_CHECKING:
    from llmxray.proxy.upstream import Event, Head, Piece, Upstream

# The tap reports from another thread, so the end of a reply may be read before it is reported.
_END_GRACE_S = 5.0
# A client that leaves a silent server cancels nothing (see `ProxyServer`), so poll it.
_LOOK_AT_CLIENT_S = 0.2
# Without one of these the body ends with its connection (RFC 9112 §6.3).
_FRAMED = frozenset({"content-length", "transfer-encoding"})
_READABLE = frozenset({"text/event-stream", "application/json"})
# Replies without a body end with their head.
_ENDS_WITH_HEAD = frozenset({204, 205, 304})


@dataclass(frozen=True, slots=True)
class OutgoingRequest:
    """A request about to be forwarded.

    Attributes:
        body: bytes as the client sent them.
        parsed: the same, as JSON.
        address: where the reply will be recorded, None for not at all.
        credentials: the key for upstream; never recorded.
    """

    key: str
    endpoint: str
    route: Route
    body: bytes
    parsed: Mapping[str, Json]
    address: Address | None
    credentials: Credentials
    concurrency: int


class Exchange:
    """A forwarded request in progress.

    Args:
        request: the client's.
        outgoing: the request to send upstream.
        upstream: to send it through.
    """

    def __init__(self, request: web.Request, outgoing: OutgoingRequest, upstream: Upstream) -> None:
        self._request, self._outgoing, self._upstream = request, outgoing, upstream
        self._correlation = uuid4().hex
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._response: web.StreamResponse | None = None
        self._status: int | None = None
        self._headers: tuple[tuple[str, str], ...] = ()
        self._chunks: list[Chunk] = []
        # Why the reply cannot be recorded.
        self._refusal = ""
        self._client_gone = False
        self._ends_with_connection = False
        self._n_bytes = 0
        self._is_given_up = False

    async def run(
        self, session: aiohttp.ClientSession, record: Callable[[Interaction], None]
    ) -> web.StreamResponse:
        """Forward, pass every chunk on as it is reported, have it recorded, and only then end the reply.

        The client receives the recorded chunks; replies that it saw end are recorded.

        Args:
            record: called once, with the whole interaction; an error of ours from it breaks the reply off.
        """
        started_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        drain = self._send(session)
        try:
            error = await self._relay(drain)
        finally:
            drain.cancel()
            await asyncio.gather(drain, return_exceptions=True)
            self._upstream.tap.unwatch(self._correlation)
        interaction = self._mark_broken_off(self._interaction(started_at, error))
        try:
            record(interaction)
        except LlmxrayError as failed:
            if self._response is None:
                return responses.error_response(500, "llmxray_cassette", str(failed))
            responses.hang_up(self._request)
            return self._response
        return await self._finish(interaction)

    def _send(self, session: aiohttp.ClientSession) -> asyncio.Task[None]:
        loop = asyncio.get_running_loop()

        def report(event: Event) -> None:
            # The tap calls from the thread of mitmproxy. Counted here: a client that reads slowly lets events wait.
            if self._is_given_up:
                return
            if not isinstance(event, self._upstream.Head | self._upstream.End):
                self._n_bytes += len(event.raw)
                if self._n_bytes > REPLY_BYTES:
                    self._is_given_up = True
                    event = self._upstream.End(f"the reply is larger than {REPLY_BYTES >> 20} MiB: given up")
                    loop.call_soon_threadsafe(task.cancel)
            loop.call_soon_threadsafe(self._events.put_nowait, event)

        self._upstream.tap.watch(self._correlation, report)
        out = self._outgoing
        # Of the client's own only those in the identity: what a reply depends on must be there.
        headers = {"Accept-Encoding": "identity", **dict(out.route.headers)}
        headers[self._upstream.correlation_header] = self._correlation
        if out.body:
            headers["Content-Type"] = "application/json"
        if out.credentials.value:
            headers[out.credentials.header] = out.credentials.value
        # As it is in the identity: written in another way it might be read in another way.
        url = URL(self._upstream.url(out.endpoint, out.route.path.removeprefix(VERSION)), encoded=True)
        task = loop.create_task(_drain(session, out.route.method, url, out.body, headers))
        return task

    async def _relay(self, drain: asyncio.Task[None]) -> str:
        """Pass events on until the end; the error is "" for a clean one."""
        loop = asyncio.get_running_loop()
        drained_at: float | None = None
        while True:
            try:
                event = await asyncio.wait_for(self._events.get(), _LOOK_AT_CLIENT_S)
            except TimeoutError:
                # A reply that was read to its end is reported within the grace; a time-out ends the drain itself.
                if drain.done():
                    drained_at = drained_at or loop.time()
                    if loop.time() - drained_at > _END_GRACE_S:
                        error = None if drain.cancelled() else drain.exception()
                        return _timed_out(drain) or str(error or "") or "no end was reported"
                self._client_gone = self._client_gone or self._request.transport is None
            else:
                if isinstance(event, self._upstream.End):
                    return (_timed_out(drain) if event.error else "") or event.error
                await self._pass_on(event)
            if self._refusal:
                return self._refusal
            if self._client_gone:
                return "the client hung up"

    async def _pass_on(self, event: Head | Piece) -> None:
        try:
            if isinstance(event, self._upstream.Head):
                if event.status not in STATUSES:
                    # Neither clients nor cassette readers accept it.
                    self._refusal = f"the server answered with status {event.status}"
                    return
                if self._outgoing.address is not None:
                    responses.refuse_replay(f"endpoint {self._outgoing.endpoint}", event.headers)
                self._status, self._headers = event.status, allowed_headers(event.headers)
                self._ends_with_connection = not _FRAMED & {name.lower() for name, _ in event.headers}
                # Held back until recorded: a client's whole reply is on the disk.
                if event.status not in _ENDS_WITH_HEAD:
                    self._response = await self._start(event.status)
            elif self._status is not None:
                # Kept before it is passed on: the recording has all that the client saw.
                self._chunks.append(Chunk(event.t_s, event.raw))
                if self._response is not None:
                    await self._response.write(event.raw)
        except ConnectionError:
            self._client_gone = True

    async def _start(self, status: int) -> web.StreamResponse:
        ours = responses.recording_headers(self._outgoing.address, replayed=False)
        return await responses.start_response(self._request, status, self._headers, ours)

    def _interaction(self, started_at: str, error: str) -> Interaction:
        address = self._outgoing.address or Address(self._outgoing.key, 0, 0)
        if self._status is None:
            error = error or "the server could not be reached"
        end = (
            EndCause.CLEAN if not error else EndCause.RESET if self._status is not None else EndCause.CONNECT
        )
        return Interaction(
            key=self._outgoing.key,
            sample=address.sample,
            attempt=address.attempt,
            endpoint=self._outgoing.endpoint,
            request=self._outgoing.parsed,
            status=self._status,
            headers=self._headers,
            chunks=tuple(self._chunks),
            # An exchange that was given up ended for this reason, not the tap's.
            end=EndCause.CLIENT_GONE if self._client_gone else end,
            error=error,
            started_at=started_at,
            concurrency=self._outgoing.concurrency,
            route=self._outgoing.route,
        )

    def _mark_broken_off(self, interaction: Interaction) -> Interaction:
        """The interaction, broken off where a reply that ends with its connection stops short of its end.

        Only its text shows it, not its framing; an empty body stays as it is.
        """
        if not (interaction.route.is_chat or interaction.route.other_api):
            return interaction
        kind = dict(interaction.headers).get("content-type", "").partition(";")[0].strip().lower()
        readable = interaction.status == 200 and kind in _READABLE and interaction.chunks
        if not (self._ends_with_connection and interaction.end is EndCause.CLEAN and readable):
            return interaction
        if is_complete(interaction) or read_interaction(interaction).error:
            return interaction
        return replace(
            interaction, end=EndCause.RESET, error="the connection closed before the reply was whole"
        )

    async def _finish(self, interaction: Interaction) -> web.StreamResponse:
        if self._status is not None and self._response is None and not self._client_gone:
            # It was held back until recorded. A client that left before the reply was whole is in the recording.
            with suppress(ConnectionError):
                self._response = await self._start(self._status)
                for chunk in self._chunks:
                    await self._response.write(chunk.raw)
        if self._response is None:
            ours = responses.recording_headers(self._outgoing.address, replayed=False)
            return responses.error_response(502, "llmxray_upstream", interaction.error, ours)
        if interaction.end is EndCause.CLEAN:
            # Who left after the last byte leaves a whole recording.
            with suppress(ConnectionError):
                await self._response.write_eof()
        else:
            responses.hang_up(self._request)
        return self._response


async def _drain(
    session: aiohttp.ClientSession, method: str, url: URL, body: bytes, headers: Mapping[str, str]
) -> None:
    # As a file, because aiohttp warns of large bytes. A redirect would bypass mitmproxy.
    data = io.BytesIO(body) if body else None
    async with session.request(method, url, data=data, headers=headers, allow_redirects=False) as response:
        async for _ in response.content.iter_any():
            pass


def _timed_out(drain: asyncio.Task[None]) -> str:
    # Giving up closes the connection, which the tap then reports as a client that left.
    if drain.done() and not drain.cancelled() and isinstance(drain.exception(), TimeoutError):
        return "the server did not go on within the time-out"
    return ""
