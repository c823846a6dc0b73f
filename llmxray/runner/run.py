"""Trials in, receipts out: concurrency per endpoint, retries with back-off and Retry-After."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
from yarl import URL

from llmxray.errors import MissError, RunFailedError
from llmxray.runner.watch import Watch
from llmxray.types import Chunk, Condition, PlannedRequest, Receipt, Trial
from llmxray.wire import encode_body, read_completion

_SAMPLE, _ATTEMPT = "X-Llmxray-Sample", "X-Llmxray-Attempt"
_REPLAYED, _MORE, _ERROR = "X-Llmxray-Replayed", "X-Llmxray-More", "X-Llmxray-Error"
_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_LONGEST_WAIT_S = 60.0


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
    """How to send.

    Attributes:
        urls: base URL by endpoint label.
        concurrency: requests in flight by endpoint label; 1 when it is not listed.
        retries: further tries after a failed one.
        backoff_s: first wait; it doubles with every try.
        timeout_s: longest silence before a try counts as failed.
    """

    urls: Mapping[str, str]
    concurrency: Mapping[str, int] = field(default_factory=dict)
    retries: int = 3
    backoff_s: float = 0.5
    timeout_s: float = 120.0


async def run(
    trials: Sequence[Trial],
    conditions: Mapping[str, Condition],
    config: RunnerConfig,
    on_progress: Callable[[Progress], None] = lambda _: None,
    watch: Watch | None = None,
) -> list[Receipt]:
    """Send every request of the trials, in order, and return the receipts in the same order.

    Args:
        watch: told of every piece that arrives.

    Raises:
        MissError: a replaying proxy was asked for something that is not recorded.
        RunFailedError: the proxy itself failed.
    """
    loop = asyncio.get_running_loop()
    began, done = loop.time(), 0
    receipts: dict[str, tuple[Receipt, ...]] = {}
    by_endpoint: dict[str, list[Trial]] = {}
    for trial in trials:
        by_endpoint.setdefault(conditions[trial.condition].endpoint, []).append(trial)
    async with _session(config) as session:
        sender = _Sender(session, config, watch)

        async def finish(trial: Trial, endpoint: str) -> None:
            nonlocal done
            receipts[trial.id] = await sender.trial(trial, endpoint)
            done += 1
            on_progress(Progress(trial, receipts[trial.id], done, len(trials), loop.time() - began))

        try:
            async with asyncio.TaskGroup() as group:
                for endpoint, queue in by_endpoint.items():
                    await _spread(group, queue, config, endpoint, finish)
        except* (MissError, RunFailedError) as errors:
            raise errors.exceptions[0] from None
    return [receipt for trial in trials for receipt in receipts[trial.id]]


async def _spread(
    group: asyncio.TaskGroup,
    trials: Sequence[Trial],
    config: RunnerConfig,
    endpoint: str,
    finish: Callable[[Trial, str], Awaitable[None]],
) -> None:
    """Workers of one endpoint, each taking the next trial when it is free: order kept, no task per trial."""
    waiting = iter(trials)

    async def work() -> None:
        for trial in waiting:
            await finish(trial, endpoint)

    for _ in range(min(config.concurrency.get(endpoint, 1), len(trials))):
        group.create_task(work())


def _session(config: RunnerConfig) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_read=config.timeout_s),
    )


class _Sender:
    def __init__(self, session: aiohttp.ClientSession, config: RunnerConfig, watch: Watch | None) -> None:
        self._session, self._config, self._watch = session, config, watch
        # Read once: a URL costs as much to read as a short request to send.
        self._urls = {label: URL(f"{url}/chat/completions") for label, url in config.urls.items()}

    async def trial(self, trial: Trial, endpoint: str) -> tuple[Receipt, ...]:
        url = self._urls[endpoint]
        return tuple([await self._request(trial, request, url) for request in trial.requests])

    async def _request(self, trial: Trial, request: PlannedRequest, url: URL) -> Receipt:
        body, attempt = encode_body(request.body), 0
        while True:
            receipt, wait_s, replayed = await self._try(trial, request, url, body, attempt)
            # A replaying proxy says itself whether a later try was recorded.
            if wait_s is None or (attempt >= self._config.retries and not replayed):
                return receipt
            await asyncio.sleep(wait_s)
            attempt += 1

    async def _try(
        self, trial: Trial, request: PlannedRequest, url: URL, body: bytes, attempt: int
    ) -> tuple[Receipt, float | None, bool]:
        """(receipt, seconds to wait before trying again or None when this try stands, whether it was replayed)."""
        digest, backoff = hashlib.sha256(), min(self._config.backoff_s * 2**attempt, _LONGEST_WAIT_S)
        headers = {_SAMPLE: str(trial.sample), "Content-Type": "application/json"}
        number, status, replayed, wait = attempt, None, False, None
        clock = asyncio.get_running_loop().time
        began, whole, content_type, watch = clock(), False, "", self._watch
        if watch:
            watch.began(trial, request)
        try:
            async with self._session.post(url, data=body, headers=headers) as response:
                number, status = int(response.headers.get(_ATTEMPT, attempt)), response.status
                replayed = response.headers.get(_REPLAYED) == "1"
                wait = 0.0 if response.headers.get(_MORE) == "1" else None
                kept = bytearray()
                async for piece in response.content.iter_any():
                    digest.update(piece)
                    kept += piece
                    if watch:
                        watch.received(trial, request, piece, clock() - began)
                whole, content_type = True, response.content_type
                if _ERROR in response.headers:
                    _raise_ours(response.headers[_ERROR], bytes(kept))
                if not replayed:
                    wait = self._wait_s(response, bytes(kept), backoff)
        except (aiohttp.ClientError, TimeoutError):
            wait = wait if replayed else backoff
        if watch:
            watch.ended(trial, request, status if whole else None, content_type)
        receipt = Receipt(trial.id, request.key, trial.sample, number, status, digest.hexdigest())
        return receipt, wait, replayed

    def _wait_s(self, response: aiohttp.ClientResponse, body: bytes, backoff_s: float) -> float | None:
        if response.status in _RETRIED:
            return _retry_after_s(response.headers.get("Retry-After"), backoff_s)
        return None if response.status != 200 or _whole(body, response.content_type) else backoff_s


def _raise_ours(kind: str, body: bytes) -> None:
    """Errors of the proxy itself end the run, for trying again cannot help; a server it cannot reach does not."""
    if kind == "llmxray_upstream":
        return
    message = json.loads(body)["error"]["message"]
    raise (MissError if kind in ("llmxray_miss", "llmxray_exhausted") else RunFailedError)(message)


def _whole(body: bytes, content_type: str) -> bool:
    # A stream whose end is delimited by the connection can be cut without any error on the way.
    return read_completion([Chunk(0.0, body)], content_type=content_type, status=200).whole


def _retry_after_s(value: str | None, backoff_s: float) -> float:
    if value is None:
        return backoff_s
    if value.strip().isascii() and value.strip().isdigit():
        return min(float(value), _LONGEST_WAIT_S)
    try:
        wait = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return backoff_s
    return min(max(wait, 0.0), _LONGEST_WAIT_S)
