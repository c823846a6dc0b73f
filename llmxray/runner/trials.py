"""Send trials and return receipts: with concurrency per endpoint, and retries with back-off and Retry-After."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from llmxray.errors import LlmxrayError, MissError, RunFailedError
from llmxray.limits import HEADER_BYTES
from llmxray.runner.watch import Watch
from llmxray.types import ApiName, Chunk, Completion, Condition, PlannedRequest, Receipt, Trial
from llmxray.wire import APIS, encode_body

type _Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class LoopbackClient:
    """Connections to the proxy while it replays at once: every reply comes whole, and with its length.

    aiohttp's client takes longer for a request than the proxy takes to answer it, see ``bench/bench_mmlu.py``.
    """

    def __init__(self) -> None:
        self._idle: list[_Connection] = []

    async def post(
        self, url: URL, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes, bool]:
        """Send a request and read its reply: status, headers, body, and False where the body was cut."""
        connection = reader, writer = self._idle.pop() if self._idle else await _connect(url)
        fields = {"Host": url.authority, **headers, "Content-Length": len(body)}
        lines = (f"POST {url.raw_path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()))
        writer.write("\r\n".join((*lines, "", "")).encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        answered = CIMultiDict(line.partition(": ")[::2] for line in head[1:-2])
        status = int(head[0].split(" ", 2)[1])
        try:
            content = await reader.readexactly(int(answered.get("Content-Length", 0)))
        except asyncio.IncompleteReadError as error:
            writer.close()
            return status, answered, error.partial, False
        self._idle.append(connection)
        return status, answered, content, True

    def close(self) -> None:
        """Close all connections."""
        for _, writer in self._idle:
            writer.close()


async def _connect(url: URL) -> _Connection:
    # A head has as many fields as were recorded, each with a limit of its own.
    return await asyncio.open_connection(url.host, url.port, limit=64 * HEADER_BYTES)


type OnPiece = Callable[[bytes], None]

_SAMPLE = "X-Llmxray-Sample"
_ATTEMPT, _REPLAYED, _MORE, _ERROR, _WHOLE = (
    f"X-Llmxray-{name}" for name in ("Attempt", "Replayed", "More", "Error", "Whole")
)
_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_LONGEST_WAIT_S = 60.0
# A run ends after so many trials in a row without any reply: a dead server would fail for hours and record nothing.
_SILENT_TRIALS = 5


@dataclass(frozen=True, slots=True)
class Progress:
    """One trial is done.

    Attributes:
        done, total: trials so far and in all.
        seconds: since the run began.
    """

    trial: Trial
    receipts: tuple[Receipt, ...]
    done: int
    total: int
    seconds: float


@dataclass(frozen=True, slots=True)
class RunnerConfig:
    """Settings of a run.

    Attributes:
        urls: base URL by endpoint label.
        concurrency: requests in flight by endpoint label; 1 when it is not listed.
        retries: further tries after a failed one.
        backoff_s: first wait; it doubles with every try.
        timeout_s: longest silence before a try counts as failed.
        at_once: whether the addresses are those of our proxy, which replays without any rhythm.
    """

    urls: Mapping[str, str]
    concurrency: Mapping[str, int] = field(default_factory=dict)
    retries: int = 3
    backoff_s: float = 0.5
    timeout_s: float = 120.0
    at_once: bool = False


async def run(
    trials: Sequence[Trial],
    conditions: Mapping[str, Condition],
    config: RunnerConfig,
    on_progress: Callable[[Progress], None] = lambda _: None,
    watch: Watch | None = None,
) -> list[Receipt]:
    """Send every request of the trials, in order, and return the receipts in the same order.

    Args:
        trials: to send.
        conditions: by id.
        config: settings of the run.
        on_progress: gets each trial that has ended.
        watch: gets every piece of a reply as it arrives.

    Raises:
        MissError: a replaying proxy was asked for something that is not recorded.
        RunFailedError: the proxy itself failed, or a server stopped answering.
        Exception: the first one that ``on_progress`` or ``watch`` raised, a `LlmxrayError` before all others.
    """
    loop = asyncio.get_running_loop()
    began, done = loop.time(), 0
    receipts: dict[str, tuple[Receipt, ...]] = {}
    by_endpoint: dict[str, list[Trial]] = {}
    for trial in trials:
        by_endpoint.setdefault(conditions[trial.condition].endpoint, []).append(trial)
    async with _session(config.timeout_s) as session:
        loopback = LoopbackClient() if config.at_once and watch is None else None
        sender = _Sender(session, loopback, config, watch)

        async def finish(trial: Trial, endpoint: str) -> None:
            nonlocal done
            receipts[trial.id] = await sender.trial(trial, endpoint, conditions[trial.condition].api)
            done += 1
            on_progress(Progress(trial, receipts[trial.id], done, len(trials), loop.time() - began))

        try:
            async with asyncio.TaskGroup() as group:
                for endpoint, queue in by_endpoint.items():
                    await _spread(group, queue, config, endpoint, finish)
        except BaseExceptionGroup as errors:
            raise _first_of(errors) from None
        finally:
            if loopback is not None:
                loopback.close()
    return [receipt for trial in trials for receipt in receipts[trial.id]]


def _session(timeout_s: float) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        # No limit here: the runner limits requests in flight, and time in a queue would count as the server's.
        connector=aiohttp.TCPConnector(limit=0),
        # No cookies: a request must depend only on its body, which identifies its recording.
        cookie_jar=aiohttp.DummyCookieJar(),
        # A long answer is no failure; only silence is.
        timeout=aiohttp.ClientTimeout(total=None, sock_read=timeout_s),
        max_line_size=HEADER_BYTES,
        max_field_size=HEADER_BYTES,
    )


def _first_of(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first error of a group that is one of ours; the first of all where none is."""
    first = (errors.subgroup(LlmxrayError) or errors).exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first


