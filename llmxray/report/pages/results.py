"""All results of an experiment: accuracy, confidence, speed, outcomes, and every pair compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llmxray.charts import taxonomy, tradeoff
from llmxray.report import confidence, numbers
from llmxray.report.analysis import Analysis, Pair, View, accuracy_of, median_of, rate
from llmxray.report.pages.findings import rival_of, verdict
from llmxray.report.pages.frame import Nav, footer, nav
from llmxray.report.pages.speed import latency_s, per_second, speed_sentences
from llmxray.report.pages.table import (
    Cell,
    Column,
    Figure,
    Line,
    Link,
    Table,
    best_of,
    head,
    questions_href,
    share_cell,
    sort_key,
)
from llmxray.types import Estimate, Outcome


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """The page; figures are None where there is nothing to draw."""

    title: str
    nav: Nav
    lede: str
    accuracy: Table
    calibration: Table | None
    speed: Table
    speed_sentences: tuple[str, ...]
    outcomes: Figure
    outcome_names: tuple[str, ...]
    outcome_table: Table
    tradeoff: Figure | None
    pairs: Table | None
    links: tuple[Link, ...]
    footer: tuple[str, ...]


def make(analysis: Analysis) -> ResultsPage:
    """The results page of an experiment."""
    rival = rival_of(analysis)
    sentences = speed_sentences(analysis, analysis.ranked[0], rival) if rival else ()
    return ResultsPage(
        "Results",
        nav(analysis.data, "results.html"),
        verdict(analysis),
        _accuracy(analysis),
        _calibration(analysis),
        _speed(analysis),
        sentences,
        _outcomes(analysis),
        tuple(outcome.value for outcome in Outcome if _occurs(analysis, outcome)),
        _outcome_table(analysis),
        _tradeoff(analysis),
        _pairs(analysis) if analysis.pairs else None,
        (
            Link("Other ways to score", "sensitivity.html"),
            Link("Every trial as CSV", "results.csv"),
            Link("as JSON", "results.json"),
        ),
        footer(analysis.data),
    )


def _accuracy(analysis: Analysis) -> Table:
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
        cells = [share_cell(found, best=found.value == best, chance=analysis.chance, href=link)]
        for suite, each, top in zip(suites, by_suite[view.id], best_suite, strict=True):
            cells.append(
                share_cell(
                    each,
                    best=each.value is not None and each.value == top,
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
    caption = (
        "Accuracy = correct / (N − error). Intervals 95%; the dashed tick is blind guessing; highest in bold."
    )
    return Table(caption, tuple(columns), tuple(lines), sortable=True)


def _suite_note(analysis: Analysis, suite: str) -> str:
    chance = analysis.chance_of([suite])
    n = f"n = {analysis.n_scored(suite)}"
    return n if chance is None else f"{n}, chance {numbers.percent(chance)}"


def _calibration(analysis: Analysis) -> Table | None:
    views = [view for view in analysis.ranked if confidence.columns(view).n]
    if not views:
        return None
    made = {
        view.id: (
            confidence.mean_confidence(view),
            confidence.estimate(analysis, view, confidence.ESTIMATORS[0]),
            confidence.estimate(analysis, view, confidence.ESTIMATORS[2]),
            confidence.auroc(view),
        )
        for view in views
    }
    best_ece = best_of([made[view.id][1].value for view in views], high=False)
    best_bins = best_of([made[view.id][2].value for view in views], high=False)
    best_auroc = best_of([made[view.id][3].value for view in views])
    lines = []
    for view in views:
        sure, ece, bins, auroc = made[view.id]
        cells = (
            share_cell(sure),
            share_cell(ece, best=ece.value == best_ece),
            share_cell(bins, best=bins.value == best_bins),
            _decimal_cell(auroc, best=auroc.value == best_auroc),
            Cell(numbers.count(ece.n), f"{ece.n_missing} missing" if ece.n_missing else ""),
        )
        lines.append(head(view, cells))
    columns = (
        Column("condition", numeric=False),
        Column("mean confidence", "option confidence", anchor="option-confidence"),
        Column("ECE-15", "lower is closer", anchor="ece-15"),
        Column("five-bin average", "the module's recipe", anchor="module-bins"),
        Column("AUROC", "0.5 is no signal", anchor="auroc"),
        Column("n"),
    )
    return Table(
        "Confidence: what the model claims, and how far that is from what it does.",
        columns,
        tuple(lines),
        True,
    )


def _decimal_cell(estimate: Estimate, *, best: bool = False, digits: int = 2) -> Cell:
    def scale(value: float | None) -> str:
        return numbers.decimal(value, digits)

    small = numbers.interval(estimate, scale) if estimate.low is not None else ""
    return Cell(scale(estimate.value), small, best, sort=sort_key(estimate.value))


def _speed(analysis: Analysis) -> Table:
    measures: Sequence[tuple[Callable[[View], Estimate], Callable[[float | None], str], bool | None]] = (
        (lambda view: median_of(view.rows, lambda row: row.ttft_s), numbers.seconds, False),
        (lambda view: median_of(view.rows, latency_s), numbers.seconds, False),
        (lambda view: median_of(view.rows, rate), lambda value: numbers.decimal(value, 0), True),
        (
            lambda view: median_of(view.rows, lambda row: row.completion_tokens),
            lambda value: numbers.decimal(value, 0),
            None,
        ),
        (lambda view: per_second(analysis, view), numbers.decimal, True),
    )
    found = {view.id: [measure(view) for measure, _, _ in measures] for view in analysis.views}
    best = [
        None if high is None else best_of([found[view.id][place].value for view in analysis.views], high=high)
        for place, (_, _, high) in enumerate(measures)
    ]
    lines = []
    for view in analysis.ranked:
        cells = [
            Cell(
                scale(each.value),
                numbers.interval(each, scale) if each.low is not None else "",
                each.value is not None and each.value == top,
                sort=sort_key(each.value),
            )
            for each, (_, scale, _), top in zip(found[view.id], measures, best, strict=True)
        ]
        most = max((row.concurrency for row in view.rows), default=1)
        lines.append(head(view, [*cells, Cell(numbers.count(most))]))
    columns = (
        Column("condition", numeric=False),
        Column("first token", "median", anchor="ttft"),
        Column("latency", "median", anchor="latency"),
        Column("tokens per second", "median"),
        Column("tokens", "median per question"),
        Column("right per second", "of waiting", anchor="per-second"),
        Column("in flight", "most at once"),
    )
    return Table("Times as recorded; 95% intervals below each. Best in bold.", columns, tuple(lines), True)


def _counts(view: View) -> Counter[Outcome]:
    return Counter(row.outcome for row in view.rows)


def _occurs(analysis: Analysis, outcome: Outcome) -> bool:
    return any(row.outcome is outcome for row in analysis.data.results.rows)


def _outcomes(analysis: Analysis) -> Figure:
    bars = []
    for view in analysis.ranked:
        counts = _counts(view)
        bars.append(
            taxonomy.Bar(view.id, view.css, {each.value: counts[each] for each in Outcome if counts[each]})
        )
    said = "; ".join(
        f"{bar.label}: " + ", ".join(f"{n} {name}" for name, n in bar.counts.items()) for bar in bars
    )
    svg = taxonomy.draw(bars, name="outcomes", description=f"Outcomes by condition. {said}.")
    unread = sum(n for bar in bars for name, n in bar.counts.items() if name in ("unparsed", "truncated"))
    title = (
        f"{numbers.plural(unread, 'reply', 'replies')} could not be read as an answer"
        if unread
        else "Every reply could be read as an answer"
    )
    return Figure(title, "What became of every trial; each bar sums to its N.", svg)


def _outcome_table(analysis: Analysis) -> Table:
    shown = [outcome for outcome in Outcome if _occurs(analysis, outcome)]
    lines = []
    for view in analysis.ranked:
        counts = _counts(view)
        cells = [
            Cell(
                numbers.count(counts[each]),
                href=questions_href(condition=view.id, outcome=each.value) if counts[each] else "",
            )
            for each in shown
        ]
        lines.append(head(view, [*cells, Cell(numbers.count(len(view.rows)))]))
    columns = [
        Column("condition", numeric=False),
        *(Column(each.value, css=f"mark-{each.value}") for each in shown),
        Column("N"),
    ]
    return Table(
        "The same counts as a table; each leads to its questions.", tuple(columns), tuple(lines), True
    )


def _tradeoff(analysis: Analysis) -> Figure | None:
    points = [
        tradeoff.Point(view.id, view.css, analysis.accuracies[view.id], median_of(view.rows, latency_s))
        for view in analysis.ranked
    ]
    points = [point for point in points if point.accuracy.value is not None and point.latency_s.value]
    if len(points) < 2:
        return None
    said = "; ".join(
        f"{point.label}: {numbers.percent(point.accuracy.value)} at {numbers.seconds(point.latency_s.value)}"
        for point in points
    )
    svg = tradeoff.draw(
        points, name="tradeoff", description=f"Accuracy against latency. {said}.", chance=analysis.chance
    )
    best, quick = points[0], min(points, key=lambda point: point.latency_s.value or 0.0)
    title = (
        f"{best.label} is both the most accurate and the fastest"
        if best.label == quick.label
        else f"{best.label} is the most accurate, {quick.label} the fastest"
    )
    return Figure(
        title,
        "Accuracy against median latency; up and to the left is better on both. Bars: 95% intervals.",
        svg,
    )


def _pairs(analysis: Analysis) -> Table:
    columns = [
        Column("condition", numeric=False),
        Column("compared with", numeric=False),
        Column("difference", "points, 95%"),
    ]
    if not analysis.repeats:
        columns += [
            Column("right alone", "first : second"),
            Column("p", "exact McNemar", anchor="mcnemar"),
            Column("p adjusted", "Holm, all pairs", anchor="holm"),
            Column("would show", "points, power 0.8", anchor="detectable"),
        ]
    columns += [Column("verdict", numeric=False), Column("n")]
    caption = (
        "Every pair on the same questions, repeats averaged within each; paired bootstrap intervals. "
        "Conditions differ where the interval excludes 0."
        if analysis.repeats
        else "Every pair on the same questions. “Would show” is the smallest true difference "
        "these questions find in four of five tries."
    )
    lines = tuple(_pair_line(pair, tested=not analysis.repeats) for pair in analysis.pairs)
    return Table(caption, tuple(columns), lines, True)


def _pair_line(pair: Pair, *, tested: bool) -> Line:
    difference = pair.difference
    cells = [
        Cell(pair.b.id, numeric=False),
        Cell(
            numbers.points(difference.value),
            numbers.points_interval(difference),
            sort=sort_key(difference.value),
        ),
    ]
    if tested:
        cells += [
            Cell(f"{pair.a_only} : {pair.b_only}"),
            Cell(_bare(pair.p_value), sort=sort_key(pair.p_value)),
            Cell(_bare(pair.p_holm), sort=sort_key(pair.p_holm), best=pair.differs),
            Cell(numbers.points(pair.detectable).lstrip("+")),
        ]
    cells += [
        Cell("differ" if pair.differs else "tied", numeric=False, best=pair.differs),
        Cell(numbers.count(difference.n)),
    ]
    return Line(pair.a.id, tuple(cells))


def _bare(p: float | None) -> str:
    return numbers.p_value(p).removeprefix("p").replace("=", "").strip()
