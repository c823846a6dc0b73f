"""What one experiment enters into the ledger of the site: how each of its runs answered each question.

Kept as ``ledger.json`` in the experiment's folder, so that the ledger over all experiments is made from whatever
the site holds, and rebuilding one experiment gives the same ledger as building all of them. A *run* is a condition
of a benchmark. Questions are joined across experiments by suite, id and a digest of their text: the same id with
other words is another question.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PlainSerializer, PlainValidator, TypeAdapter

from llmxray.errors import InputError
from llmxray.experiment.fields import Line, Name, SuiteName
from llmxray.metrics import accuracy
from llmxray.plan import PlannedSuite
from llmxray.report.analysis import Analysis, ConditionView, address, median_of, right
from llmxray.report.analysis.costs import cost_of
from llmxray.types import LETTERS, Estimate, Item, Row

NAME = "ledger.json"

type Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
type Amount = Annotated[float, Field(ge=0, le=1e9)]

_SHARES = TypeAdapter(list[Share | None])


@dataclass(frozen=True, kw_only=True)
class Questions:
    """The questions of a suite that an experiment asks; one object for all experiments that ask the same.

    Attributes:
        keys: of the questions. categories: theirs. answers: the right ones, in lower case.
    """

    keys: tuple[str, ...]
    categories: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()

    @cached_property
    def at(self) -> Mapping[str, int]:
        """Place of each question by its key."""
        return {key: place for place, key in enumerate(self.keys)}


@dataclass(frozen=True, eq=False, kw_only=True)
class QuestionScores:
    """What a run made of the questions of a suite: a number and a text each.

    Attributes:
        shares: shape (n,), share of its samples that are right, 0–1; NaN where it gave no whole reply.
        answers: its first reply, in lower case, letters as the item has them; the right answer where it was right,
            None where no answer could be read.
        kind: of answer, where it is not that of the run. seconds: median of a question.
        questions: which ones; the file has them once for all runs.
    """

    shares: Annotated[
        NDArray[np.float64],
        PlainValidator(lambda column: np.array(_SHARES.validate_python(column), dtype=np.float64)),
        PlainSerializer(lambda column: [None if math.isnan(share) else share for share in column.tolist()]),
    ]
    answers: tuple[str | None, ...] = ()
    kind: str = ""
    seconds: Amount | None = None
    questions: Annotated[Questions, Field(exclude=True)] = Questions(keys=())

    @cached_property
    def estimate(self) -> Estimate:
        """Accuracy on the questions that have a score."""
        return accuracy.averaged_share(self.shares[~np.isnan(self.shares)])


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRun:
    """One condition of one experiment.

    Attributes:
        asked: how: answer kind and prompt layout.
        scores: by suite.
        weights: hash of the model's weights, or its name where the server did not tell.
        seconds: median of a question. thousand: money for a thousand questions.
        currency: of it, "" without a price. assumption: what the amount takes for granted.
        slowed: whether the machine had other work, so that its times are too long.
    """

    experiment: Name
    title: Line
    id: Line
    label: Line
    model: Line
    asked: str
    scores: Mapping[SuiteName, QuestionScores] = field(default_factory=dict)
    weights: str = ""
    seconds: Amount | None = None
    thousand: Amount | None = None
    currency: Line = ""
    assumption: Line = ""
    slowed: bool = False

    @property
    def identity(self) -> str:
        """The model: the hash of its weights, or a name where the server told none."""
        return self.weights or self.model

    def kind(self, suite: str) -> str:
        """How a suite was asked: kind of answer and prompt layout. Only runs of one kind are ranked together."""
        answer, _, layout = self.asked.partition(", ")
        return ", ".join(part for part in (self.scores[suite].kind or answer, layout) if part)

    def estimate(self, suite: str) -> Estimate:
        """Accuracy on a suite."""
        return self.scores[suite].estimate


def shared_shares(a: LedgerRun, b: LedgerRun, suite: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares of right answers of two runs to each question of a suite that both answered."""
    first, second = a.scores[suite], b.scores[suite]
    theirs = second.shares
    if first.questions is not second.questions:
        # The last place stands for a question that only one was asked.
        places = [second.questions.at.get(key, -1) for key in first.questions.keys]
        theirs = np.append(theirs, np.nan)[places]
    both = ~(np.isnan(first.shares) | np.isnan(theirs))
    return first.shares[both], theirs[both]


