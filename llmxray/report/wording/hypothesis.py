"""When a hypothesis was written: before the answers it is about, or after.

The cassette keeps the hypothesis of the experiment file as it was when recording began, and those of the recordings
that fresh ones have replaced. A hypothesis that was changed once the answers were there is a reading of them and no
prediction, and the pages say so. The file may also say which prediction decides which part of the hypothesis: then the
hypothesis has a verdict of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from llmxray.experiment import Part
from llmxray.plan import Statement
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.wording.predictions import statement, verdict_on

_OPPOSITE = {"held": "did not hold", "did not hold": "held"}


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of the hypothesis: it held where every part did, and did not where one did not.

    Attributes:
        parts: each in a sentence, with its outcome: "Poems are more varied: held."
    """

    outcome: str
    parts: tuple[str, ...]


def judged_hypothesis(analysis: Analysis) -> Judged | None:
    """The verdict on the hypothesis; None where the file does not say which predictions decide it."""
    parts = analysis.data.experiment.hypothesis_parts
    found = [_outcome(analysis, part) for part in parts]
    if not found:
        return None
    whole = next((each for each in ("did not hold", "undecided", "inconclusive") if each in found), "held")
    said = [f"{part.says.rstrip('.')}: {outcome}." for part, outcome in zip(parts, found, strict=True)]
    return Judged(whole, tuple(said))


def _outcome(analysis: Analysis, part: Part) -> str:
    outcome = verdict_on(analysis, analysis.data.experiment.predictions[part.decided_by]).outcome
    return outcome if part.holds_with else _OPPOSITE.get(outcome, outcome)


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
        f"An earlier recording{f' of {each.stated_on}' if each.stated_on else ''} was made with: “{text}”"
        for each, text in replaced
        if text and text != then
    )


def _plain(text: str | None) -> str:
    # A line that was folded otherwise says the same.
    return " ".join((text or "").split())
