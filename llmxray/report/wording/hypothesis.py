"""When a hypothesis was written: before the answers it is about, or after.

The cassette keeps the hypothesis of the experiment file as it was when recording began, and those of the recordings
that fresh ones have replaced. A hypothesis that was changed once the answers were there is a reading of them and no
prediction, and the pages say so.
"""

from __future__ import annotations

from llmxray.plan import Statement, recorded_statement
from llmxray.report import numbers
from llmxray.report.analysis.data import ExperimentData

BY_AUTHOR = "by the author's own recording"
# Earlier hypotheses that are quoted, and characters of each.
_MOST_QUOTED, _LONGEST_QUOTE = 20, 1_000


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
    day = f" ({first.stated_on}), {BY_AUTHOR}"
    later = f", except {numbers.count(added)} added later" if added else ""
    what = "Predicted" if data.experiment.predictions else "Written"
    if then == now and first.earlier:
        said = f"{what} before this recording{day}{later}; the author had seen an earlier one."
    elif then == now:
        said = f"{what} before the first answer{day}{later}."
    elif not then:
        said = f"Added after recording: there was none before the first answer{day}."
    else:
        said = f"Changed after recording. Before the first answer{day}, it was: “{then}”"
    return said, *_earlier(first, then)


def _earlier(first: Statement, then: str) -> tuple[str, ...]:
    replaced = [(each, _plain(each.hypothesis)) for each in first.earlier]
    differing = [(each, text) for each, text in replaced if text and text != then]
    # The first one is what was thought before any answer.
    quoted = [*differing[:1], *differing[1:][-(_MOST_QUOTED - 1) :]]
    said = [
        f"An earlier recording{f' of {each.stated_on}' if each.stated_on else ''}, which this one replaced, "
        f"was made with: “{_cut(text)}”"
        for each, text in quoted
    ]
    more = len(differing) - len(quoted) + first.left_out
    if more:
        said.append(f"{numbers.plural(more, 'more earlier recording')} had other hypotheses or predictions.")
    return tuple(said)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 1]}…"


def _plain(text: str | None) -> str:
    # A line that was folded otherwise says the same.
    return " ".join((text or "").split())
