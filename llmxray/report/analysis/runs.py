"""What one experiment enters into the ledger of the site: which question each of its runs got right.

Kept as ``ledger.json`` in the experiment's folder, so that the ledger over all experiments is made from whatever
the site holds, and rebuilding one experiment gives the same ledger as building all of them. A *run* is a condition
of a benchmark. Questions are joined across experiments by suite, id and a digest of their text: the same id with
other words is another question.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, TypeAdapter

from llmxray.cassette import bounds
from llmxray.errors import InputError
from llmxray.experiment.fields import Line, Name, SuiteName
from llmxray.metrics import accuracy
from llmxray.report.analysis import Analysis, ConditionResults, item_means, median_of, right
from llmxray.report.analysis.costs import cost_of
from llmxray.report.analysis.data import Doubts
from llmxray.report.analysis.rows import address
from llmxray.types import Estimate, Item

NAME = "ledger.json"
# Fewer decimals than a double has, so that the file does not depend on the order of a sum.
DIGITS = 6
# No experiment that is read or recorded has more. A ledger goes over every suite for every run.
_MOST_RUNS = _MOST_SUITES = 300
MOST_SUITES = 1000
"""Of a whole ledger: each is a column."""


class Questions:
    """The questions of a suite that a run was asked, with their places; one object for all runs asked the same.

    Attributes:
        keys: of the questions, in the order of the first run.
    """

    __slots__ = ("at", "keys")

    def __init__(self, keys: tuple[str, ...]) -> None:
        self.keys = keys
        self.at = {key: place for place, key in enumerate(keys)}


class QuestionScores(Mapping[str, float | None]):
    """Share of right answers by question key: one array, and questions that runs have in common.

    A thousand runs of twelve thousand questions are 96 MB; as dictionaries they would be ten times as much.

    Attributes:
        shares: shape (n,), 0–1, NaN where there is no whole reply.
    """

    __slots__ = ("questions", "shares")

    def __init__(self, questions: Questions, values: NDArray[np.float64]) -> None:
        self.questions, self.shares = questions, values

    @classmethod
    def of(cls, scores: Mapping[str, float | None]) -> QuestionScores:
        """The same scores in this form."""
        if isinstance(scores, QuestionScores):
            return scores
        return cls(Questions(tuple(scores)), np.array(list(scores.values()), dtype=np.float64))

    def __getitem__(self, key: str) -> float | None:
        value = float(self.shares[self.questions.at[key]])
        return None if math.isnan(value) else value

    def __iter__(self) -> Iterator[str]:
        return iter(self.questions.keys)

    def __len__(self) -> int:
        return len(self.questions.keys)

    def known(self, keys: Sequence[str] | None) -> tuple[NDArray[np.float64], int]:
        """Scores of these questions, or of all, that are there, and how many are not."""
        values = self.shares
        if keys is not None and keys is not self.questions.keys:
            at = self.questions.at
            values = np.array([self.shares[at[key]] if key in at else np.nan for key in keys])
        found = values[~np.isnan(values)]
        return found, values.size - found.size


class Shared:
    """What entries of one ledger have in common and hold once: their questions, and the categories of these."""

    def __init__(self) -> None:
        self.questions = cache(Questions)
        self.categories = cache(_by_key)


def _by_key(questions: Questions, names: tuple[str, ...]) -> Mapping[str, str]:
    return dict(zip(questions.keys, names, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRun:
    """One condition of one experiment.

    Attributes:
        key: ``experiment/condition``, unique in the ledger.
        asked: how: answer kind and prompt layout.
        scores: suite → question key → share of its samples that are right; None without a whole reply.
        weights: hash of the model's weights, or its name where the server did not tell.
        kinds: suite → kind of answer, where it is not that of ``asked``.
        seconds: suite → median seconds a question; "" → of all. thousand: money for a thousand questions.
        currency: of it, "" without a price. assumption: what the amount takes for granted.
    """

    key: str
    experiment: Name
    title: Line
    id: Line
    label: Line
    model: Line
    asked: str
    scores: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    weights: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, Annotated[float, Field(ge=0, le=1e9)]] = field(default_factory=dict)
    thousand: Annotated[float, Field(ge=0, le=1e9)] | None = None
    currency: Line = ""
    assumption: Line = ""

    @property
    def identity(self) -> str:
        """The model: the hash of its weights, or a name where the server told none."""
        return self.weights or self.model

    def kind(self, suite: str) -> str:
        """How a suite was asked: kind of answer and prompt layout. Only runs of one kind are ranked together."""
        answer, _, layout = self.asked.partition(", ")
        return ", ".join(part for part in (self.kinds.get(suite) or answer, layout) if part)

    def estimate(self, suite: str, keys: Sequence[str] | None = None) -> Estimate:
        """Accuracy on a suite, on the questions of ``keys`` only or on all."""
        values, missing = QuestionScores.of(self.scores.get(suite, {})).known(keys)
        found = accuracy.averaged_share(values)
        return replace(found, n_missing=missing)


def on_shared(a: LedgerRun, b: LedgerRun, suite: str) -> tuple[Estimate, Estimate]:
    """Accuracies of two runs on the questions of a suite that both answered."""
    first, second = shared_shares(a, b, suite)
    return accuracy.averaged_share(first), accuracy.averaged_share(second)


def shared_shares(a: LedgerRun, b: LedgerRun, suite: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares of right answers of two runs to each question of a suite that both answered."""
    first, second = (QuestionScores.of(run.scores[suite]) for run in (a, b))
    theirs = second.shares
    if first.questions is not second.questions:
        at = second.questions.at
        # The last place stands for a question that only one was asked.
        places = [at.get(key, -1) for key in first.questions.keys]
        theirs = np.append(theirs, np.nan)[places]
    both = ~(np.isnan(first.shares) | np.isnan(theirs))
    return first.shares[both], theirs[both]


