"""Runs of a ledger on the same questions: who is ahead when asked in one way, and what another way of asking changes.

A *way* is how an answer comes about, whatever the examples before it: a letter, a score for each option, a number, or
steps first. Every number here is of questions that all runs beside one another answered.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from llmxray.metrics import accuracy
from llmxray.metrics.paired import compare_shares
from llmxray.report.analysis import ALPHA
from llmxray.report.analysis.families import Corrected
from llmxray.report.analysis.legend import model_in
from llmxray.report.analysis.runs import LedgerEntry, LedgerRun, shared_shares
from llmxray.scoring import OPTIONS_ONLY
from llmxray.types import Estimate

STEPS = "steps"
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([MB])\b", re.IGNORECASE)


def way_of(run: LedgerRun, suite: str) -> str:
    """How a run was asked a suite: the kind of answer, or `STEPS` where the model writes its steps before it."""
    answer, _, layout = run.kind(suite).partition(", ")
    return STEPS if "cot" in layout or "think" in layout else answer


def _examples(run: LedgerRun, suite: str) -> str:
    """How many examples stood before the question, in a word."""
    return run.kind(suite).partition(", ")[2].partition("-")[0]


def names_of(runs: Sequence[LedgerRun]) -> dict[str, str]:
    """A name for people by model."""
    names: dict[str, str] = {}
    labels: dict[str, set[str]] = {}
    for run in runs:
        model = run.identity
        labels.setdefault(model, set()).add(run.label)
        # The name that the server has for it, where labels speak of something else.
        if names.get(model, run.model) == run.model:
            names[model] = model_in(run.label, run.model) or run.model
    for model, given in labels.items():
        if len(given) == 1:
            (label,) = given
            names[model] = model_in(label, names[model]) or label or names[model]
    return names


def size_of(name: str) -> float | None:
    """Parameters of a model, as its name says: "SmolLM2 135M" has 1.35e8; None where it says nothing."""
    found = _SIZE.search(name)
    return float(found[1]) * {"M": 1e6, "B": 1e9}[found[2].upper()] if found else None


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """Runs that were asked the same questions in one way, the most accurate first.

    Attributes:
        suites: that the questions are of.
        shares: of each run, shares of right answers by question; shape (n,), 0–1.
        chance: accuracy of blind guessing at them; None where answers are written.
    """

    way: str
    suites: tuple[str, ...]
    runs: tuple[LedgerRun, ...]
    shares: tuple[NDArray[np.float64], ...]
    chance: float | None

    @property
    def n(self) -> int:
        """Questions."""
        return self.shares[0].size

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Accuracy of each run."""
        return tuple(map(accuracy.averaged_share, self.shares))

    @property
    def gap(self) -> float:
        """Of accuracy between the first and the last, 0–1."""
        return float(self.shares[0].mean() - self.shares[-1].mean())

    @property
    def lead(self) -> Corrected:
        """The first against the last, Bonferroni over all pairs that might be these two."""
        p, pairs = compare_shares(self.shares[0], self.shares[-1]).p_value, math.comb(len(self.runs), 2)
        return Corrected(p_holm=None if p is None else min(1.0, pairs * p), family="model pair", size=pairs)


def ranking(entry: LedgerEntry) -> Ranking | None:
    """The models of an experiment, asked in the way in which most of them were; None without two of them."""
    asked = {(way, suite, run.identity) for run, suite, way in _asked(entry)}
    for way, _ in Counter(way for way, _, _ in sorted(asked)).most_common():
        if found := _ranked(entry, way, tuple(entry.suites)):
            return found
    return None


def in_another_way(entries: Sequence[LedgerEntry], first: Ranking) -> Ranking | None:
    """Models of a ranking on one of its suites, asked in another way: the one with most of them, then most questions.

    Only with the first and the last of them is it what a sentence about these two can go on with.
    """
    ends = {first.runs[0].identity, first.runs[-1].identity}
    models = [run.identity for run in first.runs]
    found = []
    for entry in entries:
        for suite in first.suites:
            for way in dict.fromkeys(way for run, of, way in _asked(entry) if of == suite):
                other = _ranked(entry, way, (suite,), models) if way != first.way else None
                if other is not None and ends <= {run.identity for run in other.runs}:
                    found.append(other)
    return max(found, key=lambda each: (len(each.runs), each.n), default=None)


