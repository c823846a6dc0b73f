"""The same replies read by other extraction chains: which chains apply to them, and whether any changes a score.

A chain applies where the replies have the form that it reads. One that finds no answer in most of the replies that ours
reads was made for other prompts: what it misses says nothing of the model, or of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter

from llmxray import results as results_room
from llmxray.report.analysis import Analysis, ExperimentData, grouped, memoized, right
from llmxray.scoring import CHAINS
from llmxray.types import AnswerKind, ChainName, Outcome, Row

_OURS: ChainName = "llmxray"
_FOUND = (Outcome.CORRECT, Outcome.WRONG)

type Scored = Mapping[str, list[Outcome]]
"""By condition, what becomes of each of its rows under a chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """The replies that were read for a letter or a number, under every chain that applies.

    Attributes:
        rows: by condition; none of one without a whole reply.
        outcomes: by chain.
        left_out: chains that find no answer in most of the replies that ours reads.
    """

    rows: Mapping[str, list[Row]]
    outcomes: Mapping[ChainName, Scored]
    left_out: tuple[ChainName, ...]

    @property
    def changed(self) -> bool:
        """Whether a chain gives any condition another score."""
        scores = [[each.count(Outcome.CORRECT) for each in of.values()] for of in self.outcomes.values()]
        return any(score != scores[0] for score in scores)


@memoized
def readings(analysis: Analysis) -> Readings:
    """The readings of an experiment, made once."""
    return readings_of(analysis.data)


def scored_otherwise(data: ExperimentData, found: Readings) -> bool:
    """Whether there is another way of scoring: answers are weighed, or another chain gives another score."""
    return found.changed or bool(rows_of(data, "likelihood"))


def readings_of(data: ExperimentData) -> Readings:
    """The same, where there is no analysis yet."""
    rows, kinds = rows_of(data, "letter", "number"), data.results.plan.answer_kinds()
    here = {kinds[row.condition, row.suite] for each in rows.values() for row in each}
    # A chain made for letters says nothing about sums.
    names = [name for name, chain in CHAINS.items() if here & set(chain.kinds)]
    found = {name: _read_by(data, rows, name) for name in names}
    always = {_OURS, data.experiment.analysis.chain}
    left_out = tuple(name for name in names if not (name in always or _applies(data, rows, found, name)))
    return Readings(
        rows=rows,
        outcomes={name: each for name, each in found.items() if name not in left_out},
        left_out=left_out,
    )


def marked_suites(data: ExperimentData) -> tuple[str, ...]:
    """Suites with answers that another tool marked: no chain read them, and the rest is no sample of all.

    Left out for every condition, or one would be compared over other suites than the next.
    """
    marked = {row.suite for row in data.results.rows if row.rule == results_room.TOOL_MARK}
    return tuple(suite for suite in data.results.plan.suites if suite in marked)


def rows_of(data: ExperimentData, *kinds: AnswerKind) -> dict[str, list[Row]]:
    """The scored rows with an answer of some kinds, by condition; none of one whose every reply failed."""
    asked, marked = data.results.plan.answer_kinds(), marked_suites(data)
    scored = [
        row
        for row in data.results.rows
        if asked[row.condition, row.suite] in kinds
        and row.suite not in marked
        and row.outcome is not Outcome.UNSCORED
    ]
    rows = grouped(scored, attrgetter("condition"))
    return {name: each for name, each in rows.items() if any(right(row) is not None for row in each)}


def _read_by(data: ExperimentData, rows: Mapping[str, list[Row]], chain: ChainName) -> Scored:
    if chain == data.experiment.analysis.chain:
        # The rows have been read by the current chain already.
        return {name: [row.outcome for row in each] for name, each in rows.items()}
    plan = data.results.plan
    return {
        name: [row.outcome for row in results_room.rescore(plan, each, chain=chain, likelihood=None)]
        for name, each in rows.items()
    }


def _applies(
    data: ExperimentData, rows: Mapping[str, list[Row]], found: Mapping[ChainName, Scored], chain: ChainName
) -> bool:
    """Whether it finds an answer in half of the replies that ours reads, or more, of each kind that it reads."""
    kinds = data.results.plan.answer_kinds()
    hits: dict[AnswerKind, list[bool]] = {}
    for name, each in rows.items():
        for row, ours, theirs in zip(each, found[_OURS][name], found[chain][name], strict=True):
            if ours in _FOUND:
                hits.setdefault(kinds[name, row.suite], []).append(theirs in _FOUND)
    return all(2 * sum(hits[kind]) >= len(hits[kind]) for kind in CHAINS[chain].kinds if kind in hits)
