"""Token budgets: 64 for a model that answers, 2048 for one that thinks first; always with the reason.

Detection goes by what the experiment file says, what the server says of the model, what its
reply to a test question shows (thinking in the text, or hidden tokens in the usage), and only then the model's name.
When recording, a one-question probe asks where file and name do not tell. The budget can be set in the experiment
file, and the page always shows it.
"""

from __future__ import annotations

import re
from collections.abc import Collection

# The course module sets these two: enough for a letter, and for a reasoning trace.
ANSWER_TOKENS = 64
THINKING_TOKENS = 2048
# The limit exceeds any option, since an option that is cut counts as truncated.
LIKELIHOOD_TOKENS = 256
# A call with a handful of arguments fits into this limit.
TOOL_TOKENS = 256
STANDARD = "standard model"
SET = "set in the experiment file"

# Families of models that think before they answer; word boundaries, because r1, o1, o3 and o4 also stand inside other
# names. A fallback only: what a server shows of itself counts first.
_THINKING_NAMES = re.compile(
    r"deepseek-(?:r1|v4)|\br1\b|qwq|\bo[134]\b|\bgpt-5(?!\d)|gpt-oss|magistral|\bgrok-4(?!\d)|thinking|reasoner"
    r"|\bgemini-(?:2\.5|3(?!\d))|\bglm-(?:4\.[5-9]|5)(?!\d)|\bminimax-m\d",
    re.I,
)
# Some models of these families say in their name that they do not think.
_NOT_THINKING_NAMES = re.compile(r"\bno[nt]?-?(?:thinking|reasoning)\b|\bgpt-5-chat\b", re.I)


def thinking(
    model: str,
    *,
    declared: bool | None = None,
    capabilities: Collection[str] = (),
    reasoning_tokens: int | None = None,
) -> str:
    """Return the reason for treating the model as one that thinks before it answers; "" when it is not.

    Args:
        model: name sent to the server.
        declared: ``thinking`` in the experiment file, which decides alone.
        capabilities: what the server says the model can do; Ollama lists "thinking".
        reasoning_tokens: tokens of thinking that the server counted for a test question, shown or not.
    """
    if declared is not None:
        return "the experiment file says this model thinks" if declared else ""
    if "thinking" in capabilities:
        return "the server says this model thinks"
    if reasoning_tokens:
        return f"its reply to a test question was billed {reasoning_tokens} tokens of thinking"
    if _NOT_THINKING_NAMES.search(model):
        return ""
    return "thinking model by its name" if _THINKING_NAMES.search(model) else ""


def budget(declared: int | str, *, layout: str, answer: str, thinks: str = "") -> tuple[int, str]:
    """Return the token budget and the reason for it.

    Args:
        declared: "auto", or the number of tokens the experiment file sets.
        thinks: why the model is taken to think, from `thinking`.
    """
    if isinstance(declared, int):
        return declared, SET + (f"; {thinks}" if thinks else "")
    if answer == "likelihood":
        return LIKELIHOOD_TOKENS, "likelihood: each option is forced whole"
    if thinks:
        return THINKING_TOKENS, thinks
    if "-think" in layout or "-cot" in layout:
        return THINKING_TOKENS, "the prompt layout asks for " + (
            "thinking" if "-think" in layout else "worked steps"
        )
    return ANSWER_TOKENS, STANDARD
