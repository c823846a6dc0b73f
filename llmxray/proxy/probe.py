"""Probe a server for the facts that readers of its recordings need.

`llmxray probe` prints them; recording stores them in the manifest. A server that does not answer as an
OpenAI-compatible endpoint gives one clear line. A few short questions are asked. `check_fields` asks one more:
whether the server takes the fields of an experiment.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from llmxray.errors import EndpointError
from llmxray.proxy import facts as reading
from llmxray.proxy.facts import Facts
from llmxray.proxy.probe_client import BUSY, FEW_TOKENS, Answer, ProbeClient
from llmxray.types import ApiName, Json
from llmxray.wire import LOGPROB_FIELDS, FieldRefusal

_FORCED = "Zanzibar"  # not what anybody would answer
# Room for the text inside a JSON object; a server that ignores the field says something else.
_FORCED_TOKENS = 24
_SHOWN_MODELS = 8
# OpenAI accepts 20 alternatives at most, and experiments ask for no more.
_ASKED_TOP = 20
_FEWER_TOPS = (10, 5, 1)
# 422 is what servers on FastAPI say to a field they do not take, 403 OpenAI's to logprobs that a model does not give.
_REFUSED = (400, 403, 422)
# Of no matter to the probe's question.
_DROPPABLE = ("temperature", "stream_options")
_VERSION_PATHS = {
    "llama.cpp": ("/props", "build_info"),
    "vLLM": ("/version", "version"),
    "Ollama": ("/api/version", "version"),
}


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Which fields of an experiment a server accepts.

    Attributes:
        budget_field: the budget field that it takes.
        dropped: fields that it refuses and that may be left out.
        refusal: its refusal of a required field, None without one.
    """

    budget_field: str
    dropped: tuple[str, ...] = ()
    refusal: FieldRefusal | None = None


async def check_fields(
    base_url: str,
    fields: Mapping[str, Json],
    *,
    model: str,
    droppable: Collection[str],
    key: str = "",
    budget_field: str = "",
    without: Collection[str] = (),
    api: ApiName = "chat",
) -> Acceptance:
    """Whether a server takes these request fields: one short question, more where it refuses some.

    Args:
        droppable: optional fields.
        budget_field: the budget field, if known.
        without: fields to leave out of every request.
        api: the API to ask.

    Raises:
        EndpointError: nothing answers there.
    """
    async with ProbeClient(
        base_url, model, key, budget_field=budget_field, without=without, api=api
    ) as client:
        answer = await client.ask(fields, droppable=droppable, patient=True)
        return Acceptance(client.budget_field, tuple(client.left_out), answer.refusal)


async def probe_server(base_url: str, *, model: str = "", key: str = "", api: ApiName = "chat") -> Facts:
    """Probe a server with a few short questions.

    Args:
        base_url: as clients write it, ending in ``/v1`` or the like.
        model: name to ask for; the first one listed when it is "".
        key: API key, "" for none.
        api: the API to ask.

    Raises:
        EndpointError: nothing listens there, the path or the model does not exist, or it is another kind of server.
    """
    async with ProbeClient(base_url, model, key, api=api) as client:
        return await _Probe(client).run()


