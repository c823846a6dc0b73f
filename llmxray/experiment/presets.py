"""Ready-made endpoints and variants.

An endpoint preset fills in the address of a well-known server and the name of the environment variable with its key. A
variant preset is one of LLMxRay's comparison presets: one setting varies and every other sampler is switched off, so
that outputs differ only because of that setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

from llmxray.types import Json

EndpointPreset = Literal["local", "ollama", "lmstudio", "llamacpp", "vllm", "openai", "openrouter"]
VariantPreset = Literal["temperature-sweep", "deterministic-pair", "system-prompt-pair"]

ENDPOINT_PRESETS: Mapping[str, Mapping[str, str]] = {
    # Without an address, because the server is started for the recording, on a free port.
    "local": {},
    "ollama": {"base_url": "http://127.0.0.1:11434/v1"},
    "lmstudio": {"base_url": "http://127.0.0.1:1234/v1"},
    "llamacpp": {"base_url": "http://127.0.0.1:8080/v1"},
    "vllm": {"base_url": "http://127.0.0.1:8000/v1"},
    "openai": {"base_url": "https://api.openai.com/v1", "key_env": "OPENAI_API_KEY"},
    "openrouter": {"base_url": "https://openrouter.ai/api/v1", "key_env": "OPENROUTER_API_KEY"},
}

DEFAULT_PAIR_SEED = 7
SYSTEM_PROMPTS: Mapping[str, str] = {
    "concise": "You are a concise assistant. Answer in one sentence.",
    "poet": "You are a poet. Answer in verse.",
}

_HOSTED_PRESETS = ("openai", "openrouter")
_HOSTED_NAMES = ("api.openai.com", "openrouter.ai")


def sampler_pins(preset: str | None, base_url: str | None) -> dict[str, Json]:
    """Request fields that switch off the truncating samplers and penalties of an endpoint's server.

    OpenAI and OpenRouter get only ``top_p``, because the other fields are known to local servers only. vLLM calls the
    penalty ``repetition_penalty``, and all its releases accept -1 to switch ``top_k`` off.
    """
    host = urlsplit(base_url).hostname if base_url else None
    # Other addresses count as local servers: an unknown field fails with an error, an active sampler would go
    # unnoticed.
    if preset in _HOSTED_PRESETS or (preset is None and host in _HOSTED_NAMES):
        return {"top_p": 1.0}
    if preset == "vllm":
        return {"top_p": 1.0, "top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0}
    return {"top_p": 1.0, "top_k": 0, "min_p": 0.0, "repeat_penalty": 1.0}


def expand(preset: str, *, seed: int | None = None) -> list[dict[str, Json]]:
    """The settings of each variant of a preset, with its ``id``, without the samplers that are switched off.

    Args:
        preset: one of ``VariantPreset``.
        seed: the experiment's seed; ``deterministic-pair`` uses 7 if there is none.
    """
    if preset == "system-prompt-pair":
        return [{"id": name, "label": name, "system": text} for name, text in SYSTEM_PROMPTS.items()]
    if preset == "deterministic-pair":
        # Both variants send the same seed, so that they differ only in temperature.
        one_seed = DEFAULT_PAIR_SEED if seed is None else seed
        return [{**_temperature_variant(value), "seed": one_seed} for value in (0.3, 0.9)]
    return [_temperature_variant(value) for value in (0.2, 0.7, 1.2)]


def _temperature_variant(temperature: float) -> dict[str, Json]:
    return {"id": f"t{temperature}", "label": f"temperature {temperature}", "temperature": temperature}
