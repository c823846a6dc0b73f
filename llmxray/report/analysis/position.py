"""Accuracy by the place of the right option: an audit in which each question is asked once per rotation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from llmxray.metrics import position
from llmxray.metrics.accuracy import averaged_share, clustered_share
from llmxray.metrics.paired import PairedTest, compare_shares
from llmxray.metrics.position import CochranQ
from llmxray.report.analysis import (
    Analysis,
    ConditionView,
    Corrected,
    accuracy_of,
    address,
    corrected,
    grouped,
    right,
)
from llmxray.types import LETTERS, Estimate, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """One condition on the questions that have one number of options.

    Attributes:
        mean: accuracy over all rotations.
        places: accuracy with the right option at each place.
        letters: share of the answers that name each letter.
        always, never: share of questions right in every rotation, and in none.
        single, averaged: accuracy of the answers, and of the option probabilities averaged over the rotations, on the
            questions that have them in all.
        gain: ``averaged`` minus ``single``.
    """

    view: ConditionView
    mean: Estimate
    places: tuple[Estimate, ...]
    letters: tuple[Estimate, ...]
    test: CochranQ
    always: Estimate
    never: Estimate
    single: Estimate
    averaged: Estimate
    gain: PairedTest

    @property
    def is_tested(self) -> bool:
        """Whether the answers tell if the position matters: by the test, or as no question came out differently."""
        return self.test.p_value is not None or bool(self.test.n and not self.test.n_telling)


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionGroup:
    """Every condition on the questions that have one number of options.

    Attributes:
        size: number of options.
        audits: in plan order.
        tests: Cochran's Q of each.
        gains: the test of each ``gain``.
    """

    size: int
    audits: tuple[Audit, ...]
    tests: tuple[Corrected, ...]
    gains: tuple[Corrected, ...]

    @property
    def n(self) -> int:
        """Questions, each asked in every rotation; at most over the conditions."""
        return max((each.test.n for each in self.audits), default=0)


def groups(analysis: Analysis) -> tuple[PositionGroup, ...]:
    """The questions of each number of options, fewest options first."""
    # Cochran's Q needs one number of places, so questions of each size are tested by themselves.
    sizes = sorted({len(row.order) for row in analysis.data.results.rows if row.rotation is not None})
    found = []
    for size in sizes:
        audits = tuple(audit(view, size) for view in analysis.views)
        tests = corrected("condition", [each.test.p_value for each in audits])
        gains = corrected("condition", [each.gain.p_value for each in audits])
        found.append(PositionGroup(size=size, audits=audits, tests=tests, gains=gains))
    return tuple(found)


def audit(view: ConditionView, size: int) -> Audit:
    """The numbers of one condition on its questions with ``size`` options."""
    rows = [row for row in view.rows if row.rotation is not None and len(row.order) == size]
    items = [view.unit(row) for row in rows]
    rounds: dict[tuple[str, str, int], dict[int, bool | None]] = defaultdict(dict)
    for row in rows:
        # `expected` is the letter as it was shown, so it tells where the right option stood.
        rounds[view.unit(row), address(row), row.sample][LETTERS.index(row.expected)] = right(row)
    averaged, single = _with_and_without_average(rows, size)
    units = [view.design.unit(question) for question in averaged]
    columns = list(averaged.values()), list(single.values())
    # A rotation that has no row at all is as missing as one without a reply.
    table = [[hits.get(place) for place in range(size)] for hits in rounds.values()]
    of = [item for item, _, _ in rounds]
    return Audit(
        view=view,
        mean=accuracy_of(rows, view.design),
        places=position.by_position(
            [LETTERS.index(row.expected) for row in rows], [right(row) for row in rows], size, items
        ),
        letters=position.letter_shares([_answered(row, size) for row in rows], size, items),
        test=position.cochran_q(_averaged(table, of, size)),
        always=position.all_rotations(table, of),
        never=position.all_rotations(
            [[None if hit is None else not hit for hit in hits] for hits in table], of
        ),
        single=averaged_share(columns[1], units),
        averaged=clustered_share(columns[0], units),
        gain=compare_shares(*columns, units, view.answers),
    )


def _with_and_without_average(rows: Sequence[Row], size: int) -> tuple[dict[str, bool], dict[str, float]]:
    """By question asked in all rotations: is the averaged answer right, and how many single ones are (0–1)."""
    averaged, single = {}, {}
    for question, asked in grouped(rows, address).items():
        hits = [hit for row in asked if (hit := right(row)) is not None]
        known = all(len(row.option_probs) == size and None not in row.option_probs for row in asked)
        if not known or len(hits) < len(asked) or len({row.rotation for row in asked}) < size:
            continue
        option = position.averaged_answer([row.option_probs for row in asked], [row.order for row in asked])
        averaged[question] = option == asked[0].order[LETTERS.index(asked[0].expected)]
        single[question] = sum(hits) / len(hits)
    return averaged, single


def _averaged(
    table: Sequence[Sequence[bool | None]], of: Sequence[str], size: int
) -> list[list[float | None]]:
    """A row per question: its share of right answers at each place, over its samples."""
    questions: dict[str, list[Sequence[bool | None]]] = defaultdict(list)
    for item, hits in zip(of, table, strict=True):
        questions[item].append(hits)
    made: list[list[float | None]] = []
    for samples in questions.values():
        known = [[hits[place] for hits in samples if hits[place] is not None] for place in range(size)]
        made.append([sum(map(bool, each)) / len(each) if each else None for each in known])
    return made


def _answered(row: Row, size: int) -> int | None:
    # Chains of others may read a letter that no option has.
    return LETTERS.index(row.answer) if row.answer and row.answer in LETTERS[:size] else None
