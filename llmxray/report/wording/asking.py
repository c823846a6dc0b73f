"""How a model was asked and its reply read, in words."""

from __future__ import annotations

from collections.abc import Sequence

from llmxray.report import numbers
from llmxray.report.wording import tables

_WORDS = tables("asking")
LAYOUTS, RULES = _WORDS["layouts-in-full"], _WORDS["rules"]
"""Layouts of prompts and rules of extraction by name, each in a few words."""


def asked_in_words(asked: str, answers: Sequence[str] = ()) -> str:
    """``letter, few-shot-think`` as people say it: "names a letter, with worked examples, thinks first".

    Args:
        asked: kind of answer and layout; what is known by neither name stays as it is.
        answers: kinds of answer instead of that one, where suites were asked in several.
    """
    answer, _, layout = asked.partition(", ")
    said = numbers.listed([_WORDS["answers"].get(each, each) for each in answers or (answer,) if each])
    return ", ".join(filter(None, (said, _WORDS["layouts"].get(layout, layout))))
