"""The tables of the results page: accuracy, the original app's confidence, speed, and every pair compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

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
    first_token,
    median_of,
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
from llmxray.report.wording.speed import COVERED, cache_note, cut_warning, load_warning, per_second
from llmxray.types import Estimate, Outcome

_LETTERS_APART = (
    "Published scores of small models are mostly by likelihood; these by letter do not compare with them."
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
    # And where nobody answered others besides, the two columns would be one.
    is_same = all(
        each.value is None or each == analysis.accuracies[name] for name, each in of.accuracies.items()
    )
    if of is not analysis and not is_suite and not is_same:
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
        return share_cell(accuracy_of(view.of(suite=suite), view.design), chance=chance, href=href)

    # The questions of it to which each that was asked it has an answer that counts.
    answered = {
        frozenset(address(row) for row in view.of(suite=suite) if right(row) is not None)
        for view in analysis.views
    }
    best = max if len(answered - {frozenset()}) < 2 else None
    note = f"n = {n}" if chance is None else f"n = {n}, chance {numbers.percent(chance)}"
    return ColumnHead(text=analysis.label_of_suite(suite), small=note, best=best), cell


def _best_but(left_out: Sequence[ConditionResults], found: Mapping[str, Estimate]) -> Best:
    """What picks the highest of the conditions that are not left out."""
    names = found.keys() - {view.id for view in left_out}
    values = [float(sort_key(value)) for name in names if (value := found[name].value) is not None]
    return (lambda _: max(values)) if values else None


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
            confidence.estimate_of((data,), each, analysis.data.name)
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
    """Times and right answers per second."""
    # A time of other questions is another task's.
    best: Best = None if analysis.unlike else min

    def of(name: str, value: Value, *, anchor: str) -> ColumnOf:
        found = {view.id: median_of(view, value) for view in analysis.views}
        head = ColumnHead(text=name, small="median", anchor=anchor, best=best)
        return _measured(head, found, numbers.seconds)

    rows, columns = analysis.data.results.rows, []
    if any(first_token(row) is not None for row in rows):
        columns.append(of("first token", first_token, anchor="ttft"))
    # Without thinking the two are one.
    if any(row.reasoning for row in rows):
        columns.append(of("first of the answer", "ttfa_s", anchor="ttft"))
    columns.append(of("latency", "latency_s", anchor="latency"))
    rates = {view.id: per_second(analysis, view) for view in analysis.views}
    guessing = [view for view in analysis.ranked if above_guessing(analysis, view) is False]
    correct = ColumnHead(
        text="correct per second",
        small="of waiting",
        anchor="per-second",
        best=None if analysis.unlike else _best_but(guessing, rates),
    )
    columns.append(_measured(correct, rates, numbers.decimal))
    notes = (
        _bold(analysis, guessing),
        "Times as recorded, drawn from 0 to the largest of their column (95% intervals).",
        _in_flight(analysis),
        COVERED,
        cache_note(analysis),
        load_warning(analysis),
        cut_warning(analysis),
    )
    return by_condition(" ".join(filter(None, notes)), analysis.ranked, columns)


def _in_flight(analysis: Analysis) -> str:
    """How many requests the server had at once; "" where what was read does not say."""
    most = sorted({max((row.concurrency for row in view.rows), default=1) for view in analysis.views} - {0})
    if not most:
        return ""
    if most == [1]:
        return "One request was in flight at a time."
    ends = " to ".join(map(numbers.count, dict.fromkeys((most[0], most[-1]))))
    return f"At most {ends} requests were in flight at once."


def _bold(analysis: Analysis, guessing: Sequence[ConditionResults]) -> str:
    """Which numbers are set in weight; why some high one is not."""
    if analysis.unlike:
        return "Each over its own questions."
    if not guessing:
        return "Best in bold."
    names, verb = numbers.listed([view.label for view in guessing]), "is" if len(guessing) == 1 else "are"
    return f"Best in bold; for correct per second among those shown to be above guessing, which {names} {verb} not."


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
        ColumnHead(text="clear difference?", numeric=False),
        ColumnHead(text="p adjusted", small=f"{analysis.test[0]}, Holm", anchor=analysis.test[1], css="stat"),
        ColumnHead(text="minimum detectable", small="points, power 0.8", anchor="detectable", css="stat"),
        ColumnHead(text="n", css="stat"),
    ]
    caption = f"Every pair on the same questions{analysis.together}. {numbers.UNADJUSTED}"
    lines = tuple(_pair_line(analysis, pair) for pair in analysis.pairs)
    return Table(caption=caption, columns=tuple(columns), lines=lines, sortable=True)


def _pair_line(analysis: Analysis, pair: Pair) -> Line:
    difference, left_out = pair.difference, pair.difference.n_missing
    cells = [
        Cell(text=pair.b.label, numeric=False),
        points_cell(difference),
        Cell(text=f"{pair.test.a_ahead} : {pair.test.b_ahead}"),
        verdict_cell(None if pair.p_value is None else pair.differs),
        replace(value_cell(pair.p_holm, numbers.bare_p), best=pair.differs),
        Cell(text=numbers.points(pair.test.detectable).lstrip("+")),
        Cell(text=numbers.count(difference.n), small=f"{left_out} left out" if left_out else ""),
    ]
    return Line(head=pair.a.label, cells=tuple(cells), href=href(analysis, pair))
