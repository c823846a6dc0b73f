"""Facts about a server, read from its replies. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from llmxray.plan import FORCINGS, force_text
from llmxray.scoring.budgets import thinking as declared_thinking
from llmxray.types import Completion
from llmxray.wire import json_values, opening_tag

# llama.cpp, DeepSeek, SGLang and LM Studio; vLLM and Ollama; OpenRouter. Empty ones come without any thinking.
_REASONING = re.compile(rb'"(reasoning_content|reasoning|reasoning_details)"\s*:\s*(?!\s|null|""|\[\])')
# Facts taken from a model list; never a path on the server.
_MODEL_FACTS = (
    "n_params",
    "n_ctx",
    "n_ctx_train",
    "n_vocab",
    "size",
    "max_model_len",
    "context_length",
    "context_window",
    "max_context_length",
    "quantization",
)
# What servers write as `owned_by` of a model that they list. A vendor's name is not here: gateways write it too.
_OWNERS = {
    "llamacpp": "llama.cpp",
    "vllm": "vLLM",
    "sglang": "SGLang",
    "library": "Ollama",
    "lmstudio": "LM Studio",
    "llmxray": "llmxray",
}
_HOSTS = {
    "openai.com": "OpenAI",
    "azure.com": "Azure",
    "openrouter.ai": "OpenRouter",
    "deepseek.com": "DeepSeek",
    "mistral.ai": "Mistral",
    "groq.com": "Groq",
    "together.xyz": "Together",
    "together.ai": "Together",
    "x.ai": "xAI",
    "googleapis.com": "Google",
    "anthropic.com": "Anthropic",
    "cerebras.ai": "Cerebras",
    "fireworks.ai": "Fireworks",
    "cohere.ai": "Cohere",
    "cohere.com": "Cohere",
}
# Headers by which gateways identify themselves.
GATEWAY_VERSIONS = {"LiteLLM": "x-litellm-version"}
_MOST_MODELS = 200
# No model says this of a capital of France; after a mask that leaves nothing else, every model does.
_MASKED_ABOVE_NATS = -3.0
_LOWEST_NATS = -9999.0


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts about a server.

    Attributes:
        models: ids it lists; empty without a list.
        model_facts: from its list: parameters, context, size.
        server_software: its name, "" when it does not show.
        server_version: as the server reports it, "" if not.
        streaming: whether a streamed reply came in events.
        logprobs: whether tokens carry logprobs.
        top_logprobs: alternatives per token when 20 were asked for, or where that is refused 10, 5 or 1.
        token_bytes: whether tokens carry their bytes.
        usage: whether token counts were reported.
        reasoning: whether the reply had thinking, in its own field or inside ``<think>``.
        reasoning_field: name of that field, "" when none was used.
        thinking: whether the model thinks before it answers.
        thinking_why: the evidence, "" without any.
        forcing: request field that makes the server give exactly one text (what likelihood answers need), "" for
            none of those tried.
        forced_logprob_nats: log-probability of an absurd text that was forced so, None without logprobs.
        forcing_why: why the server can force a text and likelihood answers cannot use it, "" otherwise.
        budget_field: request field of the completion budget.
        refused: request fields of the questions that the server refuses.
        model_reported: the model that the reply names.
        system_fingerprint: as sent, "" when absent.
    """

    base_url: str
    model: str
    models: tuple[str, ...]
    streaming: bool
    logprobs: bool
    top_logprobs: int
    token_bytes: bool
    usage: bool
    reasoning: bool
    system_fingerprint: str
    model_reported: str = ""
    model_facts: str = ""
    server_software: str = ""
    server_version: str = ""
    reasoning_field: str = ""
    thinking: bool = False
    thinking_why: str = ""
    forcing: str = ""
    forced_logprob_nats: float | None = None
    forcing_why: str = ""
    budget_field: str = "max_tokens"
    refused: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The facts as the manifest keeps them, with the first 200 models of a router."""
        return asdict(self) | {"models": self.models[:_MOST_MODELS]}


def forcing_fields(text: str) -> dict[str, Mapping[str, Any]]:
    """Ways to force a reply, by the request field that does it: llama.cpp, vLLM now and earlier, JSON Schema."""
    schema = {
        "type": "object",
        "properties": {"answer": {"type": "string", "enum": [text]}},
        "required": ["answer"],
        "additionalProperties": False,
    }
    wrapped = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}
    # As likelihood answers need; the last one wraps the text, so they cannot use it.
    return {
        **{name: force_text(name, text) for name in FORCINGS},
        "response_format": {"response_format": wrapped},
    }


@dataclass(frozen=True, slots=True)
class Forced:
    """A server's log-probability of a forced text; see `Facts`."""

    logprob_nats: float | None = None
    why: str = ""


def read_forced(reply: Completion, text: str) -> Forced:
    """Read the reply to a forced question.

    Args:
        text: the forced text.
    """
    known = [token.logprob_nats for token in reply.tokens if token.logprob_nats is not None]
    if not known or len(known) < len(reply.tokens):
        return Forced()
    nats = max(sum(known), _LOWEST_NATS)
    why = ""
    if nats > _MASKED_ABOVE_NATS:
        why = (
            f"it gives the absurd answer {text!r} a log-probability of {nats:.2f} where that is forced: "
            "its numbers are from after the mask"
        )
    return Forced(nats, why)


def was_forced(reply: Completion, text: str) -> bool:
    """Whether the reply is the forced text, plain or as the one field of the JSON object."""
    said = reply.text.strip()
    # A reply may be nested deeper than Python goes.
    return said == text or json_values.parse(said) == {"answer": text}


def reasoning_field(body: bytes) -> str:
    """Name of the first reasoning field with something in it, "" for none."""
    found = _REASONING.search(body)
    return found[1].decode() if found else ""


def detect_thinking(model: str, reply: Completion, capabilities: tuple[str, ...]) -> tuple[bool, str]:
    """Whether a model thinks first, and the evidence."""
    if reply.reasoning:
        return True, "its reply to a test question had reasoning"
    if tag := opening_tag(reply.text):
        return True, f"its reply to a test question began with {tag}"
    why = declared_thinking(model, capabilities=capabilities, reasoning_tokens=reply.reasoning_tokens)
    return bool(why), why


def server_name(
    entry: Mapping[str, Any], reply: Completion, headers: Mapping[str, str], base_url: str
) -> str:
    """Name of the server software, "" if unknown.

    Args:
        entry: of the model in the list of models.
        headers: of a reply, names in small letters.
    """
    # First, because a gateway passes on facts of the servers behind it.
    for gateway, header in GATEWAY_VERSIONS.items():
        if header in headers:
            return gateway
    # Before the owner: Ollama's `owned_by` may name the model's publisher.
    if reply.system_fingerprint == "fp_ollama":
        return "Ollama"
    owner = _OWNERS.get(str(entry.get("owned_by", "")).lower(), "")
    host = urlsplit(base_url).hostname or ""
    vendor = next((name for domain, name in _HOSTS.items() if f".{host}".endswith(f".{domain}")), "")
    said = headers.get("server", "")
    return owner or vendor or (f"{said} (its Server header)" if said else "")


def model_facts(entry: Mapping[str, Any]) -> str:
    """A model's facts in one line: "n_params 134515008, size 139000000"."""
    nested = entry.get("meta")
    known = {**(nested if isinstance(nested, dict) else {}), **entry}
    shown = [
        f"{name} {known[name]}"
        for name in _MODEL_FACTS
        # True is an int to Python.
        if isinstance(known.get(name), int | float | str) and not isinstance(known[name], bool)
    ]
    return ", ".join(shown)
