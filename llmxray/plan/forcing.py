"""Request fields that force a server to answer with a given text, so that its log-probability can be read."""

from __future__ import annotations

import json
from collections.abc import Mapping

from llmxray.types import Json

# How servers force a text, by preset. Other servers are probed when recording begins.
BY_PRESET: Mapping[str, str] = {"local": "grammar", "llamacpp": "grammar", "vllm": "structured_outputs"}
# These servers cannot force a text, so they are not probed.
CANNOT_FORCE = frozenset({"ollama", "openai"})
# Field of llama.cpp, of vLLM, and of earlier versions of vLLM. A plan uses the first until the server was probed.
FORCINGS = ("grammar", "structured_outputs", "guided_choice")
FORCING_FIELDS = frozenset({*FORCINGS, "logit_bias"})
"""All fields that `force_text` sets, in place of those of an experiment file."""


def force_text(forcing: str, text: str) -> dict[str, Json]:
    """Return the request fields that force a text.

    Args:
        forcing: one of `FORCINGS`.
    """
    if forcing == "grammar":
        # The grammar admits any spelling of the option in tokens; the bias makes the server take the usual one
        # (" gravity", not " ", "g", "rav", …). llama.cpp reports logprobs from before bias and grammar.
        literal = json.dumps(text, ensure_ascii=False)
        return {"grammar": f"root ::= {literal}", "logit_bias": [[text, 100]]}
    if forcing == "guided_choice":
        return {"guided_choice": [text]}
    return {"structured_outputs": {"choice": [text]}}


def without_forcing(body: Mapping[str, Json]) -> dict[str, Json]:
    """Return the body without the fields that force a text."""
    return {name: value for name, value in body.items() if name not in FORCING_FIELDS}