async def _spread(
    group: asyncio.TaskGroup,
    trials: Sequence[Trial],
    config: RunnerConfig,
    endpoint: str,
    finish: Callable[[Trial, str], Awaitable[None]],
) -> None:
    """Start workers for one endpoint, each of which takes the next trial when it is free: no task per trial."""
    waiting = iter(trials)

    async def work() -> None:
        for trial in waiting:
            await finish(trial, endpoint)

    for _ in range(min(config.concurrency.get(endpoint, 1), len(trials))):
        group.create_task(work())


@dataclass(slots=True)
class _Received:
    """The reply to a request.

    Attributes:
        status: HTTP status, None if nothing came back.
        body: as much as arrived.
        whole: whether the body is complete, as its framing states.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    whole: bool = False

    @property
    def content_type(self) -> str:
        """The kind of the body, without its parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()


class _Attempt(NamedTuple):
    """One try of a request.

    Attributes:
        wait_s: seconds before the next try; None if there is none.
        replayed: whether the reply was read from a cassette.
        unreached: why no reply came at all; "" if one did.
    """

    receipt: Receipt
    wait_s: float | None
    replayed: bool
    unreached: str


class _Target(NamedTuple):
    """Where requests go, and what reads the replies."""

    url: URL
    read: Callable[..., Completion]


