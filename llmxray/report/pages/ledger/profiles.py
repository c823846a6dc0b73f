"""The ledger's profile: the accuracies of up to three runs over suites, with intervals.

Beside them the browser draws a radar of the ranks: which runs it shows is the reader's choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmxray.charts import radar
from llmxray.metrics.ranking import Rank
from llmxray.report import numbers
from llmxray.report.analysis.legend import N_COLOURS, colour
from llmxray.report.analysis.runs import Run
from llmxray.report.widgets.table import Cell, Column, Line, Table, share_cell
from llmxray.types import Estimate

type Scores = Mapping[str, Mapping[str, Estimate]]
type Places = Mapping[str, Mapping[str, Rank | str | None]]


def percentile(rank: Rank | str | None) -> float | None:
    """Percentile rank, 0–100; None for a run without one, or whose model another run stands for."""
    return rank.percentile if isinstance(rank, Rank) else None


def own_colours(runs: Sequence[Run]) -> dict[str, str]:
    """Colour class of each run by its key: the one that it has on the pages of its own experiment."""
    place: dict[str, int] = {}
    found = {}
    for run in runs:
        place[run.experiment] = place.get(run.experiment, -1) + 1
        found[run.key] = colour(place[run.experiment])
    return found


def slots(wanted: Sequence[str]) -> tuple[str, ...]:
    """A colour class each: the wanted one, or the first that nobody else wants or has where two want the same."""
    taken: list[str] = []
    for each in wanted:
        free = (colour(place) for place in range(N_COLOURS))
        taken.append(
            each if each not in taken else next((c for c in free if c not in taken and c not in wanted), each)
        )
    return tuple(taken)


def profile(runs: Sequence[Run], suites: Mapping[str, str], found: Scores, placed: Places) -> Table | None:
    """The accuracies of the runs that know most suites, the best of them first; None under three axes.

    Args:
        suites: name → title. found: suite → run key → accuracy. placed: suite → run key → rank.
    """

    def known(run: Run) -> list[float]:
        return [p for suite in suites if (p := percentile(placed[suite].get(run.key))) is not None]

    shown = sorted(filter(known, runs), key=lambda run: (-len(known(run)), -sum(known(run))))[: radar.MOST]
    axes = [
        suite for suite in suites if any(percentile(placed[suite].get(run.key)) is not None for run in shown)
    ]
    if len(axes) < radar.LEAST_AXES:
        return None
    own = own_colours(runs)
    css = slots([own[run.key] for run in shown])
    return _table(shown, css, {suite: suites[suite] for suite in axes}, found)


def _table(shown: Sequence[Run], css: Sequence[str], axes: Mapping[str, str], found: Scores) -> Table:
    lines = tuple(
        Line(
            title,
            tuple(_coloured(found[suite].get(run.key), each) for each, run in zip(css, shown, strict=True)),
        )
        for suite, title in axes.items()
    )
    columns = (
        Column("", numeric=False),
        *(Column(run.label, css=each) for each, run in zip(css, shown, strict=True)),
    )
    return Table("The accuracies behind the ranks, with their 95% intervals.", columns, lines)


def _coloured(estimate: Estimate | None, css: str) -> Cell:
    if estimate is None:
        return Cell(numbers.MISSING, css=css)
    cell = share_cell(estimate)
    return Cell(cell.text, cell.small, bar=cell.bar, css=css, sort=cell.sort)
