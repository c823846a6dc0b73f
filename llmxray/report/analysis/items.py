"""Items over the runs of a ledger: who counts, what they scored and answered, and what that says of each item.

Models count, not runs: of each suite the largest group of runs asked alike (kind of answer and prompt layout), and of
each model there the run with the most questions. Otherwise a model that was run often would decide what is hard.

Questions count that at least `items.LEAST` of these models were asked, and at least one in ten. So models × questions
are at most ten times the answers that the files hold, however different the questions of each file are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llmxray.metrics import items
from llmxray.metrics.accuracy import wilson_intervals
from llmxray.metrics.ranking import alike
from llmxray.report.analysis.runs import LedgerEntry, LedgerRun, Questions, QuestionScores, id_of, suite_of
from llmxray.types import Estimate

_DIGITS = 6
# A question counts where at least one in so many models was asked it.
MOST_MODELS_FOR_ONE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAnswers:
    """First answers of one run on one suite, as a file states them.

    Attributes:
        ids: of the items, each once. codes: of the answers, as `Codebook.code` gives them.
        keys: codes of the right answers. right: whether the answer was scored as right.
    """

    ids: Sequence[str]
    codes: NDArray[np.int32]
    keys: NDArray[np.int32]
    right: NDArray[np.bool_]


type Reader = Callable[[LedgerEntry, Mapping[str, Codebook]], Iterator[tuple[str, str, FirstAnswers]]]
"""Yields (condition, suite, answers) of one experiment."""


class Codebook:
    """Numbers of answers, so that twelve million of them are not strings."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self.texts: list[str] = []

    def code(self, text: str) -> int:
        """Number of an answer; case and blanks around it do not count."""
        text = text.strip().casefold()
        if text not in self._codes:
            self._codes[text] = len(self.texts)
            self.texts.append(text)
        return self._codes[text]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFinding:
    """What the models make of one item.

    Attributes:
        experiment: one that asked it.
        difficulty: share of the models that are right. discrimination: see `llmxray.metrics.items`.
        key, rival: the right answer, and the most frequent other one, in lower case; "" where no answer is known.
        agreeing: share of the models that give the rival.
        p_holm: that a majority does; None where no answer is known.
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
        answered: how many of the models have their answers in a file.
    """

    suite: str
    asked: str
    models: int
    answered: int
    findings: tuple[ItemFinding, ...]


def panels(entries: Sequence[LedgerEntry], read: Reader) -> tuple[Panel, ...]:
    """The items of every suite.

    Args:
        entries: by question set.
        read: the answers of an experiment; nothing where no file has them.
    """
    suites = dict.fromkeys(suite for entry in entries for suite in entry.suites)
    # A file names a suite and knows nothing of other questions that were asked under its name.
    codebooks = {suite_of(suite): Codebook() for suite in suites}
    drafts = {suite: _Draft(suite, entries, codebooks[suite_of(suite)]) for suite in suites}
    for entry in entries:
        wanted = {run.id: run for run in entry.runs}
        if not any(draft.wants(run) for draft in drafts.values() for run in entry.runs):
            continue
        for condition, suite, answers in read(entry, codebooks):
            if condition in wanted:
                for name in (each for each in wanted[condition].scores if suite_of(each) == suite):
                    drafts[name].enter(wanted[condition], answers)
    return tuple(draft.panel(entries) for draft in drafts.values())