class Turn(NamedTuple):
    """A model asked in two ways; p of the difference is corrected for the models that are beside one another."""

    before: LedgerRun
    after: LedgerRun
    first: Estimate
    second: Estimate
    p: float

    @property
    def change(self) -> float:
        """Of accuracy, −1 to 1."""
        return (self.second.value or 0.0) - (self.first.value or 0.0)


@dataclass(frozen=True, kw_only=True)
class Turnaround:
    """What another way of asking changes: models of one experiment on one suite, the largest clear change first.

    Attributes:
        before, after: the ways, the quicker one first.
        chance: accuracy of blind guessing; None where either way writes an answer.
    """

    entry: LedgerEntry
    suite: str
    before: str
    after: str
    turns: tuple[Turn, ...]
    chance: float | None

    @property
    def is_clear(self) -> bool:
        """Whether it changes the accuracy of some model significantly."""
        return self.turns[0].p < ALPHA


def turnarounds(entries: Sequence[LedgerEntry]) -> tuple[Turnaround, ...]:
    """Those with a clear change, one for each way of asking that is turned to; most models first."""
    found = [each for entry in entries for suite in entry.suites for each in _turnarounds(entry, suite)]
    found.sort(key=lambda each: (-len(each.turns), -abs(each.turns[0].change)))
    chosen: dict[str, Turnaround] = {}
    for each in found:
        if each.is_clear:
            chosen.setdefault(each.after, each)
    return tuple(chosen.values())


class Reversal(NamedTuple):
    """Two models that change places on the same questions: ahead in one way of asking, behind in another.

    Attributes:
        wide, narrow: both in either way, the larger gap first.
        test: the one with the larger p, Bonferroni over all pairs of models and of ways with questions in common.
    """

    wide: Ranking
    narrow: Ranking
    test: Corrected


def reversal(entries: Sequence[LedgerEntry]) -> Reversal | None:
    """The clearest change of places between two ways of asking; None where no two models are shown to change.

    Both ways are of one experiment and with as many examples; layouts may still differ, which `layout_of` says.
    """
    asked: dict[tuple[str, str], dict[str, dict[str, dict[str, LedgerRun]]]] = {}
    for entry in entries:
        for run, suite, way in _asked(entry):
            of = asked.setdefault((run.experiment, _examples(run, suite)), {}).setdefault(run.identity, {})
            # What was asked twice in one way counts once.
            of.setdefault(way, {}).setdefault(suite, run)
    pairs: list[list[Ranking]] = []
    for models in asked.values():
        for one, other in combinations(models.values(), 2):
            for way, elsewhere in combinations([way for way in one if way in other], 2):
                both = [_ahead(one, other, way, elsewhere), _ahead(one, other, elsewhere, way)]
                if known := [ranking for ranking in both if ranking is not None]:
                    pairs.append(sorted(known, key=lambda ranking: -ranking.gap))
    reversals = []
    for wide, narrow in pairs:
        if wide.runs[0].identity == narrow.runs[1].identity:
            # Of two runs there is one pair; without a difference there is no p.
            p = max(1.0 if each.lead.p_holm is None else each.lead.p_holm for each in (wide, narrow))
            test = Corrected(p_holm=min(1.0, len(pairs) * p), family="model pair", size=len(pairs))
            reversals.append(Reversal(wide, narrow, test))
    clear = [each for each in reversals if each.test.is_significant]
    return min(clear, key=lambda each: each.test.p_holm or 0.0, default=None)


def _ahead(
    one: Mapping[str, Mapping[str, LedgerRun]],
    other: Mapping[str, Mapping[str, LedgerRun]],
    way: str,
    elsewhere: str,
) -> Ranking | None:
    """Two models in one way, on the questions that both answered in another way too; None where there are none."""
    suites = [
        suite
        for suite in one[way]
        if all(suite in of for of in (other[way], one[elsewhere], other[elsewhere]))
    ]
    if not suites:
        return None
    columns = [
        _together([of[each][suite] for each in (way, elsewhere) for of in (one, other)], (suite,))[0][:2]
        for suite in suites
    ]
    shares = [np.concatenate(column) for column in zip(*columns, strict=True)]
    if not shares[0].size:
        return None
    runs = (one[way][suites[0]], other[way][suites[0]])
    return _in_order(way, suites, runs, shares, None)


