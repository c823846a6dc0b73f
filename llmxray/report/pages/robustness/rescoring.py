"""The same recordings scored in other ways: how much of a score is the reading of the replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from llmxray import results as results_room
from llmxray.metrics import accuracy
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, accuracy_of, item_means
from llmxray.report.analysis.rescoring import Readings, marked_suites, readings, rows_of
from llmxray.report.widgets.frame import Values
from llmxray.report.widgets.table import Cell, ColumnHead, Table, of_conditions, share_cell
from llmxray.scoring import CHAINS, right_options
from llmxray.types import Estimate, LikelihoodScore, Outcome, Row

_NO_ANSWER = (Outcome.UNPARSED, Outcome.TRUNCATED)


def make(analysis: Analysis) -> Values | None:
    """The part on other ways of scoring; None where answers were neither weighed nor come out otherwise."""
    found, weighed = readings(analysis), rows_of(analysis.data, "likelihood")
    if not (found.changed or weighed):
        return None
    marked = [analysis.label_of_suite(suite) for suite in marked_suites(analysis.data)]
    return Values(
        lede=_lede(analysis, found) if found.changed else "",
        left_out=f"Without {numbers.listed(marked)}: what another tool marks, no other way of scoring changes."
        if marked
        else "",
        silent=_silent(found),
        chains=_chains(analysis, found) if found.changed else None,
        manners=tuple((name, CHAINS[name].manner) for name in found.outcomes),
        weights=_weights(analysis, weighed) if weighed else None,
        command=f"llmxray report {analysis.data.name} --chain mmlu-pro",
    )


def _silent(found: Readings) -> str:
    if not found.left_out:
        return ""
    names = numbers.listed(list(found.left_out))
    return f"Left out, as most replies here do not have the form that is read: {names}."


def _scores(analysis: Analysis, found: Readings, view: ConditionResults) -> dict[str, Estimate]:
    rows = found.rows[view.id]
    return {name: accuracy_of(rows, analysis.design, of[view.id]) for name, of in found.outcomes.items()}


def _lede(analysis: Analysis, found: Readings) -> str:
    spans = []
    for view in analysis.views:
        if view.id in found.rows:
            scores = _scores(analysis, found, view)
            known = [(each.value or 0.0, name) for name, each in scores.items()]
            spans.append((max(known)[0] - min(known)[0], view.label, min(known), max(known)))
    width, name, (low, low_chain), (high, high_chain) = max(spans)
    return (
        # In tenths: the effect is a point or two.
        f"The same replies of {name} score {numbers.percent(low, 1)} when read by {low_chain} and "
        f"{numbers.percent(high, 1)} when read by {high_chain}: {numbers.decimal(100 * width, 1)} points are the "
        "reader's doing, not the model's."
    )


def _chains(analysis: Analysis, found: Readings) -> Table:
    rows = []
    for view in analysis.views:
        if view.id not in found.rows:
            continue
        scores, cells = _scores(analysis, found, view), []
        for name, of in found.outcomes.items():
            unread = sum(outcome in _NO_ANSWER for outcome in of[view.id])
            cells += [share_cell(scores[name]), Cell(text=numbers.count(unread))]
        rows.append((view, cells))
    return of_conditions(
        "Accuracy of the same recordings under each extraction chain, and the replies in which it found no answer. "
        "A chain that says nothing about a kind of answer leaves it to ours.",
        [
            each
            for name in found.outcomes
            for each in (ColumnHead(text=name, small="accuracy"), ColumnHead(text="no answer", small=name))
        ],
        rows,
    )


def _weights(analysis: Analysis, weighed: Mapping[str, Sequence[Row]]) -> Table:
    # MC2 is about questions with several right options.
    several = {suite for (suite, _), item in analysis.items.items() if len(right_options(item)) > 1}
    lines, moved = [], 0.0
    for view in analysis.views:
        if view.id not in weighed:
            continue
        by = {
            name: results_room.rescore(analysis.plan, weighed[view.id], likelihood=name)
            for name in get_args(LikelihoodScore)
        }
        scores = [accuracy_of(list(each), view.design) for each in by.values()]
        known = [each.value or 0.0 for each in scores]
        moved, cells = max(moved, max(known) - min(known)), list(map(share_cell, scores))
        if several:
            cells.append(share_cell(_mass(view, [row for row in by["acc"] if row.suite in several])))
        lines.append((view, cells))
    columns = [
        ColumnHead(text="acc", small="total log-probability"),
        ColumnHead(text="acc_norm", small="per character"),
        ColumnHead(text="acc_bytes", small="per byte"),
    ]
    if several:
        columns.append(ColumnHead(text="MC2", small="mass on right options", anchor="right-mass"))
    return of_conditions(
        f"No score moves by more than {numbers.in_points(moved)}. Likelihood answers under the names of EleutherAI's "
        "harness: the option with the highest summed log-probability (acc), or the highest per character (acc_norm) or "
        "per byte (acc_bytes) of its text, which do not favour short options. The last two differ only where options "
        "hold characters beyond ASCII.",
        columns,
        lines,
    )


def _mass(view: ConditionResults, rows: Sequence[Row]) -> Estimate:
    """The mean share of the probability that lies on right options."""
    masses = item_means(rows, lambda row: row.right_mass)
    units = [view.design.unit(item) for item in masses]
    return accuracy.within_unit(accuracy.clustered(list(masses.values()), units))
