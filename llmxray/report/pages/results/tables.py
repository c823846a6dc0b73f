"""The tables of the results page: accuracy, speed, and every pair compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from llmxray.report import numbers
from llmxray.report.analysis import (
    Analysis,
    ConditionResults,
    Pair,
    accuracy_of,
    median_of,
    per_token,
    rate,
)
from llmxray.report.links import questions_href
from llmxray.report.widgets.pair_links import href
from llmxray.report.widgets.table import (
    Cell,
    Column,
    Line,
    Table,
    best_of,
    head,
    is_best,
    scaled_bar,
    share_cell,
    sort_key,
)
from llmxray.report.wording.speed import COVERED, latency_s, load_warning, per_second
from llmxray.types import Estimate, Outcome, Row

_LETTERS_APART = "Letter scores cannot be compared with published likelihood scores."


def accuracy(analysis: Analysis) -> Table:
    """Accuracy over everything and by suite, best first."""
    suites = analysis.suites if len(analysis.suites) > 1 else ()
    by_suite = {view.id: [accuracy_of(view.of(suite=suite)) for suite in suites] for view in analysis.views}
    best = best_of([analysis.accuracies[view.id].value for view in analysis.views])
    best_suite = [
        best_of([by_suite[v.id][place].value for v in analysis.views]) for place in range(len(suites))
    ]
    lines = []
    for view in analysis.ranked:
        found = analysis.accuracies[view.id]
        link = questions_href(condition=view.id)
        cells = [share_cell(found, best=is_best(found.value, best), chance=analysis.chance, href=link)]
        for suite, each, top in zip(suites, by_suite[view.id], best_suite, strict=True):
            cells.append(
                share_cell(
                    each,
                    best=is_best(each.value, top),
                    chance=analysis.chance_of([suite]),
                    href=questions_href(condition=view.id, suite=suite),
                )
            )
        lines.append(head(view, cells))
    columns = [
        Column("condition", numeric=False),
        Column("all", numbers.plural(analysis.n_items, "question")),
    ]
    columns += [Column(analysis.label_of_suite(suite), _suite_note(analysis, suite)) for suite in suites]
    if any(_cut(view) for view in analysis.views):
        columns.append(Column("cut off", "at the token budget"))
        lines = [
            replace(line, cells=(*line.cells, _cut_cell(view)))
            for view, line in zip(analysis.ranked, lines, strict=True)
        ]
    # The findings call other replies unread; the outcome of that name is rare.
    unread = " − unread" if any(row.outcome is Outcome.UNREAD for row in analysis.data.results.rows) else ""
    caption = f"Accuracy = correct / (N − error{unread}) (95% intervals); dashed tick: blind guessing; highest in bold."
    if any("letter" in analysis.kinds_of(suite) for suite in analysis.suites):
        caption += f" {_LETTERS_APART}"
    if analysis.unlike:
        caption += f" {analysis.unlike}"
    return Table(caption, tuple(columns), tuple(lines), sortable=True)


def _cut(view: ConditionResults) -> int:
    return sum(row.outcome is Outcome.TRUNCATED for row in view.rows)


def _cut_cell(view: ConditionResults) -> Cell:
    n, of = _cut(view), len(view.rows)
    link = questions_href(condition=view.id, outcome=Outcome.TRUNCATED.value) if n else ""
    said = f"{numbers.count(n)} of {numbers.count(of)}"
    return Cell(numbers.percent(n / of if of else None), said, href=link, sort=sort_key(float(n)))


def _suite_note(analysis: Analysis, suite: str) -> str:
    chance = analysis.chance_of([suite])
    n = f"n = {analysis.n_scored(suite)}"
    return n if chance is None else f"{n}, chance {numbers.percent(chance)}"


@dataclass(frozen=True, slots=True)
class _Measure:
    """A column of the table of times; ``high`` says which end is best, None neither."""

    column: Column
    of: Callable[[ConditionResults], Estimate]
    shown: Callable[[float | None], str]
    high: bool | None

    def best(self, values: Sequence[float | None]) -> float | None:
        """The best of the column's values."""
        return None if self.high is None else best_of(values, high=self.high)


