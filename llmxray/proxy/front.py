"""The front: an aiohttp server on loopback that clients talk to, in every mode.

It alone computes identities, decides, and writes the journal. Routes are ``/v1/…`` (the cassette's only
endpoint, or "default") and ``/e/LABEL/v1/…`` (a named endpoint; the runner uses these).
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from llmxray.cassette import Address, Cassette, Journal
from llmxray.cassette.scrub import SecretGuard
from llmxray.errors import InputError, LlmxrayError, MissingExtraError
from llmxray.keys import is_in_the_clear
from llmxray.proxy import replies
from llmxray.proxy.decide import Cursors, Forward, Mode, Refuse, Serve, decide, leftovers, recorded
from llmxray.proxy.decoding import Decoder
from llmxray.proxy.exchange import Exchange, Outgoing
from llmxray.proxy.loopback import check_loopback
from llmxray.types import Interaction, Json
from llmxray.wire import miss_message, nearest, parse_body, request_key

if TYPE_CHECKING:
    from llmxray.proxy.upstream import Upstream

CHAT_PATH = "/chat/completions"
DEFAULT_ENDPOINT = "default"
# aiohttp would take 1 MiB; prompts with documents or pictures are larger.
_LARGEST_BODY_BYTES = 64 * 1024 * 1024
# For the body of a request: who sends a byte a minute must not keep a connection for ever.
_SLOWEST_REQUEST_S = 120.0
# Clients of servers that want no key send placeholders such as "ollama", which replies may well contain; a key is
# long, or has digits in it, or the usual beginning.
_KEY_LIKE = re.compile(r".{16,}|(?=.*\d).{8,}|sk-.{5,}", re.DOTALL)
# Spellings of our own host and port that were found good; reading a URL costs more than the look-up.
_NAMES_KEPT = 16
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")
# What clients of servers without keys are told to send, and is long enough for a key.
_PLACEHOLDERS = frozenset({"sk-no-key-required"})
_CLEAR_TEXT = (
    "its address is http, so anybody on the way could read it; use https, or a tunnel from this machine"
)
_HOW = "Replay is strict: record it (run --mode record), or ask for what was recorded."


@dataclass(frozen=True, slots=True)
class FrontConfig:
    """How a front works.

    Attributes:
        cassette: directory of the cassette.
        mode: see `llmxray.proxy.decide`.
        targets: base URL by endpoint label; needed by every mode but replay.
        keys: API key by endpoint label, sent upstream when the client sends none; never recorded.
        speed: rhythm of replay: 0 at once, 1 as recorded, N times as fast.
        host, port: where to listen; port 0 takes a free one.
        timeout_s: longest silence of a server before a forwarded request is given up.
    """

    cassette: Path
    mode: Mode = "replay"
    targets: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    speed: float = 0.0
    host: str = "127.0.0.1"
    port: int = 0
    timeout_s: float = 120.0


class Front:
    """The proxy's server. Use as an async context manager.

    Attributes:
        cassette: the recordings, growing while it records.
        cursors: what has been served so far.
    """

    def __init__(self, config: FrontConfig) -> None:
        self.config = config
        replaying = config.mode == "replay"
        self.cassette = Cassette.existing(config.cassette) if replaying else Cassette(config.cassette)
        self.cursors = Cursors()
        self.failure: LlmxrayError | None = None
        self._guard = SecretGuard(config.keys.values())
        self._journal: Journal | None = None
        self._upstream: Upstream | None = None
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None
        self._locks: defaultdict[tuple[str, int | None], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._labels: frozenset[str] | None = None
        self._active = 0
        self._reading: set[asyncio.Task[Any]] = set()
        self._port = config.port
        self._own_names: set[str] = set()

    @property
    def base_url(self) -> str:
        """What clients use as their base URL."""
        return f"http://{self.config.host}:{self._port}/v1"

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._port

    def endpoint_url(self, label: str) -> str:
        """Base URL of a named endpoint."""
        return f"http://{self.config.host}:{self._port}/e/{label}/v1"

    async def __aenter__(self) -> Self:
        """Start listening; in the recording modes, also start mitmproxy and take the cassette's lock."""
        check_loopback()
        if self.config.mode != "replay":
            try:
                # Importing mitmproxy and waiting for its listeners would hold up everything else on this loop.
                await asyncio.to_thread(self._start_upstream)
            except BaseException:
                # A context that fails to be entered is never left: lock and thread would stay.
                await self.__aexit__()
                raise
            self._session = aiohttp.ClientSession(
                # A connection for each request: some servers (llama.cpp) close kept ones under the client.
                connector=aiohttp.TCPConnector(limit=0, force_close=True),
                timeout=aiohttp.ClientTimeout(total=None, sock_read=self.config.timeout_s),
                # What is drained here is thrown away: the tap decodes what is recorded and passed on.
                auto_decompress=False,
            )
        app = web.Application(client_max_size=_LARGEST_BODY_BYTES, middlewares=[self._own_host])
        for prefix in ("/v1", "/e/{label}/v1"):
            app.router.add_post(prefix + CHAT_PATH, self._chat)
            app.router.add_get(prefix + "/models", self._models)
        # A client that leaves must not cancel its exchange: what came until then is recorded.
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=False)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.config.host, self.config.port)
        try:
            await site.start()
        except OSError as error:
            await self.__aexit__()
            raise InputError(
                f"cannot listen on {self.config.host}:{self.config.port}: {error.strerror}"
            ) from error
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop: no new requests, those under way end, the journal is closed."""
        for task in self._reading:
            task.cancel()  # a client that never finishes its request must not hold up the end
        # From the client inwards: exchanges that end now still need mitmproxy, and write to the journal.
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()
        if self._upstream is not None:
            await asyncio.to_thread(self._upstream.stop)
        if self._journal is not None:
            self._journal.close()

    def unserved(self) -> int:
        """How many recordings no client has asked for."""
        keys = dict.fromkeys(entry.address.key for entry in self.cassette.all_entries())
        return sum(leftovers(self.cassette.entries(key), self.cursors) for key in keys)

    def _start_upstream(self) -> None:
        try:
            from llmxray.proxy.upstream import Upstream  # noqa: PLC0415  mitmproxy is an extra
        except ModuleNotFoundError as error:
            raise MissingExtraError("recording", "record") from error
        if not self.config.targets:
            raise InputError(f"mode {self.config.mode} needs a server to ask: none is declared")
        for label, url in self.config.targets.items():
            if self.config.keys.get(label) and is_in_the_clear(url):
                raise InputError(f"endpoint {label}: the API key is not sent to the server: {_CLEAR_TEXT}")
        if self.config.mode != "passthrough":
            self._journal = Journal(self.config.cassette, self._guard)
            # What another recorder wrote before the lock was ours.
            self.cassette = Cassette(self.config.cassette)
        self._upstream = Upstream(self.config.targets)

    @web.middleware
    async def _own_host(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        replies.arrived_s.set(asyncio.get_running_loop().time())
        # A page in a browser must not reach this server, neither through a name that resolves to loopback, nor
        # by a form or a script that posts here.
        origin = request.headers.get("Origin")
        plain = request.raw_path.startswith("/") and origin is None
        if not plain or request.host not in self._own_names:
            if not self._is_own_host(request) or not (origin is None or self._is_own_origin(origin)):
                return replies.failure(403, "llmxray_host", "this proxy answers on its own host name only")
            if plain and len(self._own_names) < _NAMES_KEPT:
                self._own_names.add(request.host)
        return await handler(request)

    def _is_own_host(self, request: web.Request) -> bool:
        # Parsed apart as well: URL parsers make something of a bracket that is never closed.
        if not _HOST.fullmatch(request.host):
            return False
        try:
            return request.url.host in {*_LOOPBACK_NAMES, self.config.host}
        except ValueError:  # a host that is none
            return False

    def _is_own_origin(self, origin: str) -> bool:
        """Whether a page comes from this very server; one from another port of this machine is a stranger's."""
        try:
            parts = urlsplit(origin)
            return (
                parts.scheme == "http"
                and parts.hostname in {*_LOOPBACK_NAMES, self.config.host}
                and parts.port == self._port
            )
        except ValueError:
            return False

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        # A form or a script of a page can send everything but this without asking first (CORS).
        if request.content_type != "application/json":
            message = "send the request with the header Content-Type: application/json"
            return replies.failure(415, "llmxray_request", message)
        try:
            raw = await self._read(request)
        except TimeoutError:
            return replies.failure(408, "llmxray_request", "the request did not arrive whole in time")
        try:
            body = parse_body(raw, finite=True)
            sample = _sample(request)
        # Brackets that never end are no ValueError.
        except (ValueError, RecursionError) as error:
            return replies.failure(400, "llmxray_request", f"the request body cannot be used: {error}")
        endpoint = self._label(request)
        key = request_key("POST", "/v1" + CHAT_PATH, endpoint, body)
        # One at a time per recording: a second identical request must see what the first one recorded.
        lock = self._locks[key, sample] if self.config.mode == "auto" else None
        try:
            if lock is None:
                return await self._answer(request, endpoint, key, sample, raw, body)
            async with lock:
                return await self._answer(request, endpoint, key, sample, raw, body)
        except LlmxrayError as error:
            self.failure = self.failure or error
            return replies.failure(500, "llmxray_cassette", str(error))

    async def _read(self, request: web.Request) -> bytes:
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
        """Journal an interaction; what cannot be written ends the recording."""
        if self._journal is None:
            return
        try:
            self.cassette.add(interaction, self._journal.append(interaction))
        except LlmxrayError as error:
            self.failure = self.failure or error
            raise
        address = Address(interaction.key, interaction.sample, interaction.attempt)
        entry = next(each for each in self.cassette.entries(interaction.key) if each.address == address)
        recorded(self.config.mode, entry, sample, self.cursors)

    async def _answer(
        self,
        request: web.Request,
        endpoint: str,
        key: str,
        sample: int | None,
        raw: bytes,
        body: Mapping[str, Json],
    ) -> web.StreamResponse:
        decision = decide(self.config.mode, key, sample, self.cassette.entries(key), self.cursors)
        if isinstance(decision, Serve):
            interaction = self.cassette.get(decision.address, body)
            return await replies.replay(request, interaction, self.config.speed, more=decision.more)
        if isinstance(decision, Refuse):
            return self._refuse(decision, key, sample, body)
        return await self._forward(request, endpoint, key, sample, raw, body, decision)

    async def _forward(
        self,
        request: web.Request,
        endpoint: str,
        key: str,
        sample: int | None,
        raw: bytes,
        body: Mapping[str, Json],
        decision: Forward,
    ) -> web.StreamResponse:
        if self.failure is not None:
            # What cannot be recorded must not be paid for.
            raise self.failure
        if endpoint not in self.config.targets or self._upstream is None or self._session is None:
            return replies.failure(
                404, "llmxray_endpoint", f"no upstream is declared for endpoint {endpoint!r}"
            )
        authorization = self._authorization(request, endpoint)
        token = authorization.rpartition(" ")[2]
        if _KEY_LIKE.fullmatch(token):
            self._guard.add(token)
        with self._in_flight(decision.address) as concurrency:
            refused = self._clear_text(endpoint, token)
            if refused is not None:
                return refused
            outgoing = Outgoing(
                key=key,
                endpoint=endpoint,
                path=CHAT_PATH,
                body=raw,
                parsed=body,
                address=decision.address,
                authorization=authorization,
                concurrency=concurrency,
            )
            exchange = Exchange(request, outgoing, self._upstream)
            return await exchange.run(self._session, lambda interaction: self._record(interaction, sample))

    @contextmanager
    def _in_flight(self, address: Address | None) -> Iterator[int]:
        self._active += 1
        try:
            yield self._active
        finally:
            self._active -= 1
            if address is not None:
                # Recorded by now, or never: an address that nobody records is free again.
                self.cursors.in_flight.discard(address)

    def _refuse(
        self, decision: Refuse, key: str, sample: int | None, body: Mapping[str, Json]
    ) -> web.Response:
        entries, name = self.cassette.entries(key), self.config.cassette.name
        if decision.reason == "exhausted":
            message = (
                f"cassette {name} has {len(entries)} recording(s) of this request, and all have been served"
            )
            return replies.failure(404, "llmxray_exhausted", message)
        if entries:
            samples = ", ".join(map(str, sorted({entry.address.sample for entry in entries})))
            message = f"cassette {name} has this request, but not its sample {sample}; it has sample {samples}. {_HOW}"
            return replies.failure(404, "llmxray_miss", message)
        known = (
            (each.key, each.body) for each in self.cassette.requests() if self.cassette.entries(each.key)
        )
        message = miss_message(name, key, nearest(body, known), how=_HOW)
        return replies.failure(404, "llmxray_miss", message)

    async def _models(self, request: web.Request) -> web.StreamResponse:
        if self.config.mode == "replay" or self._upstream is None or self._session is None:
            names = (str(each.body.get("model", "")) for each in self.cassette.requests())
            return replies.models(name for name in names if name)
        endpoint = self._label(request)
        if endpoint not in self.config.targets:
            return replies.failure(
                404, "llmxray_endpoint", f"no upstream is declared for endpoint {endpoint!r}"
            )
        authorization = self._authorization(request, endpoint)
        refused = self._clear_text(endpoint, authorization.rpartition(" ")[2])
        # A page can have its browser ask for this; it reads nothing, but the key would be sent.
        if refused is not None or request.headers.get("Sec-Fetch-Site", "none") not in (
            "none",
            "same-origin",
        ):
            return refused or replies.failure(403, "llmxray_host", "this proxy answers to no web page")
        headers = {
            self._upstream.correlation_header: self._upstream.pass_token,
            "Accept-Encoding": "identity",
        }
        if authorization:
            headers["Authorization"] = authorization
        try:
            url = self._upstream.url(endpoint, "/models")
            async with self._session.get(url, headers=headers, allow_redirects=False) as reply:
                # Some servers encode all the same, and the header that says so is not passed on.
                decoder = Decoder(reply.headers.get("Content-Encoding", ""))
                body = decoder.feed(await reply.read()) + decoder.finish()
                return web.Response(body=body, status=reply.status, content_type=reply.content_type)
        except (aiohttp.ClientError, ValueError) as error:
            return replies.failure(502, "llmxray_upstream", str(error))

    def _label(self, request: web.Request) -> str:
        # Part of the identity: the same question to two endpoints is two recordings.
        if "label" in request.match_info:
            return request.match_info["label"]
        if self._labels is None:
            self._labels = frozenset(self.config.targets or self.cassette.endpoints())
        return next(iter(self._labels)) if len(self._labels) == 1 else DEFAULT_ENDPOINT

    def _clear_text(self, endpoint: str, token: str) -> web.Response | None:
        """The refusal of a key that would travel in the clear; None where it would not, or is no key."""
        if not _KEY_LIKE.fullmatch(token) or token in _PLACEHOLDERS:
            return None
        if not is_in_the_clear(self.config.targets[endpoint]):
            return None
        return replies.failure(403, "llmxray_key", f"the API key is not sent to the server: {_CLEAR_TEXT}")

    def _authorization(self, request: web.Request, endpoint: str) -> str:
        # First, for clients of the OpenAI library must send something, and send a placeholder.
        key = self.config.keys.get(endpoint)
        return f"Bearer {key}" if key else request.headers.get("Authorization", "")


def _sample(request: web.Request) -> int | None:
    value = request.headers.get(replies.SAMPLE_HEADER)
    if value is None:
        return None
    if not value.isdigit():
        raise ValueError(f"{replies.SAMPLE_HEADER} is {value!r}, not a whole number")
    return int(value)
