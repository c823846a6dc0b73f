"""Making a server answer with exactly one text, so that its log-probability can be read: likelihood answers."""

from __future__ import annotations

import json
from collections.abc import Mapping

from llmxray.types import Json

# By the kind of server that a preset names. Others are asked when recording begins.
BY_PRESET: Mapping[str, str] = {"local": "grammar", "llamacpp": "grammar", "vllm": "structured_outputs"}
# They have no way to force a text, so nothing needs to be asked.
CANNOT_FORCE = frozenset({"ollama", "openai"})
# llama.cpp; vLLM now and earlier. The first is planned with until the server has been asked.
FORCINGS = ("grammar", "structured_outputs", "guided_choice")
_FIELDS = frozenset({*FORCINGS, "logit_bias"})


def force(forcing: str, text: str) -> dict[str, Json]:
    """The request fields that force a text.

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


def unforced(body: Mapping[str, Json]) -> dict[str, Json]:
    """A body without the fields that force a text."""
    return {name: value for name, value in body.items() if name not in _FIELDS}
