"""Items over the runs of a ledger: who counts, and what scores and answers say of each item.

Models count, not runs: of each suite the largest group of runs asked alike (kind of answer and prompt layout), and of
each model there the run with the most questions. Otherwise a model that was run often would decide what is hard.

Questions count that at least `items.LEAST` of these models were asked, and at least one in ten. So models × questions
are at most ten times the answers that the files hold, however different the questions of each file are.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from llmxray.metrics import items
from llmxray.metrics.accuracy import wilson_intervals
from llmxray.report.analysis import ledger_entry
from llmxray.types import Estimate

# A question counts where at least one in so many models was asked it.
MOST_MODELS_FOR_ONE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFinding:
    """What the models make of one item.

    Attributes:
        experiment: one that asked it.
        difficulty: share of the models that are right. discrimination: see `llmxray.metrics.items`.
        key, rival: the right answer, and the most frequent other one, in lower case; "" without one.
        agreeing: share of the models that give the rival.
        p_holm: that a majority does; None where no right answer is known.
    """

    suite: str
    id: str
    category: str
    experiment: str
    difficulty: Estimate
    discrimination: Estimate
    key: str
    rival: str
    agreeing: Estimate
    p_holm: float | None

    @property
    def suspicious(self) -> bool:
        """Whether the key may be wrong."""
        return self.p_holm is not None and self.p_holm < 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The models that answered a suite alike, and its items.

    Attributes:
        asked: how: kind of answer and prompt layout.
        models: how many. findings: none where `items.LEAST` models are not reached.
    """

    suite: str
    asked: str
    models: int
    findings: tuple[ItemFinding, ...] = ()


def panels(entries: Sequence[ledger_entry.LedgerEntry]) -> Iterator[Panel]:
    """The items of every suite; of groups of equal size the first.

    Args:
        entries: by question set.
    """
    runs = [run for entry in entries for run in entry.runs]
    for suite in dict.fromkeys(suite for run in runs for suite in run.scores):
        alike = ledger_entry.asked_alike(runs, suite)
        asked = max(alike, key=lambda kind: len(alike[kind]), default="")
        chosen = list(alike.get(asked, {}).values())
        findings = _findings(suite, chosen) if len(chosen) >= items.LEAST else []
        yield Panel(suite=suite, asked=asked, models=len(chosen), findings=tuple(findings))


def _findings(suite: str, runs: Sequence[ledger_entry.LedgerRun]) -> list[ItemFinding]:
    columns = [run.scores[suite] for run in runs]
    keys = _often_asked(columns)
    at = {key: place for place, key in enumerate(keys)}
    codes: dict[str | None, int] = {None: items.NO_ANSWER}

    @cache
    def places(questions: ledger_entry.Questions) -> NDArray[np.intp]:
        return np.array([at.get(key, -1) for key in questions.keys], np.intp)

    def coded(answers: Sequence[str | None]) -> NDArray[np.int32]:
        return np.array([codes.setdefault(answer, len(codes)) for answer in answers], np.int32)

    asking: dict[ledger_entry.Questions, str] = {}
    for run in runs:
        asking.setdefault(run.scores[suite].questions, run.experiment)
    about: dict[str, tuple[str, str, str]] = {}
    for of, experiment in asking.items():
        for key, category, answer in zip(of.keys, of.categories, of.answers, strict=True):
            about.setdefault(key, (category, experiment, answer))
    shape = (len(columns), len(keys))
    scores, answers = np.full(shape, np.nan, np.float32), np.full(shape, items.NO_ANSWER, np.int32)
    for row, column in enumerate(columns):
        there = (found := places(column.questions)) >= 0
        scores[row, found[there]] = column.shares[there]
        answers[row, found[there]] = coded(column.answers)[there]
    right = coded([about[key][2] or None for key in keys])
    # Without a right answer there is nothing to doubt.
    answers[:, right == items.NO_ANSWER] = items.NO_ANSWER
    measured = items.statistics(scores)
    rivals = items.rivals(answers, right, np.isfinite(scores) & (right != items.NO_ANSWER))
    n = np.maximum(rivals.n, 1)
    difficulty = _estimates(measured.n, measured.difficulty, *measured.difficulty_ends)
    discrimination = _estimates(measured.n, measured.discrimination, *measured.discrimination_ends)
    agreeing = _estimates(rivals.n, rivals.count / n, *wilson_intervals(rivals.count / n, n))
    texts = {code: text or "" for text, code in codes.items()}
    return [
        ItemFinding(
            suite=suite,
            id=ledger_entry.id_of(key),
            category=about[key][0],
            experiment=about[key][1],
            difficulty=difficulty[place],
            discrimination=discrimination[place],
            key=about[key][2],
            rival=texts[int(rivals.code[place])],
            agreeing=agreeing[place] if rivals.n[place] else Estimate(None),
            p_holm=float(rivals.p_holm[place]) if rivals.n[place] else None,
        )
        for place, key in enumerate(keys)
    ]


def _often_asked(columns: Sequence[ledger_entry.QuestionScores]) -> list[str]:
    """Keys of the questions that enough of these runs were asked, in the order of the first run."""
    times: Counter[str] = Counter()
    for questions, n in Counter(column.questions for column in columns).items():
        times.update(dict.fromkeys(questions.keys, n))
    least = max(items.LEAST, math.ceil(len(columns) / MOST_MODELS_FOR_ONE))
    return [key for key, n in times.items() if n >= least]


def _estimates(n: NDArray[np.intp], *values: NDArray[np.float64]) -> list[Estimate]:
    """Values with the low and high ends of their intervals, given as columns; None for NaN."""
    columns = [
        [None if math.isnan(cell) else ledger_entry.rounded(cell) for cell in of.tolist()] for of in values
    ]
    return [Estimate(*cells) for cells in zip(*columns, n.tolist(), strict=True)]
