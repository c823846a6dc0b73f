"""The same question asked again: with its right option at another place, or in other words.

In an audit of positions each question is asked once per rotation. Two suites are paraphrases where they share ids, and
the questions of an id have the same options and answer but other words. Within a condition the paraphrases are a paired
sample, as two models on the same questions are: what is right in both wordings or in neither says nothing about the
wording, what is right in one does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from llmxray.metrics import accuracy, position
from llmxray.metrics.accuracy import averaged_share, clustered_share
from llmxray.metrics.paired import PairedTest, compare_shares
from llmxray.metrics.position import CochranQ
from llmxray.plan import item_address
from llmxray.plan.units import paraphrase_suites
from llmxray.report.analysis import Analysis, ConditionView, Corrected, accuracy_of, corrected
from llmxray.report.analysis.pairing import Tested, adjusted
from llmxray.report.analysis.rows import address, grouped, memoized, right
from llmxray.types import LETTERS, Estimate, Outcome, Row


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
    named = {letter: place for place, letter in enumerate(LETTERS[:size])}
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
        # Chains of others may read a letter that no option has.
        letters=position.letter_shares([named.get(row.answer or "") for row in rows], size, items),
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
        return any(condition.n for condition in self.conditions)


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