def asked_alike(runs: Iterable[LedgerRun], suite: str) -> dict[str, dict[str, LedgerRun]]:
    """Runs on a suite by how they were asked and by model: of each model that with the most scored questions."""
    alike: dict[str, dict[str, LedgerRun]] = {}
    for run in runs:
        if suite in run.scores and (n := run.estimate(suite).n):
            of = alike.setdefault(run.kind(suite), {})
            if run.identity not in of or n > of[run.identity].estimate(suite).n:
                of[run.identity] = run
    return alike


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One experiment's page of the ledger.

    Attributes:
        suites: name → title.
        questions: by suite.
        chances: suite → accuracy of blind guessing, where options are chosen.
        doubts: why its figures are not those of the suites that it names, a line each.
    """

    suites: Mapping[SuiteName, str]
    runs: tuple[LedgerRun, ...]
    questions: Mapping[SuiteName, Questions] = field(default_factory=dict)
    chances: Mapping[str, Share] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The experiment, "" without runs."""
        return self.runs[0].experiment if self.runs else ""

    @property
    def told_doubts(self) -> tuple[str, ...]:
        """The doubts, each with the title of its experiment."""
        return tuple(f"{self.runs[0].title}: {doubt}" for doubt in self.doubts if self.runs)


_ENTRY = TypeAdapter(LedgerEntry)


def suite_of(name: str) -> str:
    """The suite that a set of questions belongs to; see `by_question_set`."""
    return name.partition("#")[0]


def by_question_set(entries: Iterable[LedgerEntry]) -> tuple[LedgerEntry, ...]:
    """The entries with every set of questions as a suite of its own: all runs of a suite can then be ranked together.

    Two suites of one name may ask different questions (a "quiz" of two courses). The largest set of a suite keeps its
    name, and holds others of whose questions it has at least half; the next ones have a number after ``#``. Title and
    level of guessing are those of the experiment that asks the most. Experiments without runs are left out.
    """
    entries = [entry for entry in entries if entry.runs]
    asking = [(entry, suite) for entry in entries for suite in entry.suites]
    asking.sort(key=lambda pair: -len(pair[0].questions[pair[1]].keys))
    sets: dict[str, list[LedgerEntry]] = {}
    names: dict[tuple[str, str], str] = {}
    titles: dict[str, str] = {}
    chances: dict[str, float | None] = {}
    for entry, suite in asking:
        of, asked = sets.setdefault(suite, []), entry.questions[suite].at.keys()
        shared = (len(asked & largest.questions[suite].at.keys()) for largest in of)
        number = next((place for place, n in enumerate(shared) if 2 * n >= len(asked)), len(of))
        name = names[entry.name, suite] = f"{suite}#{number + 1}" if number else suite
        if number == len(of):
            of.append(entry)
            title, chances[name] = entry.suites[suite], entry.chances.get(suite)
            # Two sets that are drawn from one suite have its title.
            taken = any(titles[other] == title for other in titles if suite_of(other) == suite)
            titles[name] = f"{title} ({entry.runs[0].title})" if taken else title
    return tuple(_renamed(entry, names, titles, chances) for entry in entries)


def _renamed(
    entry: LedgerEntry,
    names: Mapping[tuple[str, str], str],
    titles: Mapping[str, str],
    chances: Mapping[str, float | None],
) -> LedgerEntry:
    def by_name[T](values: Mapping[str, T]) -> dict[str, T]:
        return {names.get((entry.name, suite), suite): value for suite, value in values.items()}

    suites = by_name(entry.suites)
    runs = (replace(run, scores=by_name(run.scores)) for run in entry.runs)
    return LedgerEntry(
        suites={name: titles[name] for name in suites},
        runs=tuple(runs),
        questions=by_name(entry.questions),
        chances={name: chance for name in suites if (chance := chances[name]) is not None},
        doubts=entry.doubts,
    )