def _in_order(
    way: str,
    suites: Sequence[str],
    runs: Sequence[LedgerRun],
    shares: Sequence[NDArray[np.float64]],
    chance: float | None,
) -> Ranking:
    order = sorted(range(len(runs)), key=lambda at: -float(shares[at].mean()))
    return Ranking(
        way=way,
        suites=tuple(suites),
        runs=tuple(runs[at] for at in order),
        shares=tuple(shares[at] for at in order),
        chance=chance,
    )


def _asked(entry: LedgerEntry) -> Iterator[tuple[LedgerRun, str, str]]:
    """Each run with its suites and the way in which it was asked; without controls that saw no question."""
    for run in entry.runs:
        if not run.asked.endswith(OPTIONS_ONLY):
            for suite in run.scores:
                yield run, suite, way_of(run, suite)


def _ranked(
    entry: LedgerEntry, way: str, suites: Sequence[str], models: Sequence[str] = ()
) -> Ranking | None:
    """The models, or those of ``models``, that were asked all of the suites in a way; None for fewer than two."""
    of: dict[str, LedgerRun] = {}
    asked = {(run.key, suite) for run, suite, each in _asked(entry) if each == way}
    suites = tuple(suite for suite in suites if any((run.key, suite) in asked for run in entry.runs))
    for run in entry.runs:
        if all((run.key, suite) in asked for suite in suites) and (not models or run.identity in models):
            of.setdefault(run.identity, run)
    runs = tuple(of.values())
    if len(runs) < 2 or not suites:
        return None
    shares, sizes = _together(runs, suites)
    if not shares[0].size:
        return None
    chances = [entry.chances.get(suite) for suite in suites] if way in ("letter", "likelihood") else [None]
    chance = None
    if None not in chances:
        chance = float(np.average([each or 0.0 for each in chances], weights=sizes))
    return _in_order(way, suites, runs, shares, chance)


def _together(
    runs: Sequence[LedgerRun], suites: Sequence[str]
) -> tuple[list[NDArray[np.float64]], list[int]]:
    """Shares of each run on the questions that all answered, suite after suite, and how many each suite has."""
    columns, sizes = [], []
    for suite in suites:
        scores = [run.scores[suite] for run in runs]
        keys = [key for key in scores[0].questions.keys if all(key in each.questions.at for each in scores)]
        column = np.array([[each.shares[each.questions.at[key]] for key in keys] for each in scores])
        whole = column[:, ~np.isnan(column).any(axis=0)]
        columns.append(whole)
        sizes.append(whole.shape[1])
    return list(np.concatenate(columns, axis=1)), sizes


def _turnarounds(entry: LedgerEntry, suite: str) -> Iterator[Turnaround]:
    # Examples before the question are another difference than the way of asking.
    of: dict[tuple[str, str], dict[str, LedgerRun]] = {}
    for run, each, way in _asked(entry):
        if each == suite:
            of.setdefault((way, _examples(run, suite)), {}).setdefault(run.identity, run)
    for one, other in permutations(of, 2):
        (before, examples), (after, others) = one, other
        first, second = of[one], of[other]
        both = [model for model in first if model in second]
        if before == after or examples != others or not both or not _is_quicker(first, second, both, suite):
            continue
        turns = [_turn(first[model], second[model], suite, len(both)) for model in both]
        turns.sort(key=lambda turn: (turn.p >= ALPHA, -abs(turn.change)))
        chosen = {before, after} <= {"letter", "likelihood"}
        yield Turnaround(
            entry=entry,
            suite=suite,
            before=before,
            after=after,
            turns=tuple(turns),
            chance=entry.chances.get(suite) if chosen else None,
        )


def _turn(before: LedgerRun, after: LedgerRun, suite: str, models: int) -> Turn:
    first, second = shared_shares(before, after, suite)
    p = compare_shares(second, first).p_value
    corrected = 1.0 if p is None else min(1.0, models * p)
    return Turn(before, after, accuracy.averaged_share(first), accuracy.averaged_share(second), corrected)


def _is_quicker(
    first: Mapping[str, LedgerRun], second: Mapping[str, LedgerRun], models: Sequence[str], suite: str
) -> bool:
    """Whether the first way takes less time over all models; what was not timed is drawn nowhere."""
    times = [[of[model].seconds.get(suite) for model in models] for of in (first, second)]
    if any(each is None for column in times for each in column):
        return False
    return sum(each or 0.0 for each in times[0]) < sum(each or 0.0 for each in times[1])
