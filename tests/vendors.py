"""Strict servers: each refuses what its vendor refuses, in the vendor's own words, over real HTTP.

The words are those of public error reports; docs/servers.md says what they mean for a recording. Where a vendor is
known to refuse a field and its words for that one are not public (logprobs of DeepSeek and Mistral), they are its words
for another.

Threads on GitHub with these words, by vendor: OpenAI langchain-ai/langchain#29947, vercel/ai#10932; Azure
openai/openai-python#1724; OpenRouter OpenRouterArchived/openrouter-runner#101; Google Vali-98/ChatterUI#227,
n4ze3m/page-assist#418, mscraftsman/generative-ai#135; Mistral mistralai/platform-docs-public#7,
langchain-ai/langchain-azure#82; DeepSeek microsoft/PyRIT#991; Together stanford-crfm/helm#2325,
togethercomputer/openapi#104; Cerebras Alishahryar1/free-claude-code#1136; vLLM vllm-project/vllm#3657; Ollama
pepperoni21/ollama-rs#295, ollama/ollama#16117; LM Studio lmstudio-ai/lms#60; LiteLLM BerriAI/litellm#17165.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

type Body = Mapping[str, Any]
type Refused = tuple[int, Any] | None

PLAIN = {"model", "messages", "stream", "temperature", "top_p", "seed", "stop", "tools"}
OPENAI = PLAIN | {
    "stream_options", "max_tokens", "max_completion_tokens", "logprobs", "top_logprobs", "presence_penalty",
    "frequency_penalty", "logit_bias", "response_format", "user", "store", "reasoning_effort",
}  # fmt: skip

# The fields of its official client's requests.
MISTRAL = (PLAIN - {"seed"}) | {
    "max_tokens", "random_seed", "presence_penalty", "frequency_penalty", "response_format", "reasoning_effort",
}  # fmt: skip


def openai_error(message: str, param: str | None = None, code: str | None = None) -> Any:
    """OpenAI's shape of an error."""
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


def forbidden(place: Sequence[str]) -> dict[str, Any]:
    """A finding of pydantic's, as servers built on FastAPI hand it on."""
    said = "Extra inputs are not permitted"
    return {"type": "extra_forbidden", "loc": ["body", *place], "msg": said, "input": 1}


def mistral_error(*found: dict[str, Any]) -> dict[str, Any]:
    """Mistral's shape of today."""
    kind = {"type": "invalid_request_error", "param": None, "code": None}
    return {"object": "error", "message": {"detail": [*found]}, **kind}


def unrecognized(body: Body, known: set[str]) -> Refused:
    """OpenAI's and Azure's complaint about fields that they do not know: all of them at once."""
    names = sorted(body.keys() - known)
    if not names:
        return None
    word = "argument" if len(names) == 1 else "arguments"
    return 400, openai_error(f"Unrecognized request {word} supplied: {', '.join(names)}")


def gpt_4o(body: Body) -> Refused:
    """OpenAI, a model of before."""
    return unrecognized(body, OPENAI)


def gpt_5(body: Body) -> Refused:
    """OpenAI, a model that thinks out of sight."""
    if "max_tokens" in body:
        return 400, openai_error(
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            "max_tokens",
            "unsupported_parameter",
        )
    if body.get("temperature", 1) != 1:
        return 400, openai_error(
            f"Unsupported value: 'temperature' does not support {body['temperature']} with this model. "
            "Only the default (1) value is supported.",
            "temperature",
            "unsupported_value",
        )
    if "stop" in body:
        return 400, openai_error("Unsupported parameter: 'stop' is not supported with this model.", "stop")
    if body.get("logprobs"):
        return 403, openai_error("You are not allowed to request logprobs from this model")
    if body.get("max_completion_tokens", 10**6) < 256:
        return 400, openai_error(
            "Could not finish the message because max_tokens or model output limit was reached. Please try again with "
            "higher max_tokens."
        )
    return unrecognized(body, OPENAI)


def mistral(body: Body) -> Refused:
    """Mistral: whatever it does not know, inside of fields too."""
    places = [[name] for name in sorted(body.keys() - MISTRAL - {"stream_options"})]
    places += [["stream_options", name] for name in body.get("stream_options", {})]
    if not places:
        return None
    return 422, mistral_error(*map(forbidden, places))


def groq(body: Body) -> Refused:
    """Groq: one field at a time, with a guess of what was meant."""
    if "logprobs" in body:
        return 400, openai_error("`logprobs` is not supported with this model")
    unknown = sorted(body.keys() - PLAIN - {"max_tokens", "max_completion_tokens", "stream_options"})
    if not unknown:
        return None
    return 400, openai_error(f"property '{unknown[0]}' is unsupported, did you mean 'stop'?")


def tgi(body: Body) -> Refused:
    """Hugging Face's server: few alternatives, and its own name for them."""
    if (asked := body.get("top_logprobs", 0)) <= 5:
        return None
    said = f"Input validation error: `top_n_tokens` must be >= 0 and <= 5. Given: {asked}"
    return 422, {"error": said, "error_type": "validation"}


def events(body: Body, text: str = "Paris", nats: float = -0.1) -> list[bytes]:
    """A stream in OpenAI's shape, with what the request asks for."""
    delta = {"role": "assistant", "content": text}
    choice: dict[str, Any] = {"index": 0, "delta": delta, "finish_reason": "stop"}
    if body.get("logprobs"):
        tops = [{"token": f"t{n}", "logprob": -1.0 - n} for n in range(body.get("top_logprobs", 0))]
        choice["logprobs"] = {"content": [{"token": text, "logprob": nats, "top_logprobs": tops}]}
    payloads: list[Any] = [{"id": "c", "model": body["model"], "choices": [choice]}]
    if body.get("stream_options", {}).get("include_usage"):
        payloads.append({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 1}})
    return [b"data: " + json.dumps(each).encode() + b"\n\n" for each in payloads] + [b"data: [DONE]\n\n"]


@dataclass
class Vendor:
    """A strict server.

    Attributes:
        refuses: what it says to a body, None where it takes it.
        bodies: requests it has taken.
        refused: requests it has refused.
        says: text and log-probability of the answer.
    """

    refuses: Callable[[Body], Refused]
    bodies: list[Body] = field(default_factory=list)
    refused: list[Body] = field(default_factory=list)
    says: Callable[[Body], tuple[str, float]] = lambda _: ("Paris", -0.1)

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """Refuse, or stream an answer."""
        body = await request.json()
        said = self.refuses(body)
        (self.bodies if said is None else self.refused).append(body)
        if said is not None:
            return web.json_response(said[1], status=said[0])
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        for event in events(body, *self.says(body)):
            await stream.write(event)
        await stream.write_eof()
        return stream

    @property
    def recorded(self) -> list[Body]:
        """Requests it has taken, the recorder's own questions left out."""
        return [body for body in self.bodies if "capital of France" not in json.dumps(body["messages"])]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Its base URL, on a free port of loopback."""

        async def models(_: web.Request) -> web.Response:
            return web.json_response({"object": "list", "data": [{"id": "m"}, {"id": "n"}]})

        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.chat)
        app.router.add_get("/v1/models", models)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        finally:
            await runner.cleanup()
