"""Scoring: how a question becomes a prompt, and a reply becomes an outcome with its confidences. Pure.

::

    Item ─► layouts.messages ─► request            budget: how many tokens, and why
    reply ─► thinking split ─► chains (which rule fired) ─► outcome
                            └► confidence (option, sequence, mean token)
          tool calls ─► tools ─► outcome, by exact JSON
"""

from llmxray.scoring.budgets import budget, thinking
from llmxray.scoring.chains import CHAINS
from llmxray.scoring.confidence import Confidence
from llmxray.scoring.layouts import (
    LAYOUTS,
    OPTIONS_ONLY,
    continuation,
    cut_at_stop,
    late_stops,
    messages,
    needs_examples,
    needs_reasoning,
    opens_thinking,
    sends_stop,
    stop_strings,
)
from llmxray.scoring.scorer import (
    CHOSEN,
    LIKELIHOOD_RULES,
    Scored,
    guess_rate,
    is_right,
    judge,
    right_options,
    score,
    shown_calls,
    thinking_split,
)
