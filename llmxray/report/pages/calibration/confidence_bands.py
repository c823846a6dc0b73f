"""Are sure answers more often right than unsure ones? The module's two bands of confidence."""

from __future__ import annotations

from collections.abc import Sequence

from llmxray.metrics.bands import Band, difference
from llmxray.report import numbers
from llmxray.report.analysis import ConditionResults, confidence
from llmxray.report.links import questions_href
from llmxray.report.widgets.table import Cell, ColumnHead, Table, of_conditions, points_cell, share_cell
from llmxray.types import Estimate


def _n(band: Band) -> str:
    """Answers in the band, and of how many questions where that is fewer."""
    n = numbers.count(band.accuracy.n)
    return n if band.n_clusters == band.accuracy.n else f"{n} of {numbers.count(band.n_clusters)}"


def bands(views: Sequence[ConditionResults]) -> Table:
    """The module's bands: above 80% and below 50%."""
    rows = []
    for view in views:
        sure, unsure = _two(view)
        gap = difference(sure, unsure)
        # The list of questions cannot be cut to those with one number of options.
        whole = confidence.columns(view).pool.options is None
        above, below = (
            questions_href(condition=view.id, conf=conf) if whole else ""
            for conf in (f"{confidence.SURE}-1", f"0-{confidence.UNSURE}")
        )
        cells = (
            share_cell(sure.accuracy, href=above),
            Cell(_n(sure)),
            share_cell(unsure.accuracy, href=below),
            Cell(_n(unsure)),
            points_cell(gap),
            Cell(told(gap), numeric=False),
        )
        rows.append((view, cells))
    several = any(confidence.columns(view).clusters for view in views)
    n = ColumnHead("n", "answers of questions" if several else "")
    columns = (
        ColumnHead("above 80%", "accuracy"),
        n,
        ColumnHead("below 50%", "accuracy"),
        n,
        ColumnHead("difference", "points, 95%", anchor="newcombe"),
        ColumnHead("more often right?", numeric=False),
    )
    how = "Wilson; difference: Newcombe"
    if several:
        how += "; both over questions, for the answers to one question are no independent witnesses"
    caption = f"Answers by confidence band; 95% intervals ({how})."
    return of_conditions(caption, columns, rows)


def sentences(views: Sequence[ConditionResults]) -> tuple[str, ...]:
    """The answer for each condition that has answers in both bands, and who has none in one."""
    both = {view.id: _two(view) for view in views}
    made = [
        _sentence(view.label, *both[view.id]) for view in views if all(_size(each) for each in both[view.id])
    ]
    parts = []
    for place, claim in ((0, "more than 80%"), (1, "less than 50%")):
        never = [view.label for view in views if not _size(both[view.id][place])]
        if never:
            parts.append(f"{numbers.listed(never)} never {'claims' if len(never) == 1 else 'claim'} {claim}")
    if parts:
        made.append(f"{', and '.join(parts)}: the question cannot be asked there.")
    return tuple(made)


def counted(views: Sequence[ConditionResults]) -> str:
    """Which answers are in the bands, where these are not all."""
    said = confidence.pooled_questions([confidence.columns(view).pool for view in views])
    return said and f"Only {said}: with more options an answer is both less sure and less often right."


def told(gap: Estimate) -> str:
    """Whether the upper band is more often right, as far as these answers tell."""
    if gap.low is None or gap.high is None:
        return "no such answers"
    return "yes" if gap.low > 0 else "no, less often" if gap.high < 0 else "inconclusive"


def _two(view: ConditionResults) -> tuple[Band, Band]:
    data = confidence.columns(view).comparable
    # The module asks about >80% and <50%: an answer at an edge is in neither band.
    return (
        confidence.band(data, lambda sure: sure > confidence.SURE),
        confidence.band(data, lambda sure: sure < confidence.UNSURE),
    )


def _size(band: Band) -> int:
    return band.accuracy.n


def _sentence(name: str, sure: Band, unsure: Band) -> str:
    parts = [
        f"{numbers.percent(each.accuracy.value)} of {numbers.plural(_size(each), 'answer')}"
        for each in (sure, unsure)
    ]
    said = f"{parts[0]} above 80% confidence are right, {parts[1]} below 50%"
    verdict = told(difference(sure, unsure))
    return f"{name}: {verdict} ({said})."
