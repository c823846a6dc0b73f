"""Short questions to a server, asked in the way that it takes them.

A server may want the budget in another field, or refuse a field that is of no matter to the question. A `ProbeClient`
finds that out from the server's own words and remembers it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp

from llmxray.cassette.scrub import SecretGuard
from llmxray.errors import EndpointError, SecretLeakError
from llmxray.keys import is_in_the_clear
from llmxray.limits import HEADER_BYTES
from llmxray.proxy.responses import refuse_replay
from llmxray.types import BUDGET_FIELDS, ApiName, Chunk, Completion, Json
from llmxray.wire import APIS, LOGPROB_FIELDS, FieldRefusal, refused_field, wants_more_tokens
from llmxray.wire.json_values import dicts_of

QUESTION = "What is the capital of France? Answer with one word."
# Enough to see a <think>, a reasoning field and whether tokens carry logprobs.
FEW_TOKENS = 8
# For a model that thinks out of sight before its first word.
_MANY_TOKENS = 1024
_TIMEOUT_S = 120.0
# llama.cpp replies 503 while loading.
BUSY = (429, 500, 502, 503, 504)
_BUSY_WAITS_S = (1.0, 3.0)
# Each change leaves out a field or gives it another name; no request has more of them.
_MOST_CHANGES = 16


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply to one question.

    Attributes:
        sent: names of the fields of the request.
        headers: of the reply, names in small letters.
    """

    status: int
    content_type: str
    headers: Mapping[str, str]
    raw: bytes
    reply: Completion
    sent: frozenset[str]

    @property
    def whole(self) -> bool:
        """Whether it is an answer."""
        return self.status == 200 and self.reply.whole

    @property
    def alternatives(self) -> int:
        """Most alternatives that a token has."""
        return max((len(token.top) for token in self.reply.tokens), default=0)

    @property
    def refusal(self) -> FieldRefusal | None:
        """The field that the server refuses, if any."""
        return refused_field(self.status, self.raw, self.sent)