def build_entry(analysis: Analysis) -> LedgerEntry:
    """The entry of an experiment; no runs where nothing is scored on a suite.

    Runs of a recording that ended early have no scores to rank: it was asked until its predictions were decided.
    """
    data = analysis.data
    if data.experiment.kind != "benchmark":
        return LedgerEntry(suites={}, runs=())
    questions = {
        suite: _questions([item for (of, _), item in analysis.items.items() if of == suite])
        for suite in analysis.suites
    }
    runs = []
    for view in analysis.views:
        condition, cost = view.condition, cost_of(analysis, view)
        runs.append(
            LedgerRun(
                experiment=data.name,
                title=data.title,
                id=view.id,
                label=view.label,
                model=condition.model,
                asked=f"{condition.answer}, {condition.layout}",
                # One that was not asked would leave no question in common.
                scores={
                    suite: _scores(replace(view, rows=rows), analysis.plan.suites[suite], questions[suite])
                    for suite in analysis.suites
                    if (rows := view.of(suite=suite)) and not data.results.stopped
                },
                weights=data.weights_of(condition),
                seconds=rounded(median_of(view, "latency_s").value),
                thousand=rounded(cost.thousand),
                currency=cost.currency,
                assumption=cost.assumption,
                slowed=data.other_work(condition),
            )
        )
    chances = {suite: rounded(analysis.chance_of((suite,))) for suite in analysis.suites}
    return LedgerEntry(
        suites={suite: analysis.label_of_suite(suite) for suite in analysis.suites},
        runs=tuple(runs),
        questions=questions,
        chances={suite: chance for suite, chance in chances.items() if chance is not None},
        doubts=data.doubts,
    )


def _questions(items: Sequence[Item]) -> Questions:
    return Questions(
        keys=tuple(map(_key, items)),
        categories=tuple(item.category for item in items),
        answers=tuple(_folded(item.answer) for item in items),
    )


def _scores(view: ConditionView, suite: PlannedSuite, questions: Questions) -> QuestionScores:
    rows, means = view.rows, view.means("right")
    shares = {row.item_id: rounded(means.get(address(row))) for row in rows}
    first: dict[str, Row] = {}
    for row in rows:
        if right(row) is not None:
            # Of repeats and rotations the first one that counts.
            first.setdefault(row.item_id, row)
    ids = list(map(id_of, questions.keys))
    answers = (
        _answer(first[item], key) if item in first else None
        for item, key in zip(ids, questions.answers, strict=True)
    )
    return QuestionScores(
        shares=np.array([shares.get(item) for item in ids], dtype=np.float64),
        answers=tuple(answers),
        kind=suite.answer or "",
        seconds=rounded(median_of(view, "latency_s").value),
        questions=questions,
    )


def _answer(row: Row, key: str) -> str | None:
    """What was answered, a letter as that of the option in the item: options may be shown in another order."""
    if row.answer is None or right(row):
        # An answer may be right in other words, such as 12 for 12.0.
        return key if right(row) else None
    shown = row.order and row.answer in LETTERS[: len(row.order)]
    return _folded(LETTERS[row.order[LETTERS.index(row.answer)]] if shown else row.answer)


def _folded(text: str) -> str:
    return text.strip().casefold()


def dump(entry: LedgerEntry) -> bytes:
    """The bytes of ledger.json."""
    content = _ENTRY.dump_python(entry, exclude_defaults=True)
    # A lone surrogate in a category has no UTF-8; a reader gets a question mark.
    return f"{json.dumps(content, ensure_ascii=False, separators=(',', ':'))}\n".encode("utf-8", "replace")


def load(data: bytes, *, file: str = NAME, shared: dict[Questions, Questions] | None = None) -> LedgerEntry:
    """The entry that `dump` wrote.

    Args:
        shared: questions that the other entries of the ledger hold.

    Raises:
        InputError: another version of llmxray wrote it, or not all of it was written.
    """
    shared = {} if shared is None else shared
    try:
        entry = _ENTRY.validate_json(data)
        questions = {suite: shared.setdefault(of, of) for suite, of in entry.questions.items()}
        runs = tuple(
            replace(
                run,
                scores={
                    suite: replace(scores, questions=questions[suite]) for suite, scores in run.scores.items()
                },
            )
            for run in entry.runs
        )
    except (KeyError, ValueError) as error:
        raise InputError(
            f"{file} is torn, or of another version of llmxray: build that experiment's pages again"
        ) from error
    return replace(entry, questions=questions, runs=runs)


def _key(item: Item) -> str:
    text = "\n".join((item.question, *item.choices))
    # Six digits suffice: they only tell wordings of one id apart.
    return f"{item.id}#{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:6]}"


def id_of(key: str) -> str:
    """The item's id in a question's key."""
    return key.rpartition("#")[0]


def rounded(value: float | None) -> float | None:
    """A number as the files of a ledger hold it: in so few decimals that it depends on no order of a sum."""
    return None if value is None else round(value, 6)