class _Sender:
    def __init__(
        self,
        session: aiohttp.ClientSession,
        loopback: LoopbackClient | None,
        config: RunnerConfig,
        watch: Watch | None,
    ) -> None:
        self._session, self._loopback, self._config, self._watch = session, loopback, config, watch
        # Parsed once, because parsing one takes as long as sending a short request.
        self._targets = {
            (label, name): _Target(URL(api.url(url)), api.read)
            for label, url in config.urls.items()
            for name, api in APIS.items()
        }
        self._silent = dict.fromkeys(config.urls, 0)

    async def trial(self, trial: Trial, endpoint: str, api: ApiName) -> tuple[Receipt, ...]:
        target = self._targets[endpoint, api]
        attempts = [await self._request(trial, request, target) for request in trial.requests]
        unreached = next((attempt.unreached for attempt in attempts if attempt.unreached), "")
        self._silent[endpoint] = self._silent[endpoint] + 1 if unreached else 0
        if self._silent[endpoint] == _SILENT_TRIALS:
            raise RunFailedError(
                f"endpoint {endpoint} stopped answering: no reply to {_SILENT_TRIALS} trials in a row "
                f"({unreached}); what was recorded is kept, and the same command goes on from there"
            )
        return tuple(attempt.receipt for attempt in attempts)

    async def _request(self, trial: Trial, request: PlannedRequest, target: _Target) -> _Attempt:
        body, number = encode_body(request.body), 0
        while True:
            attempt = await self._try(trial, request, target, body, number)
            # A replaying proxy says whether a later try was recorded, so retries are not limited then.
            if attempt.wait_s is None or (number >= self._config.retries and not attempt.replayed):
                return attempt
            await asyncio.sleep(attempt.wait_s)
            number += 1

    async def _try(
        self, trial: Trial, request: PlannedRequest, target: _Target, body: bytes, attempt: int
    ) -> _Attempt:
        watch = self._watch
        on_piece = None if watch is None else _piece_listener(watch, trial, request)
        reply = await self._post(target.url, body, trial.sample, on_piece)
        is_proxy_error = reply.whole and _ERROR in reply.headers
        if is_proxy_error:
            # One of the proxy itself, which another try cannot help, unless it reaches no server.
            kind = reply.headers[_ERROR]
            if kind != "llmxray_upstream":
                is_miss = kind in ("llmxray_miss", "llmxray_exhausted")
                raise (MissError if is_miss else RunFailedError)(_message(reply.body))
        number = int(reply.headers.get(_ATTEMPT, attempt))
        replayed = reply.headers.get(_REPLAYED) == "1"
        if replayed:
            wait = 0.0 if reply.headers.get(_MORE) == "1" else None
        else:
            wait = _wait_s(reply, min(self._config.backoff_s * 2**attempt, _LONGEST_WAIT_S), target.read)
        if watch is not None:
            watch.ended(trial, request, reply.status if reply.whole else None, reply.content_type)
        digest = hashlib.sha256(reply.body).hexdigest()
        receipt = Receipt(trial.id, request.key, trial.sample, number, reply.status, digest)
        return _Attempt(
            receipt, wait, replayed, _message(reply.body) if is_proxy_error and not replayed else ""
        )

    async def _post(self, url: URL, body: bytes, sample: int, on_piece: OnPiece | None) -> _Received:
        """Read the reply to its end. A failure is not raised: the reply says how far it got."""
        reply, received = _Received(), bytearray()
        headers = {_SAMPLE: str(sample), "Content-Type": "application/json"}
        if self._loopback is not None:
            return _Received(*await self._loopback.post(url, body, {**headers, _WHOLE: "1"}))
        try:
            async with self._session.post(url, data=body, headers=headers) as response:
                reply.status, reply.headers = response.status, response.headers
                async for piece in response.content.iter_any():
                    received += piece
                    if on_piece is not None:
                        on_piece(piece)
                reply.whole = True
        except (aiohttp.ClientError, TimeoutError):
            # What arrived is kept, for its hash goes into the failed try's receipt.
            pass
        reply.body = bytes(received)
        return reply


def _piece_listener(watch: Watch, trial: Trial, request: PlannedRequest) -> OnPiece:
    """A function that passes pieces of a reply on to a watch, with the time since now, when the request is sent."""
    clock = asyncio.get_running_loop().time
    began = clock()
    watch.began(trial, request)
    return lambda piece: watch.received(trial, request, piece, clock() - began)


def _wait_s(reply: _Received, backoff_s: float, read: Callable[..., Completion]) -> float | None:
    if not reply.whole:
        return backoff_s
    if reply.status in _RETRIED:
        return _retry_after_s(reply.headers.get("Retry-After"), backoff_s)
    if reply.status != 200:
        return None
    # A stream that ends with its connection can be cut without any error of the connection.
    completion = read([Chunk(0.0, reply.body)], content_type=reply.content_type, status=200)
    return None if completion.whole else backoff_s


def _message(body: bytes) -> str:
    return str(json.loads(body)["error"]["message"])


def _retry_after_s(value: str | None, backoff_s: float) -> float:
    if value is None:
        return backoff_s
    if value.strip().isascii() and value.strip().isdigit():
        return min(float(value), _LONGEST_WAIT_S)
    try:
        wait = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    # A date of numbers that no date has is no `ValueError`.
    except (TypeError, ValueError, OverflowError):
        return backoff_s
    return min(max(wait, 0.0), _LONGEST_WAIT_S)
