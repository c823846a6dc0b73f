"""Roads not taken: wrong answers that one other token puts right, beside luck, and right ones that one spoils.

Recorded by `llmxray.branches`. Luck: an answer that changes may hit what is right by chance, so the branches are scored
against the keys of other questions of the suite, dealt at random.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from llmxray.branches import Branch, Trunk, read_trunks
from llmxray.metrics import accuracy
from llmxray.report.analysis import Analysis, ConditionView, address, memoized
from llmxray.report.analysis.near_misses import WrongTurn
from llmxray.report.analysis.rows import means_of, seeded
from llmxray.results import Scorer
from llmxray.scoring import is_right
from llmxray.types import Estimate, Outcome, Row

_DEALS = 9_999


@dataclass(frozen=True, slots=True, kw_only=True)
class Cure:
    """A wrong answer with a branch that is right, the likeliest of several.

    Attributes:
        number: of the branch among those of its answer, from 0.
    """

    row: Row
    trunk: Trunk
    branch: Branch
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoiled:
    """Right answers with a branch, and how many of them one spoils."""

    spoiled: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Roads:
    """The branches of a condition's answers to a suite.

    Attributes:
        branches: number of branches that count.
        wrong: number of wrong answers, without those whose control failed.
        share: of them those that a branch puts right, with its interval over questions.
        cures: these.
        luck: number expected with the keys of other questions. p_value: of so many or more by luck.
        doubtful: right answers with a branch that was in doubt, by the rule of the file; sure: with any other one.
    """

    view: ConditionView
    suite: str
    branches: int
    wrong: int
    share: Estimate
    cures: tuple[Cure, ...]
    luck: float
    p_value: float
    doubtful: Spoiled
    sure: Spoiled


@memoized
def trunks_of(analysis: Analysis) -> dict[str, Trunk]:
    """Answers with recorded branches, by trial id."""
    results, settings = analysis.data.results, analysis.data.experiment.analysis
    if results.cassette is None or results.plan.branches is None:
        return {}
    scorer = Scorer(results.plan, chain=settings.chain, likelihood=settings.likelihood)
    return {trunk.trial.id: trunk for trunk in read_trunks(results.plan, results.cassette, scorer)}


def followed(analysis: Analysis, turn: WrongTurn) -> Branch | None:
    """The recorded branch from a wrong turn's right token; None without one."""
    trunk = trunks_of(analysis).get(turn.row.trial)
    # Its tokens are those of the answer alone, which are all where an answer has branches.
    return next(
        (
            branch
            for branch in (trunk.branches if trunk else ())
            if sum(bool(token.token) for token in branch.reply.tokens[: branch.fork.place]) == turn.place
            and branch.fork.token == turn.right
        ),
        None,
    )


@memoized
def roads_of(analysis: Analysis) -> tuple[Roads, ...]:
    """By condition and suite of which branches count, in plan order."""
    trunks = trunks_of(analysis)
    found = []
    for view in analysis.views:
        for suite in analysis.suites:
            rows = view.of(suite=suite)
            if any(trunk.branches for row in rows if (trunk := trunks.get(row.trial))):
                found.append(_roads(analysis, view, suite, rows))
    return tuple(found)


def _roads(analysis: Analysis, view: ConditionView, suite: str, rows: Sequence[Row]) -> Roads:
    trunks = trunks_of(analysis)
    known = [row for row in rows if (trunk := trunks.get(row.trial)) is None or trunk.repeats]
    wrong = [row for row in known if row.outcome is Outcome.WRONG]
    cures = [cure for row in wrong if (trunk := trunks.get(row.trial)) and (cure := _cure(row, trunk))]
    cured = {cure.row.trial for cure in cures}
    means = means_of((address(row), float(row.trial in cured)) for row in wrong)
    luck, p_value = _luck(analysis, view, suite, wrong)
    right = [trunk for row in known if row.outcome is Outcome.CORRECT and (trunk := trunks.get(row.trial))]
    rule = analysis.data.results.plan.branches
    least = (rule.second if rule else 0) / 100
    return Roads(
        view=view,
        suite=suite,
        branches=sum(len(trunk.branches) for row in rows if (trunk := trunks.get(row.trial))),
        wrong=len(wrong),
        share=accuracy.averaged_share([*means.values()], [analysis.design.unit(item) for item in means]),
        cures=tuple(sorted(cures, key=lambda cure: -cure.branch.fork.token_p)),
        luck=luck,
        p_value=p_value,
        doubtful=_spoiled([[each for each in of.branches if each.fork.token_p >= least] for of in right]),
        sure=_spoiled([[branch for branch in of.branches if branch.fork.token_p < least] for of in right]),
    )


def _cure(row: Row, trunk: Trunk) -> Cure | None:
    cures = (
        Cure(row=row, trunk=trunk, branch=branch, number=number)
        for number, branch in enumerate(trunk.branches)
        if branch.scored.outcome is Outcome.CORRECT
    )
    return max(cures, key=lambda cure: cure.branch.fork.token_p, default=None)


def _spoiled(of_right: Sequence[Sequence[Branch]]) -> Spoiled:
    asked = [branches for branches in of_right if branches]
    spoiled = sum(any(each.scored.outcome is not Outcome.CORRECT for each in branches) for branches in asked)
    return Spoiled(spoiled=spoiled, of=len(asked))


def _luck(analysis: Analysis, view: ConditionView, suite: str, wrong: Sequence[Row]) -> tuple[float, float]:
    """Expected number of wrong answers that a branch puts right by the keys of other questions, and the p-value."""
    trunks, plan = trunks_of(analysis), analysis.data.results.plan
    items, kind = plan.suites[suite].items, plan.suites[suite].answer_kind(view.condition)
    place = {item.id: number for number, item in enumerate(items)}
    hits = np.zeros((len(wrong), len(items)), dtype=bool)
    for number, row in enumerate(wrong):
        branches = trunks[row.trial].branches if row.trial in trunks else ()
        # An answer that stays as it was is wrong by its own key, and must not be right by another's.
        answers = {branch.scored.answer for branch in branches} - {None, row.answer}
        hits[number] = [any(is_right(item, kind, str(answer)) for answer in answers) for item in items]
    own = np.array([place[row.item_id] for row in wrong], dtype=int)
    at = np.arange(len(wrong))
    observed = int(hits[at, own].sum())
    others = (hits.sum(axis=1) - hits[at, own]) / max(1, len(items) - 1)
    rng = seeded("roads", analysis.data.name, view.id, suite)
    deals = sum(int(hits[at, rng.permutation(len(items))[own]].sum()) >= observed for _ in range(_DEALS))
    return float(others.sum()), (1 + deals) / (1 + _DEALS)