class _Probe:
    def __init__(self, client: ProbeClient) -> None:
        self._client = client
        self._logprobs_refused = False

    async def run(self) -> Facts:
        client = self._client
        entries = await client.models()
        models = tuple(str(each["id"]) for each in entries)
        # A server without a list may still have the model: ask it. Ollama lists "llama3.2:latest" and takes "llama3.2".
        if (
            models
            and client.model
            and client.model not in {*models, *(model.split(":")[0] for model in models)}
        ):
            listed = ", ".join(models[:_SHOWN_MODELS]) + (" …" if len(models) > _SHOWN_MODELS else "")
            raise EndpointError(f"{client.base_url} has no model {client.model!r}; it has: {listed}")
        client.model = client.model or (models[0] if models else "")
        first = await self._first()
        reply, tokens = first.reply, first.reply.tokens
        entry = next((each for each in entries if each["id"] in (client.model, reply.model)), {})
        software = reading.server_name(entry, reply, first.headers, client.base_url)
        capabilities = await self._capabilities() if software == "Ollama" else ()
        thinks, why = reading.detect_thinking(client.model, reply, capabilities)
        forcing, forced = await self._forcing()
        return Facts(
            base_url=client.base_url,
            model=client.model,
            models=models,
            streaming=first.raw.startswith((b"data:", b":", b"event:")),
            logprobs=bool(tokens),
            top_logprobs=first.alternatives,
            token_bytes=bool(tokens) and all(token.bytes is not None for token in tokens),
            usage=reply.completion_tokens is not None,
            reasoning=bool(reply.reasoning) or "<think>" in reply.text,
            reasoning_field=reading.reasoning_field(first.raw) if reply.reasoning else "",
            thinking=thinks,
            thinking_why=why,
            forcing=forcing,
            forced_logprob_nats=forced.logprob_nats,
            forcing_why=forced.why,
            model_reported=reply.model,
            model_facts=reading.model_facts(entry),
            server_software=software,
            server_version=await self._version(software, first),
            system_fingerprint=reply.system_fingerprint,
            budget_field=client.budget_field,
            refused=(*self._client.left_out, *(LOGPROB_FIELDS if self._logprobs_refused else ())),
        )

    async def _first(self) -> Answer:
        """The answer to the question, with 20 alternatives, fewer, or no logprobs: the most that is accepted."""
        first = refused = await self._ask(_logprobs(_ASKED_TOP), patient=True)
        for fields in (*map(_logprobs, _FEWER_TOPS), {}):
            if first.status not in _REFUSED:
                break
            refusal = first.refusal
            # If the field is refused, smaller values are too.
            if fields and refusal is not None and refusal.field in LOGPROB_FIELDS and not refusal.other_value:
                continue
            first = await self._ask(fields)
        # Where nothing is accepted, the first complaint is about the most.
        if why := self._complaint(first if first.whole else refused):
            raise EndpointError(f"{self._client.base_url}{why}")
        self._logprobs_refused = "logprobs" not in first.sent
        return first

    async def _ask(
        self, fields: Mapping[str, Json], tokens: int = FEW_TOKENS, *, patient: bool = False
    ) -> Answer:
        asked = {"temperature": 0, **fields}
        return await self._client.ask(asked, droppable=_DROPPABLE, tokens=tokens, patient=patient)

    async def _forcing(self) -> tuple[str, reading.Forced]:
        """The field that forces a text, and the reply to it; ("", …) if unusable."""
        unusable = reading.Forced()
        asked = {} if self._logprobs_refused else _logprobs(1)
        for field, fields in reading.forcing_fields(_FORCED).items():
            answer = await self._ask({**fields, **asked}, tokens=_FORCED_TOKENS)
            if answer.whole and reading.was_forced(answer.reply, _FORCED):
                forced = reading.read_forced(answer.reply, _FORCED)
                # Kept as the reason why forcing is unusable; another field may work.
                if forced.why:
                    unusable = forced
                    continue
                return field, forced
        return "", unusable

    def _complaint(self, answer: Answer) -> str:
        """What is wrong with an answer, as it stands behind the base URL; "" for nothing."""
        said, status = answer.reply.error, answer.status
        if status == 404 and "parameters" in said:
            # A router, such as OpenRouter, has the model but no provider that takes the request.
            return f" has nobody who takes this request for the model: {said[:200]}"
        if status in (404, 405):
            return f"{self._client.api.url('')} is not there or has no model {self._client.model!r} ({said[:200]})"
        if 300 <= status < 400:
            return f" sends clients elsewhere (HTTP {status}): give the address it sends them to"
        if status in BUSY:
            said = "" if "html" in answer.content_type else f": {said[:200]}"
            return f" is busy or failing (HTTP {status}{said}): try again later"
        if "html" in answer.content_type or answer.raw.lstrip()[:1] == b"<":
            return " answers with a web page, not JSON: is the base URL right (…/v1)?"
        return (
            "" if answer.whole else f" does not answer as a chat endpoint: {said[:300] or f'HTTP {status}'}"
        )

    async def _capabilities(self) -> tuple[str, ...]:
        data = await self._client.request_json("POST", "/api/show", {"model": self._client.model})
        listed = data.get("capabilities")
        return tuple(map(str, listed)) if isinstance(listed, list) else ()

    async def _version(self, software: str, first: Answer) -> str:
        if software not in _VERSION_PATHS:
            return first.headers.get(reading.GATEWAY_VERSIONS.get(software, ""), "")[:80]
        path, field = _VERSION_PATHS[software]
        version = (await self._client.request_json("GET", path)).get(field, "")
        return version[:80] if isinstance(version, str) else ""


def _logprobs(count: int) -> dict[str, Any]:
    return {"logprobs": True, "top_logprobs": count}
