"""Paraphrases: two suites that ask the same questions in other words, each question beside its paraphrase.

Two suites are paraphrases where they share ids, and the questions of an id have the same options and answer but other
words. Within a condition the paraphrases are a paired sample, as two models on the same questions are: what is right in
both wordings or in neither says nothing about the wording, what is right in one does.
"""

from __future__ import annotations

from dataclasses import dataclass

from llmxray.metrics import accuracy
from llmxray.metrics.paired import compare_shares
from llmxray.plan import item_address
from llmxray.report.analysis import Analysis, ConditionView, memoized, right
from llmxray.report.analysis.applies import paraphrase_suites
from llmxray.report.analysis.pairing import Tested, adjusted
from llmxray.types import LETTERS, Estimate, Outcome, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class ParaphraseAnswers(Tested):
    """One condition on all pairs of paraphrases, by id: the first wording against the second, one of the conditions.

    Attributes:
        both, lost, gained, neither: right in both wordings, in the first only, in the second only, in none; where
            questions were repeated, right means in more than half of the samples.
        first, second: accuracy on either wording.
        same: share of paraphrases with the same option chosen in both, sample by sample.
        n_missing: paraphrases without a whole reply in either wording.
    """

    view: ConditionView
    both: tuple[str, ...]
    lost: tuple[str, ...]
    gained: tuple[str, ...]
    neither: tuple[str, ...]
    first: Estimate
    second: Estimate
    same: Estimate
    n_missing: int

    @property
    def n(self) -> int:
        """Twins with an outcome in both wordings."""
        return len(self.both) + len(self.lost) + len(self.gained) + len(self.neither)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParaphrasedSuites:
    """Two suites with paraphrases, and every condition on them.

    Attributes:
        alone: questions of either suite that have no paraphrase here.
    """

    first: str
    second: str
    alone: int
    conditions: tuple[ParaphraseAnswers, ...]

    @property
    def is_answered(self) -> bool:
        """Whether any condition answered a question in both wordings."""
        return any(each.n for each in self.conditions)


@memoized
def paraphrased_suites(analysis: Analysis) -> tuple[ParaphrasedSuites, ...]:
    """The paraphrases of an experiment; empty where it has none."""
    pairs = []
    for first, second, ids in paraphrase_suites(analysis.plan):
        conditions = adjusted(
            "condition", [_answers(analysis, view, first, second, ids) for view in analysis.ranked]
        )
        # Each pair of paraphrases takes one question of either suite.
        alone = sum(len(analysis.plan.suites[name].items) for name in (first, second)) - 2 * len(ids)
        pairs.append(ParaphrasedSuites(first=first, second=second, alone=alone, conditions=conditions))
    return tuple(pairs)


def _answers(
    analysis: Analysis, view: ConditionView, first: str, second: str, ids: tuple[str, ...]
) -> ParaphraseAnswers:
    means = view.means("right")
    known = [each for each in ids if all(item_address(suite, each) in means for suite in (first, second))]
    sides = [[means[item_address(suite, each)] for each in known] for suite in (first, second)]
    groups: dict[tuple[bool, bool], list[str]] = {}
    for each, one, other in zip(known, *sides, strict=True):
        # More than half, as the filters of the questions page judge repeats.
        groups.setdefault((one > 0.5, other > 0.5), []).append(each)
    units = [view.design.unit(item_address(first, each)) for each in known]
    answers = sum(right(row) is not None for row in view.rows) / max(1, len(means))
    test = compare_shares(sides[0], sides[1], units, answers * len(known) / max(1, len(set(units))))
    return ParaphraseAnswers(
        view=view,
        both=tuple(groups.get((True, True), ())),
        lost=tuple(groups.get((True, False), ())),
        gained=tuple(groups.get((False, True), ())),
        neither=tuple(groups.get((False, False), ())),
        test=test,
        first=accuracy.averaged_share(sides[0], units),
        second=accuracy.averaged_share(sides[1], units),
        same=accuracy.clustered_share(*_same(view, first, second, ids)),
        n_missing=len(ids) - len(known),
    )


def _same(
    view: ConditionView, first: str, second: str, ids: tuple[str, ...]
) -> tuple[list[bool | None], list[str]]:
    """Whether the same option was chosen in both wordings, None without an answer in either; and of which."""
    asked = _asked(view)
    same: list[bool | None] = []
    of: list[str] = []
    for each in ids:
        one, other = asked.get((first, each), {}), asked.get((second, each), {})
        for key in dict.fromkeys((*one, *other)):
            said = one.get(key), other.get(key)
            same.append(None if None in said else said[0] == said[1])
            of.append(view.design.unit(item_address(first, each)))
    return same, of


@memoized
def _asked(view: ConditionView) -> dict[tuple[str, str], dict[tuple[int, int | None], str | None]]:
    """What was chosen, by suite and id, then by sample and rotation."""
    asked: dict[tuple[str, str], dict[tuple[int, int | None], str | None]] = {}
    for row in view.rows:
        asked.setdefault((row.suite, row.item_id), {})[row.sample, row.rotation] = _chosen(row)
    return asked


def _chosen(row: Row) -> str | None:
    """The option that was chosen, by its place in the suite's own order, or an open answer as it was read."""
    if right(row) is None or row.answer is None or row.outcome not in (Outcome.CORRECT, Outcome.WRONG):
        return None
    if row.order and row.answer in LETTERS[: len(row.order)]:
        # A letter names another option where the wordings were shuffled apart.
        return str(row.order[LETTERS.index(row.answer)])
    return row.answer
