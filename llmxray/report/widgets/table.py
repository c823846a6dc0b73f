"""The house table as values: cells of text, links to the questions behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from llmxray.report import numbers
from llmxray.report.analysis import ConditionView
from llmxray.report.sentences import Finding
from llmxray.types import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell.

    Attributes:
        small: a second line. stat: another one, for those who ask for statistics: an interval.
        best: the best value of its column, set in weight.
        numeric: right-aligned.
        css: more classes, such as a condition's.
        sort: what the column sorts by, "" for its text.
    """

    text: str
    small: str = ""
    stat: str = ""
    best: bool = False
    numeric: bool = True
    href: str = ""
    css: str = ""
    sort: str = ""

    @property
    def missing(self) -> bool:
        """Whether there is nothing to show."""
        return self.text == numbers.MISSING


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnHead:
    """The head of a column; ``anchor`` leads to its definition on the methods page.

    Attributes:
        small: a second line; stat: what it says beside that to those who ask for statistics.
        css: classes; ``stat`` of a column of tests, shown with the statistics.
    """

    text: str
    small: str = ""
    stat: str = ""
    numeric: bool = True
    anchor: str = ""
    css: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row."""

    head: str
    cells: tuple[Cell, ...] = ()
    small: str = ""
    css: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A whole table."""

    caption: str | Finding
    columns: tuple[ColumnHead, ...]
    lines: tuple[Line, ...]
    sortable: bool = False


def share_cell(estimate: Estimate, *, chance: float | None = None, href: str = "") -> Cell:
    """A proportion with its interval below."""
    # An empty cell has no questions behind it.
    link = href if estimate.n else ""
    return replace(measured_cell(estimate, numbers.percent, chance), href=link)


def measured_cell(estimate: Estimate, scale: Callable[..., str], threshold: float | None = None) -> Cell:
    """A number with its interval below.

    Args:
        scale: how a value is written. threshold: what the ends are compared with, see `numbers.interval`.
    """
    ends = "" if estimate.low is None else numbers.interval(estimate, scale, threshold)
    return Cell(text=scale(estimate.value), stat=ends, sort=sort_key(estimate.value))


def value_cell(value: float | None, scale: Callable[..., str]) -> Cell:
    """A number without an interval, by which the column sorts."""
    return Cell(text=scale(value), sort=sort_key(value))


def points_cell(difference: Estimate) -> Cell:
    """A difference of proportions in signed points with its interval below."""
    ends = numbers.points_interval(difference) if difference.low is not None else ""
    return Cell(text=numbers.difference(difference.value), stat=ends, sort=sort_key(difference.value))


def verdict_cell(significant: bool | None, small: str = "") -> Cell:
    """Whether there is a difference: "yes" or "no"; a dash for None, without a test."""
    word = numbers.MISSING if significant is None else "yes" if significant else "no"
    return Cell(text=word, small=small, numeric=False, best=bool(significant))


def of_conditions(
    caption: str | Finding,
    columns: Sequence[ColumnHead],
    rows: Iterable[tuple[ConditionView, Sequence[Cell]]],
    *,
    sortable: bool = False,
) -> Table:
    """A table with a row for each condition, whose cells are made already."""
    heads = (ColumnHead(text="condition", numeric=False), *columns)
    return Table(
        caption=caption,
        columns=heads,
        lines=tuple(head(view, cells) for view, cells in rows),
        sortable=sortable,
    )


def head(view: ConditionView, cells: Sequence[Cell]) -> Line:
    """A row about one condition."""
    return Line(head=view.label, cells=tuple(cells), css=f"k {view.css}")


def sort_key(value: float | None) -> str:
    """What a cell sorts by: the number itself; nothing sorts last."""
    return "" if value is None else f"{value:.6g}"
