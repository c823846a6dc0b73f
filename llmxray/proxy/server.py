"""The proxy: an aiohttp server on loopback that clients talk to, in every mode.

It alone computes identities, decides, and writes the journal. Routes are ``/v1/…`` (the cassette's only
endpoint, or "default") and ``/e/LABEL/v1/…`` (a named endpoint; the runner uses these). Everything below
``/v1/`` is recorded and replayed; a list of models is passed on.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import aiohttp
from aiohttp import web

from llmxray.cassette import Address, Cassette, Journal, codec
from llmxray.cassette.scrub import SecretGuard
from llmxray.errors import CassetteError, InputError, LlmxrayError
from llmxray.keys import is_in_the_clear
from llmxray.limits import REPLY_BYTES
from llmxray.proxy import responses
from llmxray.proxy.access_check import AccessCheck, web_page_refusal
from llmxray.proxy.credentials import CLEAR_TEXT, credentials_of, is_placeholder
from llmxray.proxy.decide import Cursors, Forward, Mode, Refuse, Serve, count_unserved, decide, note_recorded
from llmxray.proxy.exchange import Exchange, OutgoingRequest
from llmxray.proxy.shared_upstream import SharedUpstream, start_upstream
from llmxray.types import CHAT, Interaction, Json, Route
from llmxray.wire import VERSION, RouteError, miss_message, nearest_request, parse_body, route_key, route_of

if TYPE_CHECKING:
    from llmxray.proxy.upstream import Upstream


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


DEFAULT_ENDPOINT = "default"
# Time limit for a request's body: slow clients must not hold connections forever.
_SLOWEST_REQUEST_S = 120.0
# How long a replaying proxy serves open files before it checks that its folder still exists.
_UNCHECKED_S = 0.02
_REFUSALS_KEPT = 100
# Connections that may wait to be accepted: those beyond try again after 1 s, 2 s, 4 s, … The system has a limit too.
_WAITING = 16_384
HOW = "Replay is strict: record it (run --mode record), or ask for what was recorded."
_MODELS = Route("GET", f"{VERSION}/models")
# What a request asks, by the API that it is of.
_ASKING = frozenset({"messages", "input", "prompt"})


@dataclass(frozen=True, slots=True)
class ProxyConfig:
    """How a proxy works.

    Attributes:
        cassette: directory of the cassette.
        mode: see `llmxray.proxy.decide`.
        targets: base URL by endpoint label; needed by every mode but replay.
        keys: API key by endpoint label, sent upstream when the client sends none; never recorded.
        speed: rhythm of replay: 0 at once, 1 as recorded, N times as fast.
        host, port: where to listen; port 0 takes a free one.
        timeout_s: longest silence of a server before a forwarded request is given up.
        ignored: request fields left out of the identity beyond the usual ones; None for those of the cassette.
        secret: first part of every path, known only from `ProxyServer.base_url`; "" for none. Other
            users of the machine reach every port, and would spend the key and write into the cassette.
    """

    cassette: Path
    mode: Mode = "replay"
    targets: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    speed: float = 0.0
    host: str = "127.0.0.1"
    port: int = 0
    timeout_s: float = 120.0
    ignored: Collection[str] | None = None
    secret: str = ""


@dataclass(slots=True)
class _ParsedRequest:
    """A request that was read.

    Attributes:
        raw: bytes of its body; body: the same as JSON, or empty.
        sample: the repeat that the client names, None when it names none.
    """

    request: web.Request
    route: Route
    endpoint: str
    key: str
    sample: int | None
    raw: bytes
    body: Mapping[str, Json]


class ProxyServer:
    """The proxy's server. Use as an async context manager.

    Args:
        shared: mitmproxy that outlives this proxy; None to start one.

    Attributes:
        cassette: the recordings, growing while it records.
        cursors: replies served so far.
        refusals: the first requests that are not recorded, a paragraph each.
        served: SHA-256 (hex) of the body of each recording that was sent.
    """

    def __init__(self, config: ProxyConfig, shared: SharedUpstream | None = None) -> None:
        self.config = config
        replaying = config.mode == "replay"
        self.cassette = Cassette.existing(config.cassette) if replaying else Cassette(config.cassette)
        self.cursors = Cursors()
        self.refusals: list[str] = []
        self.served: dict[Address, str] = {}
        self.failure: LlmxrayError | None = None
        self._guard = SecretGuard(config.keys.values())
        self._journal: Journal | None = None
        self._upstream: Upstream | None = None
        self._shared = shared
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None
        self._locks: defaultdict[tuple[str, int | None], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._labels: frozenset[str] | None = None
        given = config.ignored
        self._ignored = frozenset(self.cassette.ignored() if given is None else given)
        # Nearly all requests: their route need not be made for each.
        self._chat = Route(ignored=tuple(sorted(self._ignored)))
        self._requests_in_flight = InFlight()
        self._checked_until = 0.0
        self._reading: set[asyncio.Task[Any]] = set()
        self._access = AccessCheck(config.host, config.port, config.secret)

    @property
    def base_url(self) -> str:
        """What clients use as their base URL."""
        return f"http://{self.config.host}:{self._access.port}{self._access.prefix}{VERSION}"

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._access.port

    def endpoint_url(self, label: str) -> str:
        """Base URL of a named endpoint."""
        return f"http://{self.config.host}:{self._access.port}{self._access.prefix}/e/{label}{VERSION}"

    async def __aenter__(self) -> Self:
        """Start listening; in the recording modes, also start mitmproxy and take the cassette's lock."""
        if self.config.mode != "replay":
            try:
                # Importing mitmproxy and waiting for its listeners would hold up everything else on this loop.
                starting = asyncio.ensure_future(asyncio.to_thread(self._start_upstream))
                await asyncio.shield(starting)
            except BaseException:
                # The thread continues after a cancellation, and takes the lock.
                await asyncio.wait([starting])
                # A context that fails to be entered is never left: lock and thread would stay.
                await self.__aexit__()
                raise
            self._session = aiohttp.ClientSession(
                # One connection per request: some servers (llama.cpp) close idle ones.
                connector=aiohttp.TCPConnector(limit=0, force_close=True),
                timeout=aiohttp.ClientTimeout(total=None, sock_read=self.config.timeout_s),
                # Drained bytes are dropped: the tap decodes the recorded ones.
                auto_decompress=False,
            )
        app = web.Application(client_max_size=REPLY_BYTES, middlewares=[self._check_access])
        for prefix in (self._access.prefix + VERSION, self._access.prefix + "/e/{label}" + VERSION):
            app.router.add_get(prefix + "/models", self._models, allow_head=False)
            # Nearly all requests, and no pattern to match them by.
            app.router.add_post(prefix + CHAT.path.removeprefix(VERSION), self._ask)
            app.router.add_get(prefix + "/{rest:.+}", self._ask, allow_head=False)
            app.router.add_post(prefix + "/{rest:.+}", self._ask)
        app.router.add_post(self._access.prefix + "/openai/{rest:.+}", self._azure)
        # A leaving client must not cancel its exchange: its reply so far is recorded.
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=False, shutdown_timeout=END_S)
        app.on_response_prepare.append(responses.add_security_headers)
        app.on_shutdown.append(self._requests_in_flight.end)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.config.host, self.config.port, backlog=_WAITING)
        try:
            await site.start()
        except OSError as error:
            await self.__aexit__()
            raise InputError(
                f"cannot listen on {self.config.host}:{self.config.port}: {error.strerror}"
            ) from error
        self._access.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop: no new requests, those under way end or are broken off, the journal is closed."""
        for task in self._reading:
            task.cancel()  # a client that never finishes its request must not hold up the end
        # From the client inwards: exchanges that end now still need mitmproxy, and write to the journal.
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()
        if self._upstream is not None and self._shared is None:
            await asyncio.to_thread(self._upstream.stop)
        if self._journal is not None:
            self._journal.close()

    def unserved(self) -> int:
        """Number of recordings that were not requested."""
        return count_unserved(
            Counter(entry.address.key for entry in self.cassette.all_entries()), self.cursors
        )

    def check_cassette(self) -> None:
        """Check that the cassette folder is still there.

        Raises:
            CassetteError: it was removed or moved.
        """
        if self._journal is not None:
            self._journal.check_there()
        elif self.config.mode == "replay" and not os.path.isdir(self.config.cassette):
            raise CassetteError(f"{self.config.cassette} was removed or moved while it was being replayed")

    def _start_upstream(self) -> None:
        if not self.config.targets:
            raise InputError(f"mode {self.config.mode} needs a server to ask: none is declared")
        for label, url in self.config.targets.items():
            if self.config.keys.get(label) and is_in_the_clear(url):
                raise InputError(f"endpoint {label}: the API key is not sent to the server: {CLEAR_TEXT}")
        start = start_upstream if self._shared is None else self._shared.running_for
        self._upstream = start(self.config.targets)
        if self.config.mode != "passthrough":
            self._journal = Journal(self.config.cassette, self._guard)
            # Written by another recorder before we held the lock.
            self.cassette = Cassette(self.config.cassette)

    @web.middleware
    async def _check_access(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        responses.arrived_s.set(asyncio.get_running_loop().time())
        refused = self._access.refusal(request)
        return await handler(request) if refused is None else refused

    async def _ask(self, request: web.Request) -> web.StreamResponse:
        """Any request below ``/v1/`` but the list of models."""
        refused = web_page_refusal(request)
        if refused is not None:
            return refused
        try:
            asked = await self._read(request)
        except TimeoutError:
            return responses.error_response(
                408, "llmxray_request", "the request did not arrive whole in time"
            )
        except RouteError as error:
            return responses.error_response(404, "llmxray_route", str(error))
        # Endless brackets raise RecursionError, a wrongly encoded body RequestPayloadError.
        except (ValueError, RecursionError, web.RequestPayloadError) as error:
            why = " ".join(str(error).split())
            return responses.error_response(400, "llmxray_request", f"the request body cannot be used: {why}")
        except LlmxrayError as error:
            return responses.error_response(500, "llmxray_cassette", str(error))
        # One at a time per recording: a second identical request must see what the first one recorded.
        lock = self._locks[asked.key, asked.sample] if self.config.mode == "auto" else None
        try:
            if lock is None:
                return await self._answer(asked)
            async with lock:
                return await self._answer(asked)
        except LlmxrayError as error:
            self.failure = self.failure or error
            return responses.error_response(500, "llmxray_cassette", str(error))

    async def _read(self, request: web.Request) -> _ParsedRequest:
        """The request with its identity.

        Raises:
            RouteError: it goes where nothing is passed on.
            RequestBodyError: its body has no identity.
        """
        target = request.raw_path.removeprefix(self._access.prefix)
        if "label" in request.match_info:
            target = "/" + target.split("/", 3)[-1]
        if target == self._chat.path and request.method == self._chat.method:
            route = self._chat
        else:
            route = route_of(request.method, target, request.headers, ignored=self._ignored)
        raw = await self._read_body(request)
        # Nothing is sent with a GET that anybody reads.
        body = {} if route.method == "GET" and not raw else parse_body(raw)
        endpoint = self._label(request)
        return _ParsedRequest(
            request, route, endpoint, route_key(route, endpoint, body), _sample(request), raw, body
        )

    async def _read_body(self, request: web.Request) -> bytes:
        # Most requests come in one piece: they need no time-out.
        if request.content.is_eof():
            return await request.read()
        task = asyncio.current_task()
        assert task is not None
        self._reading.add(task)
        try:
            async with asyncio.timeout(_SLOWEST_REQUEST_S):
                return await request.read()
        finally:
            self._reading.discard(task)

    def _record(self, interaction: Interaction, sample: int | None) -> None:
        """Journal an interaction; a failed write ends the recording."""
        if self._journal is None:
            return
        try:
            self.cassette.add(interaction, self._journal.append(interaction))
        except LlmxrayError as error:
            self.failure = self.failure or error
            raise
        address = Address(interaction.key, interaction.sample, interaction.attempt)
        tries = self.cassette.tries(interaction.key, interaction.sample)
        entry = next(attempt for attempt in tries if attempt.address == address)
        note_recorded(self.config.mode, entry, sample, self.cursors)

    async def _answer(self, asked: _ParsedRequest) -> web.StreamResponse:
        # Checked before anything is served or paid for.
        now = asyncio.get_running_loop().time()
        if now >= self._checked_until:
            self.check_cassette()
            # Checking the disk for each reply would add a tenth to its cost.
            self._checked_until = now + (_UNCHECKED_S if self.config.mode == "replay" else 0.0)
        entries = self.cassette.entries(asked.key)
        decision = decide(self.config.mode, asked.key, asked.sample, entries, self.cursors)
        if isinstance(decision, Serve):
            interaction = self.cassette.get(decision.address, asked.body)
            self.served[decision.address] = hashlib.sha256(interaction.body).hexdigest()
            return await responses.replay(asked.request, interaction, self.config.speed, more=decision.more)
        if isinstance(decision, Refuse):
            kind, message = self._refusal(decision, asked)
            if len(self.refusals) < _REFUSALS_KEPT:
                self.refusals.append(message)
            return responses.error_response(404, kind, message)
        if self.failure is not None:
            # Do not pay for a reply that cannot be recorded.
            raise self.failure
        return await self._forward(asked, decision)

    async def _forward(self, asked: _ParsedRequest, decision: Forward) -> web.StreamResponse:
        endpoint = asked.endpoint
        if endpoint not in self.config.targets or self._upstream is None or self._session is None:
            return responses.error_response(
                404, "llmxray_endpoint", f"no upstream is declared for endpoint {endpoint!r}"
            )
        credentials = credentials_of(asked.request.headers, self.config.keys.get(endpoint, ""))
        for key in credentials.keys:
            self._guard.add(key)
        try:
            with self._requests_in_flight.counted(asked.request) as concurrency:
                # A key is not sent in the clear.
                real = not all(map(is_placeholder, credentials.keys))
                if real and is_in_the_clear(self.config.targets[endpoint]):
                    return responses.error_response(
                        403, "llmxray_key", f"the API key is not sent to the server: {CLEAR_TEXT}"
                    )
                outgoing = OutgoingRequest(
                    key=asked.key,
                    endpoint=endpoint,
                    route=asked.route,
                    body=asked.raw,
                    parsed=asked.body,
                    address=decision.address,
                    credentials=credentials,
                    concurrency=concurrency,
                )

                def record(interaction: Interaction) -> None:
                    if decision.address is not None:
                        self._record(interaction, asked.sample)

                exchange = Exchange(asked.request, outgoing, self._upstream)
                return await exchange.run(self._session, record)
        finally:
            if decision.address is not None:
                # Recorded by now, or never: free the address.
                self.cursors.in_flight.discard(decision.address)

    def _refusal(self, decision: Refuse, asked: _ParsedRequest) -> tuple[str, str]:
        """Type of the error, and its message."""
        entries, name = self.cassette.entries(asked.key), self.config.cassette.name
        if decision.reason == "exhausted":
            count = len(entries)
            return (
                "llmxray_exhausted",
                f"cassette {name} has {count} recording(s) of this request, and all have been served",
            )
        if entries:
            samples = ", ".join(map(str, sorted({entry.address.sample for entry in entries})))
            return (
                "llmxray_miss",
                f"cassette {name} has this request, but not its sample {asked.sample}; it has sample {samples}. {HOW}",
            )
        # A request of another API would seem near, for it has few fields.
        asks = _ASKING & asked.body.keys()
        known = (
            (request.key, request.body)
            for request in self.cassette.requests()
            if self.cassette.entries(request.key) and _ASKING & request.body.keys() == asks
        )
        found = nearest_request(asked.body, known, ignored=asked.route.ignored)
        return "llmxray_miss", miss_message(name, asked.key, found, how=HOW)

    async def _azure(self, request: web.Request) -> web.StreamResponse:
        """Where `AzureOpenAI` asks by default: its deployments have paths of their own, outside of /v1."""
        return responses.error_response(
            404, "llmxray_route", f"give AzureOpenAI base_url={self.base_url} in the place of azure_endpoint"
        )

    async def _models(self, request: web.Request) -> web.StreamResponse:
        """The list of models: asked for anew while there is a server, never recorded."""
        if self.config.mode == "replay":
            names = (str(each.body.get("model", "")) for each in self.cassette.requests())
            return responses.models_response(name for name in names if name)
        refused = web_page_refusal(request)
        if refused is not None:
            return refused
        asked = _ParsedRequest(request, _MODELS, self._label(request), "", None, b"", {})
        return await self._forward(asked, Forward(None))

    def _label(self, request: web.Request) -> str:
        # Part of the identity: the same question to two endpoints is two recordings.
        if "label" in request.match_info:
            return request.match_info["label"]
        if self._labels is None:
            self._labels = frozenset(self.config.targets or self.cassette.endpoints())
        return next(iter(self._labels)) if len(self._labels) == 1 else DEFAULT_ENDPOINT


def _sample(request: web.Request) -> int | None:
    value = request.headers.get(responses.SAMPLE_HEADER)
    if value is None:
        return None
    most = codec.LARGEST_NUMBER
    # Check the length first: Python refuses to read thousands of digits.
    known = value.isascii() and value.isdigit() and len(value) <= len(str(most))
    if not known or int(value) > most:
        raise ValueError(f"{responses.SAMPLE_HEADER} is {value[:40]!r}, not a whole number from 0 to {most}")
    return int(value)
