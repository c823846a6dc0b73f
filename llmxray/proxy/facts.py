"""What a server showed of itself, and how to read it out of what it sent. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from llmxray.scoring.budget import thinking as declared_thinking
from llmxray.types import Completion
from llmxray.wire import opening_tag

# llama.cpp, DeepSeek, SGLang and LM Studio; vLLM and Ollama; OpenRouter. Empty ones come without any thinking.
_REASONING = re.compile(rb'"(reasoning_content|reasoning|reasoning_details)"\s*:\s*(?!\s|null|""|\[\])')
# What a list of models may say of one; never a path of the server's machine.
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
# What servers write as `owned_by` of a model that they list.
_OWNERS = {
    "llamacpp": "llama.cpp",
    "vllm": "vLLM",
    "sglang": "SGLang",
    "openai": "OpenAI",
    "system": "OpenAI",
    "deepseek": "DeepSeek",
    "library": "Ollama",
    "lmstudio": "LM Studio",
    "llmxray": "llmxray",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a server showed of itself.

    Attributes:
        models: ids it lists; empty when it has no list.
        model_facts: what its list says of the model: parameters, context, size.
        server_software: its name, "" when it does not show.
        server_version: as the server says it, "" when it does not.
        streaming: whether a streamed reply came in events.
        logprobs: whether tokens carry logprobs.
        top_logprobs: alternatives per token when 20 were asked for (or fewer, where 20 are refused).
        largest_top_logprobs: most alternatives that are accepted and sent, searched up to 64; None without logprobs.
        token_bytes: whether tokens carry their bytes.
        usage: whether token counts were reported.
        reasoning: whether the reply had thinking, in a field of its own or inside ``<think>``.
        reasoning_field: name of that field, "" when none was used.
        thinking: whether the model thinks before it answers.
        thinking_why: what told, "" when nothing did.
        forcing: request field that makes the server give exactly one text (what likelihood answers need), "" for
            none of those tried.
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
    largest_top_logprobs: int | None = None
    reasoning_field: str = ""
    thinking: bool = False
    thinking_why: str = ""
    forcing: str = ""

    def as_json(self) -> dict[str, Any]:
        """The facts as the manifest keeps them."""
        return asdict(self)


def forcing_fields(text: str) -> dict[str, Mapping[str, Any]]:
    """Ways to force a reply, by the request field that does it: llama.cpp, vLLM now and earlier, JSON Schema."""
    schema = {
        "type": "object",
        "properties": {"answer": {"type": "string", "enum": [text]}},
        "required": ["answer"],
        "additionalProperties": False,
    }
    wrapped = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}
    return {
        "grammar": {"grammar": f"root ::= {json.dumps(text)}"},
        "structured_outputs": {"structured_outputs": {"choice": [text]}},
        "guided_choice": {"guided_choice": [text]},
        "response_format": {"response_format": wrapped},
    }


def was_forced(reply: Completion, text: str) -> bool:
    """Whether the reply is the forced text, plain or as the one field of the JSON object."""
    said = reply.text.strip()
    try:
        data = json.loads(said)
    except ValueError:
        data = None
    return said == text or data == {"answer": text}


def reasoning_field(body: bytes) -> str:
    """Name of the first reasoning field with something in it, "" for none."""
    found = _REASONING.search(body)
    return found[1].decode() if found else ""


def thinking(model: str, reply: Completion, capabilities: tuple[str, ...]) -> tuple[bool, str]:
    """Whether a model thinks first, and what told."""
    if reply.reasoning:
        return True, "its reply to a test question had reasoning"
    if tag := opening_tag(reply.text):
        return True, f"its reply to a test question began with {tag}"
    why = declared_thinking(model, capabilities=capabilities, reasoning_tokens=reply.reasoning_tokens)
    return bool(why), why


def server_name(entry: Mapping[str, Any], reply: Completion, header: str) -> str:
    """Name of the server software, by its list of models, its fingerprint or its Server header."""
    # First, for `owned_by` of Ollama may be the name of whoever published the model.
    if reply.system_fingerprint == "fp_ollama":
        return "Ollama"
    owner = str(entry.get("owned_by", "")).lower()
    return _OWNERS.get(owner, "") or header


def model_facts(entry: Mapping[str, Any]) -> str:
    """What a list of models says of one, in one line: "n_params 134515008, size 139000000"."""
    nested = entry.get("meta")
    known = {**(nested if isinstance(nested, dict) else {}), **entry}
    shown = [
        f"{name} {known[name]}"
        for name in _MODEL_FACTS
        # True is an int to Python.
        if isinstance(known.get(name), int | float | str) and not isinstance(known[name], bool)
    ]
    return ", ".join(shown)
