"""Assessment A: the two-page analysis, filled from the data or blank for the student to fill."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llmxray.metrics.binning import reliability_bins
from llmxray.report import numbers
from llmxray.report.analysis import (
    Analysis,
    ConditionResults,
    accuracy_of,
    address,
    confidence,
    median_of,
    right,
)
from llmxray.report.analysis.leaders import categories_of
from llmxray.report.coursework.answer_key import Blank, compared, draw, key, on_sheet
from llmxray.report.links import question_href, questions_href
from llmxray.report.pages.pairs.numbers_of_pair import calibration_sentence
from llmxray.report.widgets import frame
from llmxray.report.widgets.table import Cell, Column, Line, Table, head, share_cell
from llmxray.report.wording.speed import per_second, speed_sentences
from llmxray.report.wording.verdicts import compared as in_words
from llmxray.types import Estimate, Row

# The module's five, few enough to fill in by hand.
_BINS = 5
# So many categories fit on two pages beside the rest.
_MOST_CATEGORIES = 8
_SPEED, _WORKSHEET, _ESTIMATORS = "results.html#speed", "#worksheet", "calibration.html#estimators"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief(frame.Framed):
    """The model of ``brief.html``.

    Attributes:
        blanks: what the student fills in; empty in a brief that is filled from the data.
        calibrated: which of the two is better calibrated, and whether that can be told.
        calibration: the calibration errors of both, over all their answers.
        worksheet: the student's own questions with confidence and outcome.
        bins: the calculation by bins; its numbers are left out in a blank brief.
        cassette: piece of the recording's hash, so that a hand-in names the data it is about.
    """

    student: str
    experiment: str
    hypothesis: str
    cassette: str
    blank: bool
    sentences: tuple[str, ...]
    accuracy: Table
    categories: Table | None
    calibrated: str
    calibration: Table | None
    worksheet: Table | None
    bins: Table | None
    speed: tuple[str, ...]
    blanks: tuple[Blank, ...]


def brief(analysis: Analysis, student: str, *, blank: bool, cassette: str) -> Brief | None:
    """The brief of one student; None where there are no two conditions to compare."""
    pair = compared(analysis)
    if pair is None:
        return None
    best, rival = pair
    rows = draw(analysis, best, student)
    data = analysis.data
    return Brief(
        title="Analysis brief",
        nav=frame.paper(data, "Brief"),
        footer=frame.footer(data, _command(data.name, student, blank=blank)),
        student=student,
        experiment=data.name,
        hypothesis=data.experiment.hypothesis or "",
        cassette=cassette,
        blank=blank,
        sentences=() if blank else (in_words(analysis, analysis.pair(best, rival)),),
        accuracy=_accuracy(analysis, pair, blank=blank),
        categories=None if blank else _categories(analysis, pair),
        calibrated="" if blank else calibration_sentence(analysis, analysis.pair(best, rival)),
        calibration=_calibration(analysis, pair, blank=blank) if rows else None,
        worksheet=_worksheet(best, rows) if rows else None,
        bins=_bins(rows, blank=blank) if rows else None,
        speed=() if blank else speed_sentences(analysis, best, rival),
        blanks=key(analysis, student) if blank else (),
    )


def _command(name: str, student: str, *, blank: bool) -> str:
    whose = ["--student", shlex.quote(student)] if student else []
    return " ".join(("llmxray brief", name, *whose, *(["--blank"] if blank else [])))


def _hidden(cell: Cell, *, blank: bool) -> Cell:
    return Cell("", numeric=cell.numeric) if blank else cell


def _accuracy(analysis: Analysis, pair: tuple[ConditionResults, ConditionResults], *, blank: bool) -> Table:
    lines = []
    for view in pair:
        rate = per_second(analysis, view)
        cells = (
            share_cell(
                analysis.accuracies[view.id], href=questions_href(condition=view.id, outcome="correct")
            ),
            Cell(numbers.count(analysis.accuracies[view.id].n), href=questions_href(condition=view.id)),
            Cell(numbers.seconds(median_of(view, "latency_s").value), href=_SPEED),
            Cell(numbers.decimal(rate.value), href=_SPEED),
        )
        lines.append(head(view, [_hidden(cell, blank=blank) for cell in cells]))
    columns = (
        Column("condition", numeric=False),
        Column("accuracy", "95%"),
        Column("questions"),
        Column("latency", "median"),
        Column("right answers", "a second"),
    )
    return Table("The two conditions.", columns, tuple(lines))


def _categories(analysis: Analysis, pair: tuple[ConditionResults, ConditionResults]) -> Table | None:
    names = categories_of(analysis)
    if len(names) < 2:
        return None
    found_in = {
        (suite, category): [accuracy_of(view.of(suite=suite, category=category)) for view in pair]
        for suite, category in names
    }
    lines = []
    for suite, category in _telling(found_in):
        found: list[Estimate] = found_in[suite, category]
        where = {"suite": suite, "category": category}
        cells = [
            Cell(
                numbers.percent(each.value),
                numbers.interval(each),
                href=questions_href(condition=view.id, **where),
            )
            for each, view in zip(found, pair, strict=True)
        ]
        count = Cell(str(found[0].n), href=questions_href(**where))
        lines.append(Line(category, (*cells, count), analysis.label_of_suite(suite)))
    columns = (
        Column("category", numeric=False),
        *(Column(view.label, css=f"k {view.css}") for view in pair),
        Column("n"),
    )
    caption = "Accuracy by category with 95% intervals: most are too wide to rank."
    if len(lines) < len(names):
        half = len(lines) // 2
        caption = (
            f"The {half} categories where {pair[0].label} does best beside {pair[1].label} and the {half} where it "
            f"does worst; chosen so, they look further apart than they are, and most 95% intervals are too wide to "
            f"rank. All {len(names)} stand on the page Categories."
        )
    return Table(caption, columns, tuple(lines))


def _telling(found: Mapping[tuple[str, str], Sequence[Estimate]]) -> list[tuple[str, str]]:
    """All categories where they fit; else those where the two differ most in either direction, in their order."""
    if len(found) <= _MOST_CATEGORIES:
        return list(found)

    def lead(place: tuple[str, str]) -> float:
        first, second = (each.value or 0.0 for each in found[place])
        return first - second

    ranked = sorted(found, key=lead, reverse=True)
    half = _MOST_CATEGORIES // 2
    return [*ranked[:half], *ranked[-half:]]


def _calibration(
    analysis: Analysis, pair: tuple[ConditionResults, ConditionResults], *, blank: bool
) -> Table:
    ece_15, _, module_bins, gap, *_ = confidence.ESTIMATORS
    lines = []
    for view in pair:
        shares = [
            confidence.mean_confidence(view),
            *(confidence.estimate(analysis, view, each) for each in (ece_15, module_bins)),
        ]
        signed = confidence.estimate(analysis, view, gap)
        cells = [Cell(numbers.percent(each.value), _interval(each), href=_ESTIMATORS) for each in shares]
        points = numbers.points_interval(signed) if signed.low is not None else ""
        cells.insert(1, Cell(numbers.points(signed.value), points, href=_ESTIMATORS))
        lines.append(head(view, [_hidden(cell, blank=blank) for cell in cells]))
    columns = (
        Column("condition", numeric=False),
        Column("mean confidence", "95%"),
        Column("gap", "points, + is overconfident"),
        Column("ECE-15", "lower is closer"),
        Column("five-bin average", "the module's recipe"),
    )
    return Table(
        "How far the confidence of each is from what it gets right, over all its answers.",
        columns,
        tuple(lines),
    )


def _interval(found: Estimate) -> str:
    return numbers.interval(found) if found.low is not None else ""


def _worksheet(view: ConditionResults, rows: tuple[Row, ...]) -> Table:
    lines = tuple(
        Line(
            address(row),
            (
                Cell(f"{100 * on_sheet(row):.0f}%"),
                Cell("right" if right(row) else "wrong", numeric=False),
            ),
            href=question_href(address(row)),
        )
        for row in rows
    )
    columns = (Column("question", numeric=False), Column("confidence"), Column("answer", numeric=False))
    caption = f"Your questions: answers of {view.label}, drawn by your name. Work with these per cents."
    return Table(caption, columns, lines)


def _bins(rows: tuple[Row, ...], *, blank: bool) -> Table:
    sure, hits = [on_sheet(row) for row in rows], [right(row) for row in rows]
    # Empty bins are not among them.
    made = {round(each.low * _BINS): each for each in reliability_bins(sure, hits, n_bins=_BINS)}
    lines = []
    for place in range(_BINS):
        name = f"{100 * place // _BINS} to {100 * (place + 1) // _BINS}%"
        found = made.get(place)
        if blank or found is None:
            lines.append(Line(name, tuple(Cell("" if blank else numbers.MISSING) for _ in range(4))))
            continue
        gap = abs(found.mean_confidence - (found.accuracy.value or 0.0))
        texts = (
            str(found.n),
            numbers.percent(found.mean_confidence),
            numbers.percent(found.accuracy.value),
            numbers.points(gap).lstrip("+"),
        )
        lines.append(Line(name, tuple(Cell(text, href=_WORKSHEET) for text in texts)))
    columns = (
        Column("confidence", numeric=False),
        Column("n"),
        Column("mean confidence"),
        Column("accuracy"),
        Column("gap", "points"),
    )
    caption = (
        "Sort your questions into five bins; an edge belongs to the bin below it. Empty bins are left out."
    )
    return Table(caption, columns, tuple(lines))
