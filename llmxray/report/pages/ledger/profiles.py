"""The ledger's profile: a radar of percentile ranks over suites, and beside it the accuracies with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llmxray.charts import radar
from llmxray.metrics.ranking import Rank
from llmxray.report import numbers
from llmxray.report.analysis.legend import N_COLOURS, colour
from llmxray.report.analysis.runs import Run
from llmxray.report.widgets.table import Cell, Column, Figure, Line, Table, share_cell
from llmxray.types import Estimate

_LEAST_AXES = 3

type Scores = Mapping[str, Mapping[str, Estimate]]
type Places = Mapping[str, Mapping[str, Rank | str | None]]


@dataclass(frozen=True, slots=True)
class Profile:
    """Up to three runs on the suites that they know.

    Attributes:
        key: colour class and name of each run in the radar.
    """

    radar: Figure
    table: Table
    key: tuple[tuple[str, str], ...]


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


def profile(runs: Sequence[Run], suites: Mapping[str, str], found: Scores, placed: Places) -> Profile | None:
    """The profile of the runs that know most suites, the best of them first; None under three axes.

    Args:
        suites: name → title. found: suite → run key → accuracy. placed: suite → run key → rank.
    """

    def known(run: Run) -> list[float]:
        return [p for suite in suites if (p := percentile(placed[suite].get(run.key))) is not None]

    shown = sorted(filter(known, runs), key=lambda run: (-len(known(run)), -sum(known(run))))[: radar.MOST]
    axes = [
        suite for suite in suites if any(percentile(placed[suite].get(run.key)) is not None for run in shown)
    ]
    if len(axes) < _LEAST_AXES:
        return None
    own = own_colours(runs)
    css = slots([own[run.key] for run in shown])
    return Profile(
        id=_radar(shown, css, {suite: suites[suite] for suite in axes}, placed),
        title=_table(shown, css, {suite: suites[suite] for suite in axes}, found),
        use=tuple((each, run.key) for each, run in zip(css, shown, strict=True)),
    )


def _radar(shown: Sequence[Run], css: Sequence[str], axes: Mapping[str, str], placed: Places) -> Figure:
    shapes = [
        (
            each,
            {
                title: None if (p := percentile(placed[suite].get(run.key))) is None else p / 100
                for suite, title in axes.items()
            },
        )
        for each, run in zip(css, shown, strict=True)
    ]
    said = "; ".join(
        f"{run.key}: " + ", ".join(f"{axis} {numbers.percent(value)}" for axis, value in shape.items())
        for run, (_, shape) in zip(shown, shapes, strict=True)
    )
    svg = radar.draw(
        list(axes.values()),
        shapes,
        name="ledger-radar",
        description=f"Radar of percentile ranks. {said}.",
        unit="",
    )
    return Figure(
        "Rank among the runs of this ledger",
        "Percentile rank from 0 at the centre to 100 on the rim: "
        f"{numbers.listed([run.key for run in shown])}.",
        svg,
        "Ranks among the runs that answered in the same way, one a model; the area of the shape means nothing.",
    )


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
        *(Column(run.id, css=each) for each, run in zip(css, shown, strict=True)),
    )
    return Table("The accuracies behind the ranks, with their 95% intervals.", columns, lines)


def _coloured(estimate: Estimate | None, css: str) -> Cell:
    if estimate is None:
        return Cell(numbers.MISSING, css=css)
    cell = share_cell(estimate)
    return Cell(cell.text, cell.small, bar=cell.bar, css=css, sort=cell.sort)
