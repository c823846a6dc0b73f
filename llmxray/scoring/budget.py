"""Token budgets: 64 for a model that answers, 2048 for one that thinks first; always with the reason.

Detection follows CONVENTIONS, "Thinking": what the server says of the model, then the model's name. The
budget can be set in the experiment file, and the page always shows it.
"""

from __future__ import annotations

import re

ANSWER_TOKENS = 64
THINKING_TOKENS = 2048
LIKELIHOOD_TOKENS = 256

_THINKING_NAMES = re.compile(r"deepseek-r1|\br1\b|qwq|\bo1\b|\bo3\b|thinking|reasoner", re.I)


def budget(
    declared: int | str, *, model: str, layout: str, answer: str, capabilities: tuple[str, ...] = ()
) -> tuple[int, str]:
    """(max_tokens, why).

    Args:
        declared: "auto", or the number of tokens the experiment file sets.
        capabilities: what the server says the model can do; Ollama lists "thinking".
    """
    if isinstance(declared, int):
        return declared, "set in the experiment file"
    if answer == "likelihood":
        return LIKELIHOOD_TOKENS, "likelihood: each option is forced whole"
    if "thinking" in capabilities:
        return THINKING_TOKENS, "the server says this model thinks"
    if "think" in layout:
        return THINKING_TOKENS, "the prompt layout asks for thinking"
    if _THINKING_NAMES.search(model):
        return THINKING_TOKENS, "thinking model by its name"
    return ANSWER_TOKENS, "standard model"
