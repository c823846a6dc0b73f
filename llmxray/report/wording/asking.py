"""How a model was asked and its reply read, in words."""

from __future__ import annotations

from collections.abc import Sequence

from llmxray.report import numbers
from llmxray.report.analysis import Analysis
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


def asked_throughout(analysis: Analysis) -> str:
    """What all questions of a benchmark have in common in how they are asked, in a sentence or two; "" for nothing.

    One suite may be asked as a chat in one experiment and as plain text in the next, and its scores then differ.
    """
    suites = {suite: analysis.kinds_of(suite) for suite in analysis.suites}
    # Files do not say how their questions were asked; a call of a function is asked for in no layout.
    if analysis.data.files or analysis.data.experiment.kind != "benchmark" or {"tool"} in suites.values():
        return ""
    layouts = [view.condition.layout for view in analysis.views]
    common = [
        said
        for said, has in (
            ("in a chat", lambda layout: layout in ("zero-shot", "few-shot", "few-shot-think")),
            ("as plain text, not in a chat", lambda layout: layout.endswith("-raw")),
            ("after worked examples", lambda layout: layout.startswith("few-shot")),
        )
        if all(map(has, layouts))
    ]
    hidden = [
        analysis.label_of_suite(suite)
        for suite, kinds in suites.items()
        if kinds <= {"number", "text"} and any(item.choices for item in analysis.plan.suites[suite].items)
    ]
    said = [f"All questions were asked {', '.join(common)}."] if common else []
    if hidden:
        said.append(f"{numbers.listed(hidden)}: the model sees no options and writes its own answer.")
    return " ".join(said)
