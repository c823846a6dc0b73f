"""Are sure answers more often right than unsure ones? The module's two bands of confidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llmxray.metrics.bands import Band, band, difference
from llmxray.report import numbers
from llmxray.report.analysis import ConditionResults, confidence
from llmxray.report.links import EVERYWHERE, Contents
from llmxray.report.widgets.frame import Values
from llmxray.report.widgets.table import Cell, ColumnHead, of_conditions, points_cell, share_cell
from llmxray.types import Estimate


def bands(views: Sequence[ConditionResults], contents: Contents = EVERYWHERE) -> Values:
    """The module's bands: above 80% and below 50%.

    Returns:
        A table; the answer for each condition that has answers in both bands, and who has none in one; a note on which
        answers are in them, where these are not all.
    """
    rows, sentences = [], []
    never: tuple[list[str], list[str]] = ([], [])
    for view in views:
        data = confidence.columns(view)
        # The module asks about >80% and <50%: an answer at an edge is in neither band.
        sure = _band(data.comparable, lambda each: each > confidence.SURE)
        unsure = _band(data.comparable, lambda each: each < confidence.UNSURE)
        gap = difference(sure, unsure)
        # The list of questions cannot be cut to those with one number of options.
        above, below = (
            contents.questions(condition=view.id, conf=conf) if data.pool.options is None else ""
            for conf in (f"{confidence.SURE}-1", f"0-{confidence.UNSURE}")
        )
        cells = (
            share_cell(sure.accuracy, href=above),
            Cell(text=_n(sure)),
            share_cell(unsure.accuracy, href=below),
            Cell(text=_n(unsure)),
            points_cell(gap),
            Cell(text=_told(gap), numeric=False),
        )
        rows.append((view, cells))
        for each, names in zip((sure, unsure), never, strict=True):
            if not each.accuracy.n:
                names.append(view.label)
        if sure.accuracy.n and unsure.accuracy.n:
            parts = [
                f"{numbers.percent(each.value)} of {numbers.plural(each.n, 'answer')}"
                for each in (sure.accuracy, unsure.accuracy)
            ]
            sentences.append(
                f"{view.label}: {_in_a_sentence(gap)} "
                f"({parts[0]} above 80% confidence are right, {parts[1]} below 50%)."
            )
    absent = [
        f"{numbers.listed(names)} never {'claims' if len(names) == 1 else 'claim'} {claim}"
        for names, claim in zip(never, ("more than 80%", "less than 50%"), strict=True)
        if names
    ]
    if absent:
        sentences.append(f"{', and '.join(absent)}: the question cannot be asked there.")
    several = any(confidence.columns(view).clusters for view in views)
    n = ColumnHead(text="n", small="answers of questions" if several else "")
    columns = (
        ColumnHead(text="above 80%", small="accuracy"),
        n,
        ColumnHead(text="below 50%", small="accuracy"),
        n,
        ColumnHead(text="difference", small="points, 95%", anchor="newcombe"),
        ColumnHead(text="more often right?", numeric=False),
    )
    how = "Wilson; difference: Newcombe"
    if several:
        how += "; both over questions, for the answers to one question are no independent witnesses"
    pooled = confidence.pooled_questions([confidence.columns(view).pool for view in views])
    return Values(
        table=of_conditions(f"Answers by confidence band; 95% intervals ({how}).", columns, rows),
        sentences=sentences,
        note=pooled and f"Only {pooled}: with more options an answer is both less sure and less often right.",
    )


def _band(data: confidence.ConfidenceColumns, keep: Callable[[float], bool]) -> Band:
    return band(data.confidence, data.correct, keep, data.clusters)


def _n(found: Band) -> str:
    """Answers in the band, and of how many questions where that is fewer."""
    n = numbers.count(found.accuracy.n)
    return n if found.n_clusters == found.accuracy.n else f"{n} of {numbers.count(found.n_clusters)}"


def _told(gap: Estimate) -> str:
    """Whether the upper band is more often right, as far as these answers tell."""
    if gap.low is None or gap.high is None:
        return "no such answers"
    return "yes" if gap.low > 0 else "no, less often" if gap.high < 0 else "inconclusive"


def _in_a_sentence(gap: Estimate) -> str:
    told = _told(gap)
    # All answers may tell what the few in two bands do not.
    return "not clear from these two bands" if told == "inconclusive" else told
