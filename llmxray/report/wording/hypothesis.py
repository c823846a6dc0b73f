"""When a hypothesis was written: before the answers it is about, or after.

The cassette keeps the hypothesis of the experiment file as it was when recording began, and those of the recordings
that fresh ones have replaced. A hypothesis that was changed once the answers were there is a reading of them and no
prediction, and the pages say so.
"""

from __future__ import annotations

from llmxray.plan import recorded_statement
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.sentences import Finding


def statement_of_hypothesis(data: ExperimentData, added: int = 0) -> tuple[str, ...]:
    """When the hypothesis of an experiment was written, and with which others earlier recordings were made.

    A sentence each; none where there is no hypothesis, or nothing is known of its time.

    Args:
        added: predictions that came after the first answer, each of them marked.
    """
    now = _plain(data.experiment.hypothesis)
    first = recorded_statement(data.cassette)
    if not now or first.hypothesis is None or first.stated_on is None:
        return ()
    then = _plain(first.hypothesis)
    kind = ("again" if first.earlier else "before") if then == now else "changed" if then else "added"
    what = "Predicted" if data.experiment.predictions else "Written"
    earlier = [(each.stated_on, _plain(each.hypothesis)) for each in first.earlier]
    findings = [
        Finding(f"hypothesis.{kind}", what=what, day=first.stated_on, then=then, added=added or None),
        *(
            Finding("hypothesis.earlier", day=day, then=text)
            for day, text in earlier
            if text not in ("", then)
        ),
        *([Finding("hypothesis.more", n=first.left_out)] if first.left_out else []),
    ]
    return tuple(map(str, findings))


def _plain(text: str | None) -> str:
    # A line that was folded otherwise says the same.
    return " ".join((text or "").split())