class _Draft:
    """A suite while its answers are read: models × items of scores and of codes, nothing as objects."""

    def __init__(self, suite: str, entries: Sequence[LedgerEntry], codebook: Codebook) -> None:
        self.suite, self.codebook = suite, codebook
        runs = [run for entry in entries for run in entry.runs if suite in run.scores]
        self.asked, self._runs = _largest(runs, suite)
        enough = len(self._runs) >= items.LEAST
        self._row = {run.key: row for row, run in enumerate(self._runs)} if enough else {}
        scores = {run.key: QuestionScores.of(run.scores[suite]) for run in self._runs if enough}
        self._keys = _often_asked([each.questions for each in scores.values()])
        self._at = {key: place for place, key in enumerate(self._keys)}
        shape = (len(self._row), len(self._keys))
        self._scores = np.full(shape, np.nan, dtype=np.float32)
        self._codes = np.full(shape, items.NO_ANSWER, dtype=np.int32)
        self._known = np.zeros(shape, dtype=bool)
        self._right = np.full(len(self._keys), items.NO_ANSWER, dtype=np.int32)
        self._ids: dict[Questions, Mapping[str, int]] = {}
        places: dict[Questions, NDArray[np.intp]] = {}
        for key, each in scores.items():
            questions = each.questions
            if questions not in places:
                places[questions] = np.array([self._at.get(name, -1) for name in questions.keys], np.intp)
            there = places[questions] >= 0
            self._scores[self._row[key], places[questions][there]] = each.shares[there]

    def wants(self, run: LedgerRun) -> bool:
        """Whether the run is one of those that count."""
        return run.key in self._row

    def enter(self, run: LedgerRun, answers: FirstAnswers) -> None:
        """Take the answers of a run."""
        if run.key not in self._row:
            return
        known = self._placed(QuestionScores.of(run.scores[self.suite]).questions)
        found = np.array([known.get(each, -1) for each in answers.ids], dtype=np.intp)
        # Without a key there is nothing to doubt.
        there = (found >= 0) & (answers.keys != items.NO_ANSWER)
        at, row = found[there], self._row[run.key]
        keys = answers.keys[there]
        first = self._right[at] == items.NO_ANSWER
        self._right[at[first]] = keys[first]
        # An answer may be right in other words, such as 12 for 12.0.
        self._codes[row, at] = np.where(answers.right[there], self._right[at], answers.codes[there])
        self._known[row, at] = True

    def panel(self, entries: Sequence[LedgerEntry]) -> Panel:
        """What is known when all has been read."""
        answered = int(self._known.any(axis=1).sum())
        found = tuple(self._findings(entries, answered)) if self._row else ()
        return Panel(
            suite=self.suite, asked=self.asked, models=len(self._runs), answered=answered, findings=found
        )

    def _findings(self, entries: Sequence[LedgerEntry], answered: int) -> Iterator[ItemFinding]:
        measured = items.statistics(self._scores)
        rivals = items.rivals(self._codes, self._right, self._known)
        low, high = wilson_intervals(rivals.count / np.maximum(rivals.n, 1), np.maximum(rivals.n, 1))
        categories, experiment = self._about(entries)
        for place, key in enumerate(self._keys):
            n = int(measured.n[place])
            code, count, asked = (int(each[place]) for each in (rivals.code, rivals.count, rivals.n))
            known = answered >= items.LEAST and asked > 0
            yield ItemFinding(
                suite=self.suite,
                id=id_of(key),
                category=categories.get(key, ""),
                experiment=experiment[key],
                difficulty=_estimate(
                    measured.difficulty, measured.difficulty_low, measured.difficulty_high, place, n
                ),
                discrimination=_estimate(
                    measured.discrimination,
                    measured.discrimination_low,
                    measured.discrimination_high,
                    place,
                    n,
                ),
                key=self.codebook.texts[self._right[place]] if known else "",
                rival=self.codebook.texts[code] if known and code >= 0 else "",
                agreeing=Estimate(count / asked, float(low[place]), float(high[place]), asked)
                if known
                else Estimate(None),
                p_holm=float(rivals.p_holm[place]) if known else None,
            )

    def _about(self, entries: Sequence[LedgerEntry]) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Category and first experiment of every item."""
        # Only of those that count, and each mapping once: runs may have nothing in common.
        categories: dict[str, str] = {}
        known = {id(found): found for entry in entries if (found := entry.categories.get(self.suite))}
        for found in known.values():
            for key in self._at.keys() & found.keys():
                categories.setdefault(key, found[key])
        experiments: dict[str, str] = {}
        asked: set[Questions] = set()
        for run in self._runs:
            questions = QuestionScores.of(run.scores[self.suite]).questions
            if questions not in asked:
                asked.add(questions)
                for key in self._at.keys() & questions.at.keys():
                    experiments.setdefault(key, run.experiment)
        return categories, experiments

    def _placed(self, questions: Questions) -> Mapping[str, int]:
        """Places of those of a run's questions that count, by their id."""
        if questions not in self._ids:
            self._ids[questions] = {id_of(key): self._at[key] for key in questions.keys if key in self._at}
        return self._ids[questions]


def _often_asked(runs: Sequence[Questions]) -> tuple[str, ...]:
    """Keys of the questions that enough of these runs were asked, in the order of the first run."""
    times: Counter[str] = Counter()
    for questions, count in Counter(runs).items():
        for key in questions.keys:
            times[key] += count
    least = max(items.LEAST, -(-len(runs) // MOST_MODELS_FOR_ONE))
    return tuple(key for key, count in times.items() if count >= least)


def _largest(runs: Sequence[LedgerRun], suite: str) -> tuple[str, tuple[LedgerRun, ...]]:
    """The largest group of runs asked alike, one a model; of equals the first."""
    placed = alike(
        {run.key: 0.0 for run in runs},
        {run.key: run.kind(suite) for run in runs},
        {run.key: run.identity for run in runs},
        {run.key: len(run.scores[suite]) for run in runs},
    )
    groups: dict[str, list[LedgerRun]] = {}
    for run in runs:
        if not isinstance(placed[run.key], str):
            groups.setdefault(run.kind(suite), []).append(run)
    asked = max(groups, key=lambda each: len(groups[each]), default="")
    return asked, tuple(groups.get(asked, ()))


def _estimate(
    value: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64], place: int, n: int
) -> Estimate:
    return Estimate(_known(value[place]), _known(low[place]), _known(high[place]), n)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), _DIGITS)
