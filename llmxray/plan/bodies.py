"""The body of a request, from the condition that sends it and the question that it asks. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from llmxray.plan.model import PROMPTS
from llmxray.plan.servers import absent_fields
from llmxray.scoring import sends_stop, stop_strings
from llmxray.scoring.budgets import LIKELIHOOD_TOKENS, STANDARD, TOOL_TOKENS
from llmxray.types import AnswerKind, Condition, Json

# A stream reports its usage only on request. All requests share this object, since a plan may have 100,000.
_USAGE: dict[str, Json] = {"include_usage": True}


def layout_of(condition: Condition, suite: str, kind: AnswerKind) -> str:
    """Return the layout of a prompt: its condition's, but nothing is added to prompts of the file and to calls."""
    return "verbatim" if suite == PROMPTS or kind == "tool" else condition.layout


def request_body(
    condition: Condition, prompt: Json, layout: str, kind: AnswerKind, sample: int, tools: Sequence[str]
) -> dict[str, Json]:
    """Return the body of a request, without what forces an option.

    Args:
        prompt: its messages.
        layout: that of the prompt, which for some questions is not the condition's.
        sample: number of the repeat.
        tools: functions that the question declares, as JSON.
    """
    sampling = dict(condition.sampling)
    seed = sampling.get("seed")
    if isinstance(seed, int) and sample:
        # Each sample has its own seed, or all repeats would be equal; seeds are paired over conditions.
        sampling["seed"] = seed + sample
    # A stop string could fall inside the thinking; `scoring.cut_at_stop` cuts the answer afterwards.
    stops = stop_strings(layout, kind) if sends_stop(condition) else []
    # A suite may set another kind of answer than its condition; likelihood and tool answers then need more tokens.
    tokens = condition.max_tokens
    if kind == "likelihood":
        tokens = max(tokens, LIKELIHOOD_TOKENS)
    if kind == "tool" and condition.budget_reason == STANDARD:
        tokens = max(tokens, TOOL_TOKENS)
    body: dict[str, Json] = {
        "model": condition.model,
        "messages": prompt,
        "stream": True,
        "stream_options": _USAGE,
        **({condition.budget_field: tokens} if condition.budget_field else {}),
        **({"stop": stops} if stops else {}),
        **({"tools": tool_declarations(tools)} if tools else {}),
        # What the options are weighed by.
        **({"logprobs": True} if kind == "likelihood" else {}),
        # The fields of the experiment file come last, so that they override, 'stop' included.
        **sampling,
    }
    absent = absent_fields(condition)
    return {name: value for name, value in body.items() if name not in absent}


def tool_declarations(tools: Sequence[str]) -> list[Json]:
    """Return functions as a request declares them."""
    return [{"type": "function", "function": json.loads(tool)} for tool in tools]