class ProbeClient:
    """Asks a server. An async context manager; connection failures become `EndpointError`.

    Args:
        base_url: as clients write it, ending in ``/v1`` or the like.
        key: API key, "" for none; cut out of every error.
        budget_field: the budget field, if fixed.
        without: fields to leave out of every question.
        api: the API to ask.

    Attributes:
        budget_field: the budget field found so far.
        left_out: fields that the server refuses and that were left out.

    Raises:
        EndpointError: the key would travel in the clear.
    """

    def __init__(
        self,
        base_url: str,
        model: str = "",
        key: str = "",
        *,
        budget_field: str = "",
        without: Collection[str] = (),
        api: ApiName = "chat",
    ) -> None:
        if key and is_in_the_clear(base_url):
            raise EndpointError(
                f"{base_url} is http, so the API key is not sent to it: use https, or a tunnel"
            )
        self.base_url, self.model, self._key = base_url, model, key
        self._fixed, self._without = bool(budget_field), frozenset(without)
        self.api = APIS[api]
        self.budget_field = budget_field or self.api.budget_field or BUDGET_FIELDS[0]
        self.left_out: dict[str, FieldRefusal] = {}
        self._least_tokens = self.api.least_tokens
        self._guard = SecretGuard([key])

    async def __aenter__(self) -> Self:
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=_TIMEOUT_S)
        # Some servers (llama.cpp) close connections that they announced to keep.
        connector = aiohttp.TCPConnector(force_close=True)
        self._session = aiohttp.ClientSession(
            connector=connector, timeout=timeout, headers=headers, max_field_size=HEADER_BYTES
        )
        return self

    async def __aexit__(self, _kind: object, error: object, _trace: object) -> None:
        await self._session.close()
        if isinstance(error, aiohttp.ClientError | TimeoutError):
            raise EndpointError(why_unreached(self.base_url, error)) from error

    async def ask(
        self,
        fields: Mapping[str, Json],
        *,
        droppable: Collection[str],
        tokens: int = FEW_TOKENS,
        patient: bool = False,
    ) -> Answer:
        """The answer, after adapting the budget field and dropping optional fields.

        Args:
            droppable: fields to leave out if the server refuses them.
            patient: wait for a server that is still loading, or busy for a moment.
        """
        answer = await self._ask_with_retries(fields, tokens) if patient else await self._ask(fields, tokens)
        for _ in range(_MOST_CHANGES):
            if not self._adapts(answer, droppable):
                break
            answer = await self._ask(fields, tokens)
        return answer

    def _adapts(self, answer: Answer, droppable: Collection[str]) -> bool:
        """Adapt the next question; returns whether anything changed."""
        if wants_more_tokens(answer.raw) and self._least_tokens < _MANY_TOKENS:
            self._least_tokens = _MANY_TOKENS
            return True
        refusal = answer.refusal
        if refusal is None:
            return False
        if refusal.instead and not self._fixed:
            # Once: for a server that refuses both, the file must name the field.
            self.budget_field, self._fixed = refusal.instead, True
            return True
        if refusal.field not in droppable:
            return False
        # A server that refuses one field of logprobs refuses both.
        gone = LOGPROB_FIELDS if refusal.field in LOGPROB_FIELDS else (refusal.field,)
        self.left_out |= dict.fromkeys(gone, refusal)
        return True

    async def _ask_with_retries(self, fields: Mapping[str, Json], tokens: int) -> Answer:
        answer = await self._ask(fields, tokens)
        for wait_s in _BUSY_WAITS_S:
            if answer.status not in BUSY:
                break
            await asyncio.sleep(wait_s)
            answer = await self._ask(fields, tokens)
        return answer

    async def _ask(self, fields: Mapping[str, Json], tokens: int) -> Answer:
        """The answer to the question, asked once."""
        wanted: dict[str, Json] = {
            "model": self.model,
            "messages": [{"role": "user", "content": QUESTION}],
            "stream": True,
            "stream_options": {"include_usage": True},
            self.budget_field: max(tokens, self._least_tokens),
            **fields,
        }
        gone = self.left_out.keys() | self._without
        body = self.api.body({name: value for name, value in wanted.items() if name not in gone})
        began = time.monotonic()
        url = self.api.url(self.base_url)
        # Not followed, here and below: a redirect would take the key along.
        async with self._session.post(url, json=body, allow_redirects=False) as response:
            chunks = [Chunk(time.monotonic() - began, piece) async for piece in response.content.iter_any()]
            kind, status = response.content_type, response.status
            headers = {name.lower(): value for name, value in response.headers.items()}
        raw = b"".join(chunk.raw for chunk in chunks)
        self._check_reply(raw, response)
        reply = self.api.read(chunks, content_type=kind, status=status)
        return Answer(status, kind, headers, raw, reply, frozenset(body))

    async def models(self) -> list[Mapping[str, Any]]:
        """Entries of the model list, or empty.

        Raises:
            EndpointError: the key is refused, or the list is not JSON.
        """
        async with self._session.get(f"{self.base_url}/models", allow_redirects=False) as response:
            if response.status in (401, 403):
                raise EndpointError(f"{self.base_url} refuses the API key (HTTP {response.status})")
            # Some servers have no list.
            if response.status != 200:
                return []
            raw = await response.read()
            self._check_reply(raw, response)
        try:
            data = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise EndpointError(
                f"{self.base_url}/models answers with something that is not JSON: is the base URL right (…/v1)?"
            ) from error
        entries = data.get("data") if isinstance(data, dict) else None
        return [each for each in dicts_of(entries) if "id" in each]

    async def request_json(self, method: str, path: str, body: Any = None) -> Mapping[str, Any]:
        """A JSON object from outside /v1; empty if the server lacks it."""
        parts = urlsplit(self.base_url)
        try:
            url = f"{parts.scheme}://{parts.netloc}{path}"
            async with self._session.request(method, url, json=body, allow_redirects=False) as response:
                raw = await response.read()
                self._check_reply(raw, response)
                data = json.loads(raw) if response.status == 200 else {}
        except (aiohttp.ClientError, TimeoutError, ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}

    def _check_reply(self, raw: bytes, response: aiohttp.ClientResponse) -> None:
        """Refuse a replayed answer, and one that repeats the key: its facts are shown, and recorded."""
        refuse_replay(self.base_url, response.headers.items())
        said = "\n".join([response.reason or "", *response.headers.values()])
        try:
            self._guard.check(raw, where="")
            self._guard.check(said.encode("utf-8", "surrogateescape"), where="")
        except SecretLeakError:
            raise EndpointError(
                f"{self.base_url} repeats the API key in an answer (HTTP {response.status}): nothing of it is shown "
                "or recorded; use another key there, or none"
            ) from None


def why_unreached(base_url: str, error: BaseException) -> str:
    """One line about a connection that failed."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        why = getattr(error.certificate_error, "verify_message", "") or str(error.certificate_error)
        return (
            f"the TLS certificate of {base_url} is not trusted ({why}): "
            "set SSL_CERT_FILE to the file of the authority that signed it"
        )
    if isinstance(error, aiohttp.ClientSSLError):
        return f"{base_url} does not speak TLS as it should ({error.os_error}): is it http, not https?"
    if isinstance(error, TimeoutError):
        why = "no answer within the time-out"
    elif isinstance(error, aiohttp.ClientConnectorError):
        why = str(error.os_error.strerror or error.os_error)
    elif isinstance(error, aiohttp.ServerDisconnectedError):
        why = "the server disconnected"
    elif isinstance(error, aiohttp.ClientError) and not isinstance(error, aiohttp.ClientConnectionError):
        # The words of such an error are the server's, and may repeat the key.
        why = "its answer is cut off, or no HTTP"
    else:
        why = str(error) or type(error).__name__
    return f"{base_url} cannot be reached ({why}): is the server running?"
