"""Runs of a ledger on the same questions: who is ahead when asked in one way, and what another way of asking changes.

A *way* is how an answer comes about, whatever the examples before it: a letter, a score for each option, a number, or
steps first. Every number here is of questions that all runs beside one another answered.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from llmxray.metrics import accuracy
from llmxray.metrics.paired import compare_shares
from llmxray.report import numbers
from llmxray.report.analysis import ALPHA, Corrected
from llmxray.report.analysis.condition_colours import model_in
from llmxray.report.analysis.ledger_entry import LedgerEntry, LedgerRun, shared_shares
from llmxray.scoring import OPTIONS_ONLY
from llmxray.types import Estimate

STEPS = "steps"
# Ways in which an option is chosen, so that one may be guessed.
_CHOSEN = {"letter", "likelihood"}
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
        shares: shares of right answers, by run and question; shape (runs, n), 0–1.
        chance: accuracy of blind guessing at them; None where answers are written.
    """

    way: str
    suites: tuple[str, ...]
    runs: tuple[LedgerRun, ...]
    shares: NDArray[np.float64]
    chance: float | None

    @property
    def n(self) -> int:
        """Questions."""
        return len(self.shares[0])

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


type _Asked = dict[str, dict[str, LedgerRun]]
"""The first run of each model, by suite."""


def ranking(entry: LedgerEntry) -> Ranking | None:
    """The models of an experiment, asked in the way in which most of them were; None without two of them."""
    ways = sorted(_by_way(entry).items(), key=lambda way: -sum(map(len, way[1].values())))
    rankings = (_ranking(entry, way, asked) for (way, _), asked in ways)
    return next(filter(None, rankings), None)


def in_another_way(entries: Sequence[LedgerEntry], first: Ranking) -> Ranking | None:
    """Models of a ranking on one of its suites, asked in another way: the one with most of them, then most questions.

    Only with the first and the last of them is it what a sentence about these two can go on with.
    """
    ends = {first.runs[0].identity, first.runs[-1].identity}
    models = [run.identity for run in first.runs]
    others = [
        _ranking(entry, way, {suite: asked[suite]}, models)
        for entry in entries
        for (way, _), asked in _by_way(entry).items()
        for suite in first.suites
        if way != first.way and suite in asked
    ]
    known = [other for other in others if other and ends <= {run.identity for run in other.runs}]
    return max(known, key=lambda other: (len(other.runs), other.n), default=None)


def on_same_questions(entries: Sequence[LedgerEntry], first: Ranking, second: Ranking) -> Ranking | None:
    """The models of ``second`` on its questions, asked in the way of ``first``; None if its experiment did not."""
    (suite,) = second.suites
    entry = next(entry for entry in entries if entry.name == second.runs[0].experiment)
    asked = _by_way(entry).get((first.way, _examples(second.runs[0], suite)), {})
    models = [run.identity for run in second.runs]
    ranking = _ranking(entry, first.way, {suite: asked[suite]}, models) if suite in asked else None
    is_like = ranking and (ranking.n, len(ranking.runs)) == (second.n, len(second.runs))
    return ranking if is_like else None


class Turn(NamedTuple):
    """A model asked in two ways; p of the difference is corrected for the models that are beside one another."""

    before: LedgerRun
    after: LedgerRun
    first: Estimate
    second: Estimate
    p: float

    @property
    def is_clear(self) -> bool:
        """Whether the difference is more than chance."""
        return self.p < ALPHA

    @property
    def change(self) -> float:
        """Of accuracy, −1 to 1."""
        return (self.second.value or 0.0) - (self.first.value or 0.0)

    @property
    def said(self) -> str:
        """Both accuracies: "29% to 47%", and whether that may be chance."""
        said = f"{numbers.percent(self.first.value)} to {numbers.percent(self.second.value)}"
        return said if self.is_clear else f"{said} (may be chance)"


class Turnaround(NamedTuple):
    """What another way of asking changes: models of one experiment on one suite, the largest clear change first.

    Attributes:
        before, after: the ways, the quicker one first.
        chance: accuracy of blind guessing; None where either way writes an answer.
        bare: runs of the quicker way without examples, where these had some.
    """

    entry: LedgerEntry
    suite: str
    before: str
    after: str
    turns: tuple[Turn, ...]
    chance: float | None
    bare: tuple[LedgerRun, ...]


def turnarounds(entries: Sequence[LedgerEntry]) -> tuple[Turnaround, ...]:
    """Those with a clear change, one for each way of asking that is turned to; most models first."""
    clear = [turnaround for entry in entries for turnaround in _turnarounds(entry)]
    clear.sort(key=lambda turnaround: (-len(turnaround.turns), -abs(turnaround.turns[0].change)))
    chosen: dict[str, Turnaround] = {}
    for turnaround in clear:
        chosen.setdefault(turnaround.after, turnaround)
    return tuple(chosen.values())


def _turnarounds(entry: LedgerEntry) -> Iterator[Turnaround]:
    ways = _by_way(entry)
    for ((before, examples), asked), ((after, others), again) in permutations(ways.items(), 2):
        # Examples before the question are another difference than the way of asking.
        for suite in asked if examples == others else ():
            of = again.get(suite, {})
            pairs = [(run, of[model]) for model, run in asked[suite].items() if model in of]
            if not pairs or not _is_quicker(pairs, suite):
                continue
            turns = [turn_between(*pair, suite, len(pairs)) for pair in pairs]
            turns.sort(key=lambda turn: (not turn.is_clear, -abs(turn.change)))
            if turns[0].is_clear:
                chance = entry.chances.get(suite) if {before, after} <= _CHOSEN else None
                bare = {} if examples == "zero" else ways.get((before, "zero"), {}).get(suite, {})
                yield Turnaround(entry, suite, before, after, tuple(turns), chance, tuple(bare.values()))


