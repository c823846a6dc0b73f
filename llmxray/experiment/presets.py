"""Ready-made endpoints and variants.

An endpoint preset fills in the address and the name of the key's environment variable of a well-known
server. A variant preset is one of LLMxRay's comparison presets: what is varied, with every other
sampler pinned off, so that the outputs differ for the one reason the experiment names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args
from urllib.parse import urlsplit

from llmxray.types import Json

EndpointPreset = Literal["local", "ollama", "lmstudio", "llamacpp", "vllm", "openai", "openrouter"]
VariantPreset = Literal["temperature-sweep", "deterministic-pair", "system-prompt-pair"]

ENDPOINT_PRESETS: Mapping[str, Mapping[str, str]] = {
    # No address: the server is started when recording, on a free port.
    "local": {},
    "ollama": {"base_url": "http://127.0.0.1:11434/v1"},
    "lmstudio": {"base_url": "http://127.0.0.1:1234/v1"},
    "llamacpp": {"base_url": "http://127.0.0.1:8080/v1"},
    "vllm": {"base_url": "http://127.0.0.1:8000/v1"},
    "openai": {"base_url": "https://api.openai.com/v1", "key_env": "OPENAI_API_KEY"},
    "openrouter": {"base_url": "https://openrouter.ai/api/v1", "key_env": "OPENROUTER_API_KEY"},
}
VARIANT_PRESETS: tuple[str, ...] = get_args(VariantPreset)

DEFAULT_PAIR_SEED = 7
SYSTEM_PROMPTS: Mapping[str, str] = {
    "concise": "You are a concise assistant. Answer in one sentence.",
    "poet": "You are a poet. Answer in verse.",
}

_HOSTED_PRESETS = ("openai", "openrouter")
_HOSTED_NAMES = ("api.openai.com", "openrouter.ai")


def sampler_pins(preset: str | None, base_url: str | None) -> dict[str, Json]:
    """Request fields that switch the truncating samplers and penalties of an endpoint's server off.

    OpenAI and OpenRouter get ``top_p`` only, since the other fields are local servers' own. vLLM calls
    the penalty ``repetition_penalty``, and -1 is the "off" of ``top_k`` that all its releases accept.
    """
    host = urlsplit(base_url).hostname if base_url else None
    # Other addresses count as own servers: an unknown field fails loudly, an unpinned sampler silently.
    if preset in _HOSTED_PRESETS or (preset is None and host in _HOSTED_NAMES):
        return {"top_p": 1.0}
    if preset == "vllm":
        return {"top_p": 1.0, "top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0}
    return {"top_p": 1.0, "top_k": 0, "min_p": 0.0, "repeat_penalty": 1.0}


def expand(preset: str, *, seed: int | None = None) -> list[dict[str, Json]]:
    """What each variant of a preset changes, ``id`` included, without the pins.

    Args:
        preset: one of ``VARIANT_PRESETS``.
        seed: the experiment's own seed; ``deterministic-pair`` takes 7 when there is none.
    """
    if preset == "system-prompt-pair":
        return [{"id": name, "label": name, "system": text} for name, text in SYSTEM_PROMPTS.items()]
    if preset == "deterministic-pair":
        # Both variants send it, so that temperature is all that differs.
        one_seed = DEFAULT_PAIR_SEED if seed is None else seed
        return [{**_at(value), "seed": one_seed} for value in (0.3, 0.9)]
    return [_at(value) for value in (0.2, 0.7, 1.2)]


def _at(temperature: float) -> dict[str, Json]:
    return {"id": f"t{temperature}", "label": f"temperature {temperature}", "temperature": temperature}
