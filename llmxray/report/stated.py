"""When a hypothesis was written: before the answers it is about, or after.

The cassette keeps the hypothesis of the experiment file as it was before the first request. A hypothesis that was
changed once the answers were there is a reading of them and no prediction, and the pages say so.
"""

from __future__ import annotations

from dataclasses import dataclass

from llmxray.plan import frozen_statement
from llmxray.report.data import ExperimentData


@dataclass(frozen=True, slots=True)
class Stated:
    """When it was written.

    Attributes:
        when: in two or three words; "" where there is no hypothesis, or nothing is known of its time.
        sentence: the same in full.
    """

    when: str = ""
    sentence: str = ""


def stated(data: ExperimentData) -> Stated:
    """When the hypothesis of an experiment was written."""
    now = _plain(data.experiment.hypothesis)
    plan = data.cassette.lines("plan")
    # A journal, or a recording of another client, has no plan.
    header = next(plan, None)
    if not now or header is None:
        return Stated()
    first = frozen_statement(header).hypothesis
    if first is None:
        return Stated()
    then = _plain(first)
    if then == now:
        return Stated("stated before recording", "Stated before the first answer was recorded.")
    if not then:
        return Stated("added after recording", "Added after recording: none was stated before.")
    return Stated("changed after recording", f"Changed after recording. Stated before: “{then}”")


def _plain(text: str | None) -> str:
    # A line that was folded otherwise says the same.
    return " ".join((text or "").split())
