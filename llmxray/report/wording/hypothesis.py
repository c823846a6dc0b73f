"""When a hypothesis was written: before the answers it is about, or after.

The cassette keeps the hypothesis of the experiment file as it was when recording began, and those of the recordings
that fresh ones have replaced. A hypothesis that was changed once the answers were there is a reading of them and no
prediction, and the pages say so.
"""

from __future__ import annotations

from llmxray.plan import Statement
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.wording.predictions import statement


def statement_of_hypothesis(data: ExperimentData) -> tuple[str, ...]:
    """When the hypothesis of an experiment was written, and with which others earlier recordings were made.

    A sentence each; none where there is no hypothesis, or nothing is known of its time.
    """
    now = _plain(data.experiment.hypothesis)
    first = statement(data)
    if not now or first.hypothesis is None:
        return ()
    then = _plain(first.hypothesis)
    day = f" ({first.stated_on})" if first.stated_on else ""
    what = "Predictions" if data.experiment.predictions else "Hypothesis"
    if then == now:
        said = f"{what}, frozen before the first answer{day}."
    elif not then:
        said = f"Added after recording: there was none before the first answer{day}."
    else:
        said = f"Changed after recording. Before the first answer{day} it was: “{then}”"
    return said, *_earlier(first, then)


def _earlier(first: Statement, then: str) -> tuple[str, ...]:
    replaced = [(each, _plain(each.hypothesis)) for each in first.earlier]
    return tuple(
        f"An earlier recording{f' of {each.stated_on}' if each.stated_on else ''}, which this one replaced, "
        f"was made with: “{text}”"
        for each, text in replaced
        if text and text != then
    )


def _plain(text: str | None) -> str:
    # A line that was folded otherwise says the same.
    return " ".join((text or "").split())