def turn_between(before: LedgerRun, after: LedgerRun, suite: str, models: int) -> Turn:
    """One of so many models, asked a suite in two ways."""
    first, second = shared_shares(before, after, suite)
    p = compare_shares(second, first).p_value
    corrected = 1.0 if p is None else min(1.0, models * p)
    return Turn(before, after, accuracy.averaged_share(first), accuracy.averaged_share(second), corrected)


def _is_quicker(pairs: Sequence[tuple[LedgerRun, LedgerRun]], suite: str) -> bool:
    """Whether the first way takes less time over all models; what was not timed is drawn nowhere."""
    first, second = ([run.scores[suite].seconds for run in runs] for runs in zip(*pairs, strict=True))
    return None not in (*first, *second) and sum(filter(None, first)) < sum(filter(None, second))


def reversal(entries: Sequence[LedgerEntry]) -> tuple[Ranking, Ranking, Corrected] | None:
    """The clearest change of places of two models between two ways of asking; None where none are shown to change.

    Both ways are of one experiment and with as many examples; layouts may still differ, which `layout_of` says.

    Returns:
        Both models in either way, on the same questions, the larger gap first; and the test with the larger p,
        Bonferroni over all pairs of models and of ways with questions in common.
    """
    pairs: list[tuple[Ranking, Ranking]] = []
    for entry in entries:
        for (one, asked), (other, again) in combinations(_by_way(entry).items(), 2):
            if one[1] == other[1]:
                pairs += _both_ways((one[0], asked), (other[0], again))
    reversals = []
    for wide, narrow in pairs:
        if wide.runs[0].identity == narrow.runs[1].identity:
            # Of two runs there is one pair; without a difference there is no p.
            p = max(1.0 if each.lead.p_holm is None else each.lead.p_holm for each in (wide, narrow))
            test = Corrected(p_holm=min(1.0, len(pairs) * p), family="model pair", size=len(pairs))
            reversals.append((wide, narrow, test))
    clear = [each for each in reversals if each[2].is_significant]
    return min(clear, key=lambda each: each[2].p_holm or 0.0, default=None)


def _both_ways(*ways: tuple[str, _Asked]) -> Iterator[tuple[Ranking, Ranking]]:
    """Every two models in two ways, on the questions that both answered in both; the larger gap first."""
    (_, asked), (_, again) = ways
    suites = [suite for suite in asked if suite in again]
    for pair in combinations(dict.fromkeys(model for suite in suites for model in asked[suite]), 2):
        runs = {
            suite: [of[suite][model] for of in (asked, again) for model in pair]
            for suite in suites
            if all(model in of[suite] for of in (asked, again) for model in pair)
        }
        if not runs or not (shares := np.concatenate(_shared(runs), axis=1)).size:
            continue
        first = next(iter(runs.values()))
        one, other = (
            _in_order(way, tuple(runs), first[at : at + 2], shares[at : at + 2])
            for at, (way, _) in zip((0, 2), ways, strict=True)
        )
        yield (one, other) if one.gap >= other.gap else (other, one)


def _by_way(entry: LedgerEntry) -> dict[tuple[str, str], _Asked]:
    """What was asked in each way and with as many examples; without controls that saw no question."""
    ways: dict[tuple[str, str], _Asked] = {}
    for run in entry.runs:
        if not run.asked.endswith(OPTIONS_ONLY):
            for suite in run.scores:
                asked = ways.setdefault((way_of(run, suite), _examples(run, suite)), {})
                # What was asked twice in one way counts once.
                asked.setdefault(suite, {}).setdefault(run.identity, run)
    return ways


def _ranking(entry: LedgerEntry, way: str, asked: _Asked, among: Sequence[str] = ()) -> Ranking | None:
    """The models, or those of ``among``, that were asked all of the suites; None for fewer than two."""
    suites = [suite for suite in entry.suites if suite in asked]
    models = [
        model
        for model in asked[suites[0]]
        if all(model in of for of in asked.values()) and (not among or model in among)
    ]
    if len(models) < 2:
        return None
    columns = _shared({suite: [asked[suite][model] for model in models] for suite in suites})
    shares, sizes = np.concatenate(columns, axis=1), [column.shape[1] for column in columns]
    if not shares.size:
        return None
    chances = [entry.chances.get(suite) for suite in suites] if way in _CHOSEN else [None]
    known = [chance for chance in chances if chance is not None]
    chance = float(np.average(known, weights=sizes)) if len(known) == len(suites) else None
    return _in_order(way, tuple(suites), [asked[suites[0]][model] for model in models], shares, chance)


def _shared(runs: Mapping[str, Sequence[LedgerRun]]) -> list[NDArray[np.float64]]:
    """By suite, shares of its runs on the questions that all of them answered, shape (runs, questions)."""
    columns = []
    for suite, of in runs.items():
        scores = [run.scores[suite] for run in of]
        keys = [key for key in scores[0].questions.keys if all(key in each.questions.at for each in scores)]
        column = np.array([[score.shares[score.questions.at[key]] for key in keys] for score in scores])
        columns.append(column[:, ~np.isnan(column).any(axis=0)])
    return columns


def _in_order(
    way: str,
    suites: tuple[str, ...],
    runs: Sequence[LedgerRun],
    shares: NDArray[np.float64],
    chance: float | None = None,
) -> Ranking:
    order = sorted(range(len(runs)), key=lambda at: -float(shares[at].mean()))
    return Ranking(
        way=way, suites=suites, runs=tuple(runs[at] for at in order), shares=shares[order], chance=chance
    )