def _measures(analysis: Analysis) -> list[_Measure]:
    def median(value: Callable[[Row], float | None]) -> Callable[[ConditionResults], Estimate]:
        return lambda view: median_of(view, value)

    def number(value: float | None) -> str:
        return numbers.decimal(value, 0)

    first = [("first token", median(lambda row: row.ttft_s))]
    # Without thinking the two are one.
    if any(row.reasoning for row in analysis.data.results.rows):
        first.append(("first of the answer", median(lambda row: row.ttfa_s)))
    tokens = median(lambda row: row.completion_tokens)
    # Without any it would be a column of dashes or zeros.
    thinks = any(row.reasoning_tokens for row in analysis.data.results.rows)
    thought = median(lambda row: row.reasoning_tokens)
    return [
        *(_Measure(Column(n, "median", anchor="ttft"), of, numbers.seconds, False) for n, of in first),
        _Measure(Column("latency", "median", anchor="latency"), median(latency_s), numbers.seconds, False),
        _Measure(
            Column("tokens per second", "median of replies", anchor="tokens-per-second"),
            median(rate),
            number,
            True,
        ),
        _Measure(
            Column("per token", "after the first", anchor="tpot"), median(per_token), numbers.seconds, False
        ),
        # Few tokens are neither good nor bad.
        _Measure(Column("tokens", "median per question"), tokens, number, None),
        *([_Measure(Column("thinking tokens", "shown or hidden"), thought, number, None)] if thinks else []),
        _Measure(
            Column("correct per second", "of waiting", anchor="per-second"),
            lambda view: per_second(analysis, view),
            numbers.decimal,
            True,
        ),
    ]


def speed(analysis: Analysis) -> Table:
    """Times, tokens and right answers per second."""
    measures = _measures(analysis)
    found = {view.id: [measure.of(view) for measure in measures] for view in analysis.views}
    best = [
        measure.best([found[view.id][place].value for view in analysis.views])
        for place, measure in enumerate(measures)
    ]
    ends = [
        max((each.high or each.value or 0.0 for each in column), default=0.0)
        for column in zip(*found.values(), strict=True)
    ]
    lines = []
    for view in analysis.ranked:
        cells = [
            Cell(
                (shown := numbers.in_one_unit(measure.shown, longest))(each.value),
                numbers.interval(each, shown) if each.low is not None else "",
                is_best(each.value, top),
                bar=scaled_bar(each, longest),
                sort=sort_key(each.value),
            )
            for each, measure, top, longest in zip(found[view.id], measures, best, ends, strict=True)
        ]
        most = max((row.concurrency for row in view.rows), default=1)
        # 0: the file that this was read from does not say.
        lines.append(head(view, [*cells, Cell(numbers.count(most) if most else numbers.MISSING)]))
    columns = (
        Column("condition", numeric=False),
        *(measure.column for measure in measures),
        Column("in flight", "most at once"),
    )
    caption = (
        "Times as recorded, drawn from 0 to the largest of their column (95% intervals). Best in bold. "
        + " ".join(filter(None, (COVERED, load_warning(analysis))))
    )
    return Table(caption, columns, tuple(lines), True)


def pairs(analysis: Analysis) -> Table:
    """Every pair with its test; each leads to its page."""
    columns = [
        Column("condition", numeric=False),
        Column("compared with", numeric=False),
        Column("difference", "points, 95%"),
        Column("right more often" if analysis.answers > 1 else "right alone", "first : second"),
        Column("p", analysis.test[0], anchor=analysis.test[1], css="stat"),
        Column("p adjusted", "Holm, all pairs", anchor="holm", css="stat"),
        Column("minimum detectable", "points, power 0.8", anchor="detectable"),
        Column("verdict", numeric=False),
        Column("n"),
    ]
    caption = (
        f"Every pair on the same questions{analysis.together}. The minimum detectable effect is the smallest true "
        f"difference that these questions find in four of five tries, before adjustment. {numbers.UNADJUSTED}"
    )
    lines = tuple(_pair_line(analysis, pair) for pair in analysis.pairs)
    return Table(caption, tuple(columns), lines, True)


def _verdict(pair: Pair) -> str:
    if pair.difference.value is None:
        return numbers.MISSING
    return "differ" if pair.differs else "not clear"


def _pair_line(analysis: Analysis, pair: Pair) -> Line:
    difference = pair.difference
    cells = [
        Cell(pair.b.label, numeric=False),
        Cell(
            numbers.points(difference.value),
            numbers.points_interval(difference),
            sort=sort_key(difference.value),
        ),
        Cell(f"{pair.a_ahead} : {pair.b_ahead}"),
        Cell(numbers.bare_p(pair.p_value), sort=sort_key(pair.p_value)),
        Cell(numbers.bare_p(pair.p_holm), sort=sort_key(pair.p_holm), best=pair.differs),
        Cell(numbers.points(pair.detectable).lstrip("+")),
        Cell(_verdict(pair), numeric=False, best=pair.differs),
        Cell(numbers.count(difference.n), f"{len(pair.unmatched)} left out" if pair.unmatched else ""),
    ]
    return Line(pair.a.label, tuple(cells), href=href(analysis, pair))
