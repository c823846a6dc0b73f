"""How a model was asked and its reply read, in words."""

from __future__ import annotations

from collections.abc import Sequence

from llmxray.report import numbers
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.runs import LedgerEntry, LedgerRun
from llmxray.report.analysis.standings import names_of, reversal
from llmxray.report.sentences import Finding
from llmxray.report.wording import tables

_WORDS = tables("asking")
LAYOUTS, RULES = _WORDS["layouts-in-full"], _WORDS["rules"]
"""Layouts of prompts and rules of extraction by name, each in a few words."""


def asked_in_words(asked: str, answers: Sequence[str] = ()) -> str:
    """``letter, few-shot-think`` as people say it: "says a letter, with worked examples, thinks first".

    Args:
        asked: kind of answer and layout; what is known by neither name stays as it is.
        answers: kinds of answer instead of that one, where suites were asked in several.
    """
    answer, _, layout = asked.partition(", ")
    said = numbers.listed([_WORDS["answers"].get(each, each) for each in answers or (answer,) if each])
    return ", ".join(filter(None, (said, _WORDS["layouts"].get(layout, layout))))


def layout_of(*runs: LedgerRun) -> str | None:
    """How the prompts of these runs were laid out: "with worked examples, as plain text"; None where they differ."""
    layouts = {run.asked.partition(", ")[2] for run in runs}
    return asked_in_words(f", {layouts.pop()}") or None if len(layouts) == 1 else None


def unseen_options(analysis: Analysis) -> str:
    """Of which suites of a benchmark the model is not shown the options, in a sentence; "" for none."""
    suites = {suite: analysis.kinds_of(suite) for suite in analysis.suites}
    # Files do not say how their questions were asked.
    if analysis.data.files or analysis.data.experiment.kind != "benchmark":
        return ""
    hidden = [
        analysis.label_of_suite(suite)
        for suite, kinds in suites.items()
        if kinds <= {"number", "text"} and any(item.choices for item in analysis.plan.suites[suite].items)
    ]
    return f"{numbers.listed(hidden)}: the model sees no options and writes its own answer." if hidden else ""


def changed_places(entries: Sequence[LedgerEntry]) -> Finding | None:
    """Two models that change places with the way of asking; None where none are shown to."""
    found = reversal(entries)
    if found is None:
        return None
    names, (wide, narrow, test) = names_of([run for each in entries for run in each.runs]), found
    return Finding(
        "ways.changes-places",
        ahead=names[wide.runs[0].identity],
        behind=names[wide.runs[1].identity],
        first=wide.estimates[0].value,
        last=wide.estimates[1].value,
        n=wide.n,
        when=Finding(f"ways.when-{wide.way}"),
        how=Finding(f"ways.instead-{narrow.way}"),
        second=narrow.estimates[0].value,
        third=narrow.estimates[1].value,
        asked=layout_of(*wide.runs, *narrow.runs),
        beats=test.claim("beats"),
        test=test,
    )
