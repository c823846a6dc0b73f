"""What one experiment enters into the ledger of the site: which question each of its runs got right.

Kept as ``ledger.json`` in the experiment's folder, so that the ledger over all experiments is made from whatever
the site holds, and rebuilding one experiment gives the same ledger as building all of them. A *run* is a condition
of a benchmark. Questions are joined across experiments by suite, id and a digest of their text: the same id with
other words is another question.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from llmxray.errors import InputError
from llmxray.experiment.fields import Name
from llmxray.metrics import accuracy
from llmxray.report.analysis import Analysis, costs, item_means, right
from llmxray.types import Estimate, Item

NAME = "ledger.json"
# Fewer decimals than a double has, so that the file does not depend on the order of a sum.
_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One condition of one experiment.

    Attributes:
        key: ``experiment/condition``, unique in the ledger.
        asked: how: answer kind and prompt layout.
        scores: suite → question key → share of its samples that are right; None without a whole reply.
        cost: of a thousand questions, over all suites of the run; None without a price.
        samples: answers to a question, at most.
        weights: hash of the model's weights, or its name where the server did not tell.
        kinds: suite → kind of answer, where it is not that of ``asked``.
    """

    key: str
    experiment: Name
    title: str
    id: str
    label: str
    model: str
    asked: str
    scores: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    cost: float | None = None
    currency: str = ""
    samples: int = 1
    weights: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)

    def kind(self, suite: str) -> str:
        """How a suite was answered: only runs of one kind are ranked with one another."""
        return self.kinds.get(suite) or self.asked.partition(",")[0]

    def estimate(self, suite: str, keys: Sequence[str] | None = None) -> Estimate:
        """Accuracy on a suite, on the questions of ``keys`` only or on all."""
        known = self.scores.get(suite, {})
        values = [known.get(key) for key in (known if keys is None else keys)]
        answered = sum(value is not None for value in values)
        return accuracy.averaged_share(values, answered * self.samples)


@dataclass(frozen=True, slots=True)
class Entry:
    """One experiment's page of the ledger.

    Attributes:
        suites: name → title.
        categories: suite → question key → category.
    """

    suites: Mapping[str, str]
    runs: tuple[Run, ...]
    categories: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


# A site may come from elsewhere: names become addresses, numbers are reckoned with.
_ENTRY = TypeAdapter(Entry)


def make(analysis: Analysis) -> Entry:
    """The entry of an experiment; no runs where nothing is scored on a suite."""
    data = analysis.data
    if data.experiment.kind != "benchmark":
        return Entry(suites={}, runs=())
    keys = {address: _key(item) for address, item in analysis.items.items()}
    runs = []
    for view in analysis.views:
        scores: dict[str, dict[str, float | None]] = {}
        for suite in analysis.suites:
            rows = view.of(suite=suite)
            means = item_means(rows, right)
            scores[suite] = {
                keys[suite, row.item_id]: _rounded(means.get(f"{suite}/{row.item_id}")) for row in rows
            }
        condition = view.condition
        asked = f"{condition.answer}, {condition.layout}"
        spent = costs.cost_of(analysis, view)
        # An hour that each file assumes for itself ranks nobody.
        known = None if spent.assumption else spent.question.value
        cost = None if known is None else round(1000 * known, _DIGITS)
        runs.append(
            Run(
                key=f"{data.name}/{view.id}",
                experiment=data.name,
                title=data.title,
                id=view.id,
                label=view.label,
                model=condition.model,
                asked=asked,
                scores=scores,
                cost=cost,
                currency="" if spent.assumption else spent.currency,
                samples=max(Counter((row.suite, row.item_id) for row in view.rows).values(), default=1),
                weights=data.weights_of(condition),
                kinds={
                    suite: kind for suite in analysis.suites if (kind := analysis.plan.suites[suite].answer)
                },
            )
        )
    categories: dict[str, dict[str, str]] = {suite: {} for suite in analysis.suites}
    for (suite, _), item in analysis.items.items():
        if suite in categories:
            categories[suite][_key(item)] = item.category
    return Entry(
        suites={suite: analysis.label_of_suite(suite) for suite in analysis.suites},
        runs=tuple(runs),
        categories=categories,
    )


def dump(entry: Entry) -> bytes:
    """The bytes of ledger.json: question keys once a suite, scores as columns."""
    questions = {
        suite: list(dict.fromkeys(key for run in entry.runs for key in run.scores.get(suite, {})))
        for suite in entry.suites
    }
    runs = [
        {
            **{
                name: getattr(run, name)
                for name in ("key", "experiment", "title", "id", "label", "model", "asked")
            },
            **({} if run.cost is None else {"cost": run.cost, "currency": run.currency}),
            **({} if run.samples == 1 else {"samples": run.samples}),
            **({"weights": run.weights} if run.weights else {}),
            **({"kinds": run.kinds} if run.kinds else {}),
            "scores": {
                suite: [scores.get(key, "") for key in questions[suite]]
                for suite, scores in run.scores.items()
            },
        }
        for run in entry.runs
    ]
    categories = {
        suite: [entry.categories.get(suite, {}).get(key, "") for key in keys]
        for suite, keys in questions.items()
    }
    content = {"suites": entry.suites, "questions": questions, "categories": categories, "runs": runs}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"
    # A lone surrogate in a category has no UTF-8; a reader gets a question mark.
    return text.encode("utf-8", "replace")


def load(data: bytes, *, file: str = NAME) -> Entry:
    """The entry that `dump` wrote.

    Raises:
        InputError: another version of llmxray wrote it, or not all of it was written.
    """
    try:
        return _read(json.loads(data))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{file} is torn, or of another version of llmxray: build that experiment's pages again"
        ) from error


def _read(content: Mapping[str, Any]) -> Entry:
    questions = content["questions"]
    runs = []
    for fields in content["runs"]:
        columns = fields.pop("scores")
        # "" says that the run was not asked, null that it gave no whole reply.
        scores = {
            suite: {key: score for key, score in zip(questions[suite], column, strict=True) if score != ""}
            for suite, column in columns.items()
        }
        runs.append({**fields, "scores": scores})
    # An entry of an earlier llmxray has none, until its experiment is rebuilt.
    categories = {
        suite: dict(zip(questions[suite], column, strict=True))
        for suite, column in content.get("categories", {}).items()
    }
    return _ENTRY.validate_python({"suites": content["suites"], "runs": runs, "categories": categories})


def common(runs: Sequence[Run], suite: str) -> tuple[str, ...]:
    """Questions of a suite that every one of the runs which has the suite was asked, in the first one's order."""
    having = [run.scores[suite] for run in runs if suite in run.scores]
    return tuple(key for key in having[0] if all(key in other for other in having)) if having else ()


def _key(item: Item) -> str:
    text = "\n".join((item.question, *item.choices))
    # Six digits suffice: they only tell wordings of one id apart.
    return f"{item.id}#{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:6]}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
