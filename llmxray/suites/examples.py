"""Example questions for the cards, in each suite's format: always our own, so that no data set is quoted."""

from __future__ import annotations

from functools import cache

from llmxray.suites import starter
from llmxray.types import LETTERS, Item

_IN_THE_MANNER_OF = {
    "mmlu_pro": "mmlu-pro",
    "arc": "arc",
    "hellaswag": "hellaswag",
    "gsm8k": "gsm8k",
    "truthfulqa": "truthfulqa",
    "truthfulqa_mc2": "truthfulqa",
}


@cache
def example(name: str) -> str:
    """Return a worked example of the starter suite with this suite's format; "" for suites of one's own."""
    short = _IN_THE_MANNER_OF.get(name, name.removeprefix("starter/"))
    if short not in starter.CARDS:
        return ""
    return _written_out(starter.load(short).shots[0])


def _written_out(item: Item) -> str:
    options = " ".join(f"{LETTERS[index]}. {choice}" for index, choice in enumerate(item.choices))
    answer = f"{item.answer} ({item.answer_text})" if item.choices else item.answer
    return f"{item.question} {options + ' ' if options else ''}→ {answer}"
