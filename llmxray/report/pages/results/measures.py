"""The tables of the results page: accuracy, the original app's confidence, speed, and every pair compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from llmxray.metrics.accuracy import mean
from llmxray.report import numbers
from llmxray.report.analysis import (
    Analysis,
    ConditionResults,
    Pair,
    Value,
    accuracy_of,
    address,
    confidence,
    median_of,
    per_token,
    rate,
    right,
)
from llmxray.report.analysis.leaders import above_guessing
from llmxray.report.widgets.pair_links import href
from llmxray.report.widgets.table import (
    Best,
    Cell,
    ColumnHead,
    ColumnOf,
    Line,
    Table,
    auroc_cell,
    by_condition,
    measured_cell,
    n_cell,
    of_conditions,
    points_cell,
    scaled_bar,
    share_cell,
    sort_key,
    value_cell,
    verdict_cell,
)
from llmxray.report.wording.speed import COVERED, cut_warning, load_warning, per_second
from llmxray.types import Estimate, Outcome

_LETTERS_APART = (
    "Published scores of small models are mostly by likelihood; scores by letter cannot be compared."
)


def accuracy(analysis: Analysis) -> Table:
    """Accuracy over everything and by suite, best first."""
    of = analysis.common
    columns: list[ColumnOf] = [
        (
            # Over other questions a higher number is no better one.
            ColumnHead(text="all", small="each over its own questions")
            if analysis.unlike
            else ColumnHead(text="all", small=numbers.plural(analysis.n_items, "question"), best=max),
            lambda view: share_cell(
                analysis.accuracies[view.id],
                chance=analysis.chance and (analysis.guessing(view) or analysis.chance),
                href=analysis.contents.questions(condition=view.id),
            ),
        ),
        *(_suite(analysis, suite) for suite in analysis.suites if len(analysis.suites) > 1),
    ]
    # Where these are a suite, its column stands for them.
    is_suite = len(of.suites) == 1 < len(analysis.suites) and of.n_items == analysis.n_scored(of.suites[0])
    if of is not analysis and not is_suite:
        head = ColumnHead(text="in common", small=numbers.plural(of.n_items, "question"), best=max)
        columns.insert(1, (head, lambda view: share_cell(of.accuracies[view.id], chance=of.chance)))
    left_out = {row.outcome for row in analysis.data.results.rows} & {Outcome.ERROR, Outcome.UNREAD}
    n = f"(N{''.join(f' − {each.value}' for each in sorted(left_out))})" if left_out else "N"
    bold = "; highest in bold" if any(head.best for head, _ in columns) else ""
    caption = f"Accuracy = correct / {n} (95% intervals); dashed tick: blind guessing{bold}."
    if any("letter" in analysis.kinds_of(suite) for suite in analysis.suites):
        caption += f" {_LETTERS_APART}"
    return by_condition(f"{analysis.unlike} {caption}".lstrip(), analysis.ranked, columns)


def _suite(analysis: Analysis, suite: str) -> ColumnOf:
    chance, n = analysis.chance_of([suite]), analysis.n_scored(suite)

    def cell(view: ConditionResults) -> Cell:
        href = analysis.contents.questions(condition=view.id, suite=suite)
        return share_cell(accuracy_of(view.of(suite=suite)), chance=chance, href=href)

    # The questions of it to which each that was asked it has an answer that counts.
    answered = {
        frozenset(address(row) for row in view.of(suite=suite) if right(row) is not None)
        for view in analysis.views
    }
    best = max if len(answered - {frozenset()}) < 2 else None
    note = f"n = {n}" if chance is None else f"n = {n}, chance {numbers.percent(chance)}"
    return ColumnHead(text=analysis.label_of_suite(suite), small=note, best=best), cell


def best_but_guessers(analysis: Analysis, best: Best, found: Mapping[str, Estimate]) -> Best:
    """What picks the best of a figure per right answer: no condition that is not shown to be right above guessing."""
    values = [
        float(sort_key(found[view.id].value))
        for view in analysis.views
        if found[view.id].value is not None and above_guessing(analysis, view) is not False
    ]
    return (lambda _: best(values)) if best is not None and values else None


def guessers_told(analysis: Analysis, best: Best) -> str:
    """That conditions were left out of the best for guessing; "" where none was."""
    if best is None or all(above_guessing(analysis, view) is not False for view in analysis.views):
        return ""
    return "In figures per right answer, a condition that is not shown to be above guessing is not marked as best."


def token_confidence(analysis: Analysis) -> Table | None:
    """The mean probability of the answer's tokens held against accuracy; None but for files of the original app.

    These keep one alternative a token, so they have no option confidence. Beside option confidence this would invite
    comparing two different things.
    """
    if not analysis.data.is_of_app:
        return None
    rows = []
    for view in analysis.ranked:
        data = confidence.token_columns(view)
        if not data.n:
            continue
        errors = [
            confidence.resampled(data, each, analysis.data.name, view.id, "token", each.anchor)()
            for each in (confidence.ECE_15, confidence.MODULE_BINS)
        ]
        shares = [share_cell(each) for each in (mean(data.confidence), *errors)]
        rows.append((view, [*shares, auroc_cell(confidence.auroc_of(data)), n_cell(data)]))
    columns = (
        ColumnHead(text="mean token probability", small="the app's number"),
        ColumnHead(text="ECE-15", small="lower is closer", anchor="ece-15"),
        ColumnHead(text="five-bin average", small="the module's recipe", anchor="module-bins"),
        ColumnHead(text="AUROC", small="0.5 is no signal", anchor="auroc"),
        ColumnHead(text="n"),
    )
    caption = "The app's confidence, and how far it is from what the model gets right."
    return of_conditions(caption, columns, rows, sortable=True) if rows else None


def speed(analysis: Analysis) -> Table:
    """Times, tokens and right answers per second."""
    seconds, number = numbers.seconds, partial(numbers.decimal, digits=0)

    def of(
        name: str,
        small: str,
        value: Value,
        shown: Callable[..., str],
        best: Best = min,
        anchor: str = "",
    ) -> ColumnOf:
        found = {view.id: median_of(view, value) for view in analysis.views}
        # A time of other questions is another task's.
        best = None if analysis.unlike else best
        return _measured(ColumnHead(text=name, small=small, anchor=anchor, best=best), found, shown)

    rows = analysis.data.results.rows
    columns = [of("first token", "median", "ttft_s", seconds, anchor="ttft")]
    # Without thinking the two are one.
    if any(row.reasoning for row in rows):
        columns.append(of("first of the answer", "median", "ttfa_s", seconds, anchor="ttft"))
    columns += [
        of("latency", "median", "latency_s", seconds, anchor="latency"),
        of("tokens per second", "median of replies", rate, number, max, anchor="tokens-per-second"),
        of("per token", "after the first", per_token, seconds, anchor="tpot"),
        # Few tokens are neither good nor bad.
        of("tokens", "median per question", "completion_tokens", number, None),
    ]
    # Without any it would be a column of dashes or zeros.
    if any(row.reasoning_tokens for row in rows):
        columns.append(of("thinking tokens", "shown or hidden", "reasoning_tokens", number, None))
    rates = {view.id: per_second(analysis, view) for view in analysis.views}
    best: Best = None if analysis.unlike else max
    correct = ColumnHead(
        text="correct per second",
        small="of waiting",
        anchor="per-second",
        best=best_but_guessers(analysis, best, rates),
    )
    columns += [
        _measured(correct, rates, numbers.decimal),
        # 0: the file that this was read from does not say.
        (
            ColumnHead(text="in flight", small="most at once"),
            lambda view: Cell(
                text=numbers.count(max((row.concurrency for row in view.rows), default=1) or None)
            ),
        ),
    ]
    caption = (
        "Times as recorded, drawn from 0 to the largest of their column (95% intervals). "
        + ("Each over its own questions. " if analysis.unlike else "Best in bold. ")
        + " ".join(
            filter(
                None,
                (guessers_told(analysis, best), COVERED, load_warning(analysis), cut_warning(analysis)),
            )
        )
    )
    return by_condition(caption, analysis.ranked, columns)


def _measured(column: ColumnHead, found: Mapping[str, Estimate], shown: Callable[..., str]) -> ColumnOf:
    """A column drawn from 0 to its largest value."""
    longest = max((each.high or each.value or 0.0 for each in found.values()), default=0.0)
    scale = numbers.in_one_unit(shown, longest)

    def cell(view: ConditionResults) -> Cell:
        each = found[view.id]
        return replace(measured_cell(each, scale), bar=scaled_bar(each, longest))

    return column, cell


def pairs(analysis: Analysis) -> Table:
    """Every pair with its test; each leads to its page."""
    columns = [
        ColumnHead(text="condition", numeric=False),
        ColumnHead(text="compared with", numeric=False),
        ColumnHead(text="difference", small="points, 95%"),
        ColumnHead(
            text="right more often" if analysis.answers > 1 else "right alone", small="first : second"
        ),
        ColumnHead(text="p", small=analysis.test[0], anchor=analysis.test[1], css="stat"),
        ColumnHead(text="p adjusted", small="Holm, all pairs", anchor="holm", css="stat"),
        ColumnHead(text="minimum detectable", small="points, power 0.8", anchor="detectable"),
        ColumnHead(text="clear difference?", numeric=False),
        ColumnHead(text="n"),
    ]
    caption = (
        f"Every pair on the same questions{analysis.together}. The minimum detectable effect is the smallest true "
        f"difference that these questions find in four of five tries, before adjustment. {numbers.UNADJUSTED}"
    )
    lines = tuple(_pair_line(analysis, pair) for pair in analysis.pairs)
    return Table(caption=caption, columns=tuple(columns), lines=lines, sortable=True)


def _pair_line(analysis: Analysis, pair: Pair) -> Line:
    difference, left_out = pair.difference, pair.difference.n_missing
    cells = [
        Cell(text=pair.b.label, numeric=False),
        points_cell(difference),
        Cell(text=f"{pair.test.a_ahead} : {pair.test.b_ahead}"),
        value_cell(pair.p_value, numbers.bare_p),
        replace(value_cell(pair.p_holm, numbers.bare_p), best=pair.differs),
        Cell(text=numbers.points(pair.test.detectable).lstrip("+")),
        verdict_cell(None if pair.p_value is None else pair.differs),
        Cell(text=numbers.count(difference.n), small=f"{left_out} left out" if left_out else ""),
    ]
    return Line(head=pair.a.label, cells=tuple(cells), href=href(analysis, pair))
