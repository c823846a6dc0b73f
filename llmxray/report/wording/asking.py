"""How a model was asked, in words: the kind of answer and the layout of the prompt."""

from __future__ import annotations

_ANSWERS = {
    "letter": "names a letter",
    "likelihood": "likelihood of each option",
    "number": "writes a number",
    "text": "writes its answer",
    "tool": "calls a function",
}
_LAYOUTS = {
    "zero-shot": "without examples",
    "zero-shot-raw": "without examples, as plain text",
    "zero-shot-cot": "without examples, step by step",
    "few-shot": "with worked examples",
    "few-shot-raw": "with worked examples, as plain text",
    "few-shot-cot": "with worked examples, step by step",
    "few-shot-think": "with worked examples, thinks first",
    "few-shot-think-raw": "with worked examples, thinks first, as plain text",
    "verbatim": "",
}


def asked_in_words(asked: str) -> str:
    """``letter, few-shot-think`` as people say it: "names a letter, with worked examples, thinks first".

    Args:
        asked: kind of answer and layout; what is known by neither name stays as it is.
    """
    answer, _, layout = asked.partition(", ")
    return ", ".join(filter(None, (_ANSWERS.get(answer, answer), _LAYOUTS.get(layout, layout))))
