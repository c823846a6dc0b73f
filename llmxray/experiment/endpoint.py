"""Endpoints: the servers an experiment is recorded from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, override
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from llmxray.errors import InputError
from llmxray.experiment.faults import Fault
from llmxray.experiment.fields import BudgetField, KeyEnv, Number, Strict
from llmxray.keys import can_be_looked_up
from llmxray.types import ApiName, Json

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


# This advice is given wherever a key might be pasted, because files are shared and keys must not be.
_NO_KEYS = "keys never stand in the file; write 'key_env: NAME' with the name of an environment variable"

# A name, an IPv4 address, or an IPv6 address without its brackets; only the last may have a zone.
_HOST = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9.])?|(?=[^%]*:)[0-9A-Fa-f:.]+(?:%25[A-Za-z0-9._-]+)?"
)


def checked_base_url(url: str) -> str:
    """A base URL as OpenAI clients write it, without a slash at its end.

    Raises:
        InputError: the URL cannot work; the message does not repeat it, because it may hold a password.
    """
    complaint = _complaint(url)
    if complaint:
        raise InputError(f"the base URL {complaint}")
    return url.rstrip("/")


def _valid_base_url(url: str) -> str:
    complaint = _complaint(url)
    if complaint:
        raise PydanticCustomError("base_url", "{complaint}", {"complaint": complaint})
    return url.rstrip("/")


def _complaint(url: str) -> str:
    try:
        parts = urlsplit(url)
        # `urlsplit` checks the port only when it is read.
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "is not a URL; write one such as http://127.0.0.1:8000/v1"
    # Clients append /chat/completions, so the URL must be complete before it.
    path = parts.path.rstrip("/")
    if parts.scheme not in ("http", "https") or not host or not (url.isprintable() and " " not in url):
        return "must be an http or https URL such as http://127.0.0.1:8000/v1"
    # Libraries convert other letters to ASCII by different rules, so a key permitted for one host could reach another.
    if not (_HOST.fullmatch(host) and can_be_looked_up(host)):
        return "must name its host in ASCII letters, digits, dots and hyphens (xn--… for other letters)"
    # A URL is written into reports, so it must not hold a secret.
    if parts.username is not None or parts.password is not None:
        return f"must not hold a user name or password: {_NO_KEYS}"
    if parts.query or parts.fragment or "?" in url or "#" in url:
        return f"must end with its path, without '?' or '#': {_NO_KEYS}"
    if path.endswith(("/completions", "/models", "/responses")):
        return "must be the base URL, which ends before /chat/completions, such as http://127.0.0.1:8000/v1"
    return "" if path else "must end with a path such as /v1: http://127.0.0.1:8000/v1"


class Endpoint(Strict):
    """A server. Fields of its own override those of the preset."""

    hints: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("key", "api_key", "apikey", "token", "headers", "password", "secret"), _NO_KEYS),
        "url": "unknown key; did you mean 'base_url'?",
        "model": "models stand under 'models:' and name their endpoint",
    }
    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["preset"]}, {"required": ["base_url"]}]},
    )

    preset: EndpointPreset | None = Field(
        default=None,
        description="A well-known server; 'local' runs embedded models.",
    )
    base_url: Annotated[str, AfterValidator(_valid_base_url)] | None = Field(
        default=None,
        description="Address with its path, such as http://127.0.0.1:8000/v1.",
    )
    api: ApiName = Field(
        default="chat",
        description="Chat completions, or OpenAI's Responses.",
    )
    key_env: KeyEnv | None = Field(
        default=None,
        description="Environment variable that holds the key; read only when recording.",
    )
    # One by default, so that latencies are those of a single user.
    concurrency: Annotated[int, Field(strict=True, ge=1, le=64)] = Field(
        default=1,
        description="Requests at once, 1 to 64; above 1 they slow each other.",
    )
    timeout_s: Annotated[Number, Field(gt=0)] = Field(
        default=120.0, description="Seconds without a byte until a request fails."
    )
    budget_field: BudgetField | None = Field(
        default=None,
        description="Request field for the completion budget; found out by default.",
    )
    deployment: Literal["self_deployed", "externally_managed"] | None = Field(
        default=None,
        description="Who runs the server, you or its provider; for `llmxray export --to eee`.",
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_from_preset(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not isinstance(data.get("preset"), str):
            return data
        # A dumped endpoint has nulls, which must not override the preset.
        stated: dict[str, Json] = {key: value for key, value in data.items() if value is not None}
        return {**ENDPOINT_PRESETS.get(data["preset"], {}), **stated}

    @override
    def faults(self) -> Iterator[Fault]:
        if self.preset is None and self.base_url is None:
            known = ", ".join(ENDPOINT_PRESETS)
            yield Fault((), f"has no URL; give it a 'base_url' or a 'preset' ({known})")

    @property
    def is_embedded(self) -> bool:
        """Whether llmxray runs the model itself, so that there is no address yet."""
        return self.base_url is None
