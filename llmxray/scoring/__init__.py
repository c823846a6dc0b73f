"""Scoring: how a question becomes a prompt, and a reply becomes an outcome with its confidences. Pure.

::

    Item ─► layouts.messages ─► request            budget: how many tokens, and why
    reply ─► thinking split ─► extraction (which rule fired) ─► outcome
                            └► confidence (option, sequence, mean token)
"""

from llmxray.scoring.budget import budget
from llmxray.scoring.confidence import Confidence
from llmxray.scoring.layouts import LAYOUTS, continuation, messages, opens_thinking, stop_strings
from llmxray.scoring.score import Scored, score, thinking_split

__all__ = [
    "LAYOUTS",
    "Confidence",
    "Scored",
    "budget",
    "continuation",
    "messages",
    "opens_thinking",
    "score",
    "stop_strings",
    "thinking_split",
]