def question_sets(runs: Sequence[LedgerRun], suite: str) -> dict[str, int]:
    """Number of the set of questions of each run of a suite, 0 for the largest.

    Two suites of one name may ask different questions (a "quiz" of two courses). A set is what its largest run was
    asked. Another run belongs to it where at least half of its questions do: it may have been asked fewer of them, or
    another wording of some.
    """
    asked = {run.key: QuestionScores.of(run.scores[suite]).questions for run in runs if suite in run.scores}
    of_question: dict[str, int] = {}
    numbers: dict[Questions, int] = {}
    for questions in sorted(dict.fromkeys(asked.values()), key=lambda each: -len(each.keys)):
        shared = Counter(of_question[key] for key in questions.keys if key in of_question)
        number, n = shared.most_common(1)[0] if shared else (-1, 0)
        if 2 * n < len(questions.keys) or not n:
            number = 1 + max(numbers.values(), default=-1)
            # Of the first run alone, which has the most: overlaps must not chain runs that share nothing.
            of_question |= {key: number for key in questions.keys if key not in of_question}
        numbers[questions] = number
    return {key: numbers[questions] for key, questions in asked.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One experiment's page of the ledger.

    Attributes:
        suites: name → title.
        categories: suite → question key → category.
        chances: suite → accuracy of blind guessing, where options are chosen.
        doubts: why its figures are not those of the suites that it names, a line each.
    """

    suites: Mapping[SuiteName, str]
    runs: tuple[LedgerRun, ...]
    categories: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    chances: Mapping[str, Annotated[float, Field(ge=0, le=1)]] = field(default_factory=dict)
    doubts: Doubts = ()

    @property
    def told_doubts(self) -> tuple[str, ...]:
        """The doubts, each with the title of its experiment."""
        return tuple(f"{self.runs[0].title}: {doubt}" for doubt in self.doubts if self.runs)


def suite_of(name: str) -> str:
    """The suite that a set of questions belongs to; see `by_question_set`."""
    return name.partition("#")[0]


def by_question_set(entries: Sequence[LedgerEntry]) -> tuple[LedgerEntry, ...]:
    """The entries with every set of questions as a suite of its own: all runs of a suite can then be ranked together.

    The largest set of a suite keeps its name, the others have a number after ``#``. Title and level of guessing are
    those that the experiment of the run with the most questions states.
    """
    runs = [run for entry in entries for run in entry.runs]
    suites = dict.fromkeys(suite for entry in entries for suite in entry.suites)
    sets = {suite: question_sets(runs, suite) for suite in suites}
    names = {
        (run.key, suite): f"{suite}#{number + 1}" if (number := sets[suite][run.key]) else suite
        for run in runs
        for suite in run.scores
    }
    stated = [
        (len(scores), names[run.key, suite], suite, entry)
        for entry in entries
        for run in entry.runs
        for suite, scores in run.scores.items()
    ]
    # The largest comes last, and stays; of equal ones the first.
    stated = sorted(stated, key=lambda each: each[0], reverse=True)[::-1]
    titles = {name: entry.suites[suite] for _, name, suite, entry in stated}
    chances = {name: entry.chances[suite] for _, name, suite, entry in stated if suite in entry.chances}

    def of_sets[T](run: LedgerRun, values: Mapping[str, T]) -> dict[str, T]:
        return {names.get((run.key, suite), suite): each for suite, each in values.items()}

    def renamed(entry: LedgerEntry) -> LedgerEntry:
        # A suite of which nothing is scored has no set, and its name.
        pairs = dict.fromkeys(
            (name, suite)
            for suite in entry.suites
            for name in [names[run.key, suite] for run in entry.runs if suite in run.scores] or [suite]
        )
        return LedgerEntry(
            suites={name: titles.get(name, entry.suites[suite]) for name, suite in pairs},
            runs=tuple(
                replace(
                    run,
                    scores=of_sets(run, run.scores),
                    kinds=of_sets(run, run.kinds),
                    seconds=of_sets(run, run.seconds),
                )
                for run in entry.runs
            ),
            categories={name: entry.categories[suite] for name, suite in pairs if suite in entry.categories},
            chances={name: chances[name] for name, _ in pairs if name in chances},
            doubts=entry.doubts,
        )

    return tuple(map(renamed, entries))


# A site may come from elsewhere: names become addresses, numbers are reckoned with.
_ENTRY = TypeAdapter(LedgerEntry)
_LISTS = TypeAdapter(dict[str, tuple[str, ...]])
_COLUMN = TypeAdapter(list[Annotated[float, Field(ge=0, le=1)] | Literal[""] | None])


def make(analysis: Analysis) -> LedgerEntry:
    """The entry of an experiment; no runs where nothing is scored on a suite."""
    data = analysis.data
    if data.experiment.kind != "benchmark":
        return LedgerEntry(suites={}, runs=())
    keys = {place: _key(item) for place, item in analysis.items.items()}
    runs = []
    for view in analysis.views:
        scores: dict[str, dict[str, float | None]] = {}
        for suite in analysis.suites:
            # One that was not asked would leave no question in common.
            if rows := view.of(suite=suite):
                means = item_means(rows, right)
                scores[suite] = {keys[suite, row.item_id]: rounded(means.get(address(row))) for row in rows}
        condition, cost = view.condition, cost_of(analysis, view)
        runs.append(
            LedgerRun(
                key=f"{data.name}/{view.id}",
                experiment=data.name,
                title=data.title,
                id=view.id,
                label=view.label,
                model=condition.model,
                asked=f"{condition.answer}, {condition.layout}",
                scores=scores,
                weights=data.weights_of(condition),
                kinds={
                    suite: kind for suite in analysis.suites if (kind := analysis.plan.suites[suite].answer)
                },
                seconds=_seconds(view, scores),
                thousand=rounded(cost.thousand),
                currency=cost.currency,
                assumption=cost.assumption,
            )
        )
    categories: dict[str, dict[str, str]] = {suite: {} for suite in analysis.suites}
    for place, item in analysis.items.items():
        if place[0] in categories:
            categories[place[0]][keys[place]] = item.category
    return LedgerEntry(
        suites={suite: analysis.label_of_suite(suite) for suite in analysis.suites},
        runs=tuple(runs),
        categories=categories,
        chances={
            suite: round(chance, DIGITS)
            for suite in analysis.suites
            if (chance := analysis.chance_of((suite,))) is not None
        },
        doubts=data.doubts,
    )


def _seconds(view: ConditionResults, suites: Iterable[str]) -> dict[str, float]:
    found = {
        suite: median_of(replace(view, rows=view.of(suite=suite)), "latency_s").value for suite in suites
    }
    found[""] = median_of(view, "latency_s").value
    return {suite: round(value, DIGITS) for suite, value in found.items() if value is not None}


def dump(entry: LedgerEntry) -> bytes:
    """The bytes of ledger.json: question keys once a suite, scores as columns."""
    questions = {
        suite: list(dict.fromkeys(key for run in entry.runs for key in run.scores.get(suite, {})))
        for suite in entry.suites
    }
    about = _ENTRY.dump_python(
        entry, exclude_defaults=True, exclude={"categories": True, "runs": {"__all__": {"scores"}}}
    )
    runs = about.pop("runs")
    for fields, run in zip(runs, entry.runs, strict=True):
        fields["scores"] = {
            suite: [scores.get(key, "") for key in questions[suite]] for suite, scores in run.scores.items()
        }
    categories = {
        suite: [entry.categories.get(suite, {}).get(key, "") for key in keys]
        for suite, keys in questions.items()
    }
    content = {**about, "questions": questions, "categories": categories, "runs": runs}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"
    # A lone surrogate in a category has no UTF-8; a reader gets a question mark.
    return text.encode("utf-8", "replace")


def load(data: bytes, *, file: str = NAME, shared: Shared | None = None) -> LedgerEntry:
    """The entry that `dump` wrote.

    Args:
        shared: what the other entries of the ledger hold.

    Raises:
        InputError: another version of llmxray wrote it, or not all of it was written.
    """
    try:
        return _read(bounds.loads(data, strict=False), shared or Shared())
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{file} is torn, or of another version of llmxray: build that experiment's pages again"
        ) from error


def _read(content: Mapping[str, Any], shared: Shared) -> LedgerEntry:
    questions = _LISTS.validate_python(content["questions"])
    for keys in questions.values():
        _refuse_twice(keys)
    columns = [fields.pop("scores") for fields in content["runs"]]
    # An entry of an earlier llmxray has no categories, until its experiment is rebuilt.
    categories = {
        suite: shared.categories(shared.questions(questions[suite]), names)
        for suite, names in _LISTS.validate_python(content.get("categories", {})).items()
    }
    entry = _ENTRY.validate_python(
        {name: content[name] for name in ("suites", "chances", "doubts", "runs") if name in content}
    )
    if len(entry.suites) > _MOST_SUITES or len(entry.runs) > _MOST_RUNS:
        raise ValueError(
            f"{len(entry.suites)} suites and {len(entry.runs)} runs are more than an experiment has"
        )
    # A key is what pages tell runs apart by: it must be this experiment's own.
    _refuse_twice([run.key for run in entry.runs])
    for run, scores in zip(entry.runs, columns, strict=True):
        if run.key != f"{run.experiment}/{run.id}" or not scores.keys() <= entry.suites.keys():
            raise ValueError(f"{run.key} is no run of this experiment and its suites")
    runs = (
        replace(
            run,
            scores={
                suite: found
                for suite, column in scores.items()
                if (found := _scores(questions[suite], _COLUMN.validate_python(column), shared))
            },
        )
        for run, scores in zip(entry.runs, columns, strict=True)
    )
    return replace(entry, runs=tuple(runs), categories=categories)


def refuse_too_many(entries: Sequence[LedgerEntry], advice: str) -> None:
    """Refuse entries that no ledger can show together.

    Args:
        advice: how there would be fewer.

    Raises:
        InputError: they have more than `MOST_SUITES` suites.
    """
    n = len({suite for entry in entries for suite in entry.suites})
    if n > MOST_SUITES:
        raise InputError(
            f"the experiments have {n:,} different suites, and a ledger has at most {MOST_SUITES:,}: {advice}"
        )


def _refuse_twice(keys: Sequence[str]) -> None:
    if len(set(keys)) < len(keys):
        raise ValueError("a key stands twice")


def _scores(keys: tuple[str, ...], column: Sequence[float | str | None], shared: Shared) -> QuestionScores:
    # "" says that the run was not asked, null that it gave no whole reply.
    if "" in column or len(column) != len(keys):
        keys = tuple(key for key, score in zip(keys, column, strict=True) if score != "")
        column = [score for score in column if score != ""]
    return QuestionScores(shared.questions(keys), np.array(column, dtype=np.float64))


def _key(item: Item) -> str:
    text = "\n".join((item.question, *item.choices))
    # Six digits suffice: they only tell wordings of one id apart.
    return f"{item.id}#{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:6]}"


def id_of(key: str) -> str:
    """The item's id in a question's key."""
    return key.rpartition("#")[0]


def rounded(value: float | None) -> float | None:
    """A number as the files of a ledger hold it, with `DIGITS` decimals."""
    return None if value is None else round(value, DIGITS)
