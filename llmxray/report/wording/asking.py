"""How a model was asked and its reply read, in words."""

from __future__ import annotations

from llmxray.report.wording import tables

_WORDS = tables("asking")
LAYOUTS, RULES = _WORDS["layouts-in-full"], _WORDS["rules"]
"""Layouts of prompts and rules of extraction by name, each in a few words."""


def asked_in_words(asked: str) -> str:
    """``letter, few-shot-think`` as people say it: "names a letter, with worked examples, thinks first".

    Args:
        asked: kind of answer and layout; what is known by neither name stays as it is.
    """
    answer, _, layout = asked.partition(", ")
    return ", ".join(
        filter(None, (_WORDS["answers"].get(answer, answer), _WORDS["layouts"].get(layout, layout)))
    )
