"""The same recordings scored in other ways: how much of a score is the reading of the replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from llmxray import results as results_room
from llmxray.metrics import accuracy
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, accuracy_of, item_means, right
from llmxray.report.widgets.frame import Values
from llmxray.report.widgets.table import Cell, ColumnHead, Table, of_conditions, share_cell, value_cell
from llmxray.scoring import CHAINS
from llmxray.types import AnswerKind, ChainName, Estimate, LikelihoodScore, Outcome, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A condition's rows under one way of scoring.

    Attributes:
        unread: replies in which no answer was found, cut ones included.
        changed: answers that differ from those of the site's other pages.
        reads: whether it found an answer in any reply at all.
    """

    accuracy: Estimate
    unread: int
    changed: int
    reads: bool


def make(analysis: Analysis) -> Values | None:
    """The part on other ways of scoring, and a table of it, are None where the experiment has no such answers."""
    marked = _marked(analysis)
    read = {view.id: _rows_of(analysis, view, ("letter", "number"), marked) for view in analysis.views}
    weighed = {view.id: _rows_of(analysis, view, ("likelihood",), marked) for view in analysis.views}
    kinds = {analysis.plan.answer_kinds()[row.condition, row.suite] for row in analysis.data.results.rows}
    # A chain made for letters says nothing about sums.
    names = [name for name, chain in CHAINS.items() if kinds & set(chain.kinds)]
    views, likely = ([view for view in analysis.views if of[view.id]] for of in (read, weighed))
    if not views and not likely:
        return None
    ways = {(view.id, name): _read_by(analysis, read[view.id], name) for view in views for name in names}
    # A chain that finds no answer in any reply was made for other prompts: its nought says nothing of the reading.
    reading = [name for name in names if any(ways[view.id, name].reads for view in views)] or names
    silent = [name for name in names if name not in reading]
    return Values(
        lede=_lede(views, reading, ways),
        left_out=f"Without {numbers.listed(list(map(analysis.label_of_suite, marked)))}: "
        "what another tool marks, no other way of scoring changes."
        if marked
        else "",
        silent=f"No answer in any reply is found by {numbers.listed(silent)}." if silent else "",
        chains=_chains(views, reading, ways) if views else None,
        manners=tuple((name, CHAINS[name].manner) for name in reading) if views else (),
        weights=_weights(analysis, likely, weighed) if likely else None,
        command=f"llmxray report {analysis.data.name} --chain mmlu-pro",
    )


def _rows_of(
    analysis: Analysis, view: ConditionResults, kinds: Sequence[AnswerKind], marked: Sequence[str]
) -> list[Row]:
    asked = {name: suite.answer_kind(view.condition) for name, suite in analysis.plan.suites.items()}
    suites = {name for name, kind in asked.items() if kind in kinds and name not in marked}
    rows = [row for row in view.rows if row.suite in suites and row.outcome is not Outcome.UNSCORED]
    # Where every reply failed, nothing was read in any way.
    return rows if any(right(row) is not None for row in rows) else []


def _marked(analysis: Analysis) -> list[str]:
    """Suites with answers that another tool marked: no chain read them, and the rest is no sample of all.

    Left out for every condition, or one would be compared over other suites than the next.
    """
    marked = {row.suite for row in analysis.data.results.rows if row.rule == results_room.TOOL_MARK}
    return [suite for suite in analysis.suites if suite in marked]


def _read_by(analysis: Analysis, rows: Sequence[Row], name: ChainName) -> Way:
    if name == analysis.data.experiment.analysis.chain:
        # The rows have been read by the current chain already.
        found = [(row.outcome, row.answer) for row in rows]
    else:
        found = list(results_room.read_by(analysis.plan, rows, name))
    unread = sum(outcome in (Outcome.UNPARSED, Outcome.TRUNCATED) for outcome, _ in found)
    changed = sum(answer != row.answer for row, (_, answer) in zip(rows, found, strict=True))
    share = accuracy_of(rows, analysis.design, [outcome for outcome, _ in found])
    return Way(accuracy=share, unread=unread, changed=changed, reads=unread < len(rows))


def _lede(
    views: Sequence[ConditionResults],
    names: Sequence[ChainName],
    ways: dict[tuple[str, ChainName], Way],
) -> str:
    spans = []
    for view in views:
        known = [(value, name) for name in names if (value := ways[view.id, name].accuracy.value) is not None]
        if known:
            spans.append((max(known)[0] - min(known)[0], view.label, min(known), max(known)))
    if not spans:
        return "No reply was read here: every answer is weighed, and what can change is how the weights are compared."
    width, name, (low, low_chain), (high, high_chain) = max(spans)
    if width == 0:
        return (
            "Every way of reading that finds an answer gives a condition the same score: "
            "the replies are plain enough."
        )
    return (
        # In tenths: the effect is a point or two (2 to 2.5 in the literature).
        f"The same replies of {name} score {numbers.percent(low, 1)} when read by {low_chain} and "
        f"{numbers.percent(high, 1)} when read by {high_chain}: {numbers.decimal(100 * width, 1)} points are the "
        "reader's doing, not the model's. On MMLU-Pro others found 2 to 2.5 points."
    )


def _chains(
    views: Sequence[ConditionResults], names: Sequence[ChainName], ways: dict[tuple[str, ChainName], Way]
) -> Table:
    rows = []
    for view in views:
        cells = []
        for name in names:
            way = ways[view.id, name]
            cells.append(share_cell(way.accuracy))
            otherwise = f"{numbers.count(way.changed)} read otherwise" if way.changed else ""
            cells.append(Cell(text=numbers.count(way.unread), small=otherwise))
        rows.append((view, cells))
    return of_conditions(
        "Accuracy of the same recordings under each extraction chain, and the replies in which it found no answer. "
        "A chain that says nothing about a kind of answer leaves it to ours.",
        [
            each
            for name in names
            for each in (ColumnHead(text=name, small="accuracy"), ColumnHead(text="no answer", small=name))
        ],
        rows,
    )


def _weights(analysis: Analysis, views: Sequence[ConditionResults], weighed: dict[str, list[Row]]) -> Table:
    lines = []
    for view in views:
        by = {
            name: results_room.rescore(analysis.plan, weighed[view.id], likelihood=name)
            for name in get_args(LikelihoodScore)
        }
        masses = item_means(by["acc"], lambda row: row.right_mass)
        units = [view.design.unit(item) for item in masses]
        mass = accuracy.within_unit(accuracy.clustered(list(masses.values()), units))
        cells = [share_cell(accuracy_of(list(each), view.design)) for each in by.values()]
        for name in ("acc_norm", "acc_bytes"):
            moved = sum(new.answer != old.answer for new, old in zip(by[name], by["acc"], strict=True))
            cells.append(value_cell(moved, numbers.count))
        lines.append((view, [*cells, share_cell(mass)]))
    columns = (
        ColumnHead(text="acc", small="total log-probability"),
        ColumnHead(text="acc_norm", small="per character"),
        ColumnHead(text="acc_bytes", small="per byte"),
        ColumnHead(text="choices that differ", small="acc_norm from acc"),
        ColumnHead(text="choices that differ", small="acc_bytes from acc"),
        ColumnHead(text="mean mass on right options", small="MC2 on TruthfulQA", anchor="right-mass"),
    )
    return of_conditions(
        "Likelihood answers under the names of EleutherAI's harness: the option with the highest summed "
        "log-probability (acc), or the highest per character (acc_norm) or per byte (acc_bytes) of its text, which do "
        "not favour short options. The last two differ only where options hold characters beyond ASCII.",
        columns,
        lines,
    )
