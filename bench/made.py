"""Experiments with made answers for the benches: real questions, real plan, real scoring, invented logprobs.

Each condition has a skill and a sharpness; a question has a difficulty. The logits of the options are drawn
from a seeded generator, the option with the highest one is answered, and twenty alternatives are stated, as a
server would: letters with and without a space, and some words. Nothing is recorded: a cassette that invents
its replies when they are asked for stands in the place of a recorded one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from llmxray import results, suites
from llmxray.cassette import Address, Cassette, Entry
from llmxray.experiment import Experiment, SuiteRef
from llmxray.plan import Plan, build
from llmxray.report.analysis.data import ExperimentData
from llmxray.suites import Suite
from llmxray.types import LETTERS, Alternative, Completion, EndCause, Interaction, TokenLogprob

SEED = 20_260_101
_WORDS = ("The", "Answer", "\n", "I", "It", "To", "Let", "We", "**", "Based", "Option", "This")


def mmlu_pro(path: Path, limit: int | None = None) -> Suite:
    """The real questions of a parquet file."""
    given = {"suite": "mmlu_pro", "source": {"file": str(path)}}
    return suites.load(SuiteRef.model_validate(given if limit is None else {**given, "limit": limit}), Path())


class Made(Cassette):
    """Replies to every request of a plan, made when they are asked for."""

    def __init__(self, plan: Plan) -> None:
        # A cassette of nothing: everything that reads one is answered by the methods below.
        super().__init__(Path("/nonexistent"))
        names = [condition.id for condition in plan.conditions]
        items = list(plan.items().values())
        place = {item.id: number for number, item in enumerate(items)}
        self._of = {
            trial.requests[0].key: (names.index(trial.condition), place[trial.item]) for trial in plan.trials
        }
        rng = np.random.default_rng(SEED)
        skill = np.linspace(-0.2, 2.4, len(names))
        sharpness = rng.uniform(0.8, 1.8, len(names))
        hard = rng.normal(0.0, 1.0, len(items))
        # The highest of logits with Gumbel noise is a draw from their softmax.
        noise = rng.gumbel(size=(len(names), len(items), len(LETTERS[:10])))
        right = np.array([LETTERS.index(item.answer) for item in items])
        noise[:, np.arange(len(items)), right] += skill[:, None] - hard[None, :]
        self._sizes = [len(item.choices) for item in items]
        self._logits = noise * sharpness[:, None, None]
        self._seconds = (
            rng.gamma(4.0, 0.05, size=(len(names), len(items))) * (1 + np.arange(len(names)))[:, None]
        )

    def entries(self, key: str) -> Sequence[Entry]:
        """One whole reply to every request."""
        return (Entry(Address(key, 0, 0), True, 200, "made", 0),)

    def get(self, address: Address) -> Interaction:
        """An exchange without its bytes: `completion` says what they would."""
        return Interaction(address.key, 0, 0, "tiny", {}, 200, (), (), EndCause.CLEAN)

    def head(self, address: Address) -> Interaction:
        """The same: nothing was cut off, and one request was asked at a time."""
        return self.get(address)

    def completion(self, address: Address) -> Completion:
        """The reply: one letter with twenty alternatives; remembered within the same bounds as recorded ones."""
        known = self._completions.get(address)
        if known is None:
            known = self._make(address)
            self._cache_completion(address, known)
        return known

    def _make(self, address: Address) -> Completion:
        condition, item = self._of[address.key]
        logits = self._logits[condition, item, : self._sizes[item]]
        chances = np.exp(logits - logits.max())
        # The rest goes to words, so that coverage is not 1, as it is not with a model.
        chances *= 0.97 / chances.sum()
        pairs = [(LETTERS[n], 0.9 * p) for n, p in enumerate(chances.tolist())]
        pairs += [(f" {LETTERS[n]}", 0.1 * p) for n, p in enumerate(chances.tolist())]
        pairs += [(word, 0.02 / (rank + 1) ** 2) for rank, word in enumerate(_WORDS)]
        pairs.sort(key=lambda pair: -pair[1])
        top = tuple(Alternative(text, math.log(max(p, 1e-12))) for text, p in pairs[:20])
        # Recorded times are in microseconds.
        seconds = round(float(self._seconds[condition, item]), 6)
        token = TokenLogprob(top[0].token, top[0].token.encode(), top[0].logprob_nats, top, seconds)
        return Completion(
            token.token,
            tokens=(token,),
            finish_reason="stop",
            prompt_tokens=180 + item % 90,
            completion_tokens=2,
            ttft_s=seconds,
            latency_s=round(seconds * 1.1, 6),
            whole=True,
        )


def experiment(name: str, suite: Suite, conditions: int) -> Experiment:
    """The experiment file of such a run."""
    return Experiment.model_validate(
        {
            "experiment": name,
            "title": f"{len(suite.items)} questions, {conditions} made models",
            "kind": "benchmark",
            "endpoints": {"tiny": {"preset": "local"}},
            "models": [
                {"id": f"made-{n}", "endpoint": "tiny", "model": f"made-{n}"} for n in range(conditions)
            ],
            "suites": [{"suite": suite.name}],
            "sampling": {"temperature": 0, "seed": 1, "top_logprobs": 20},
        }
    )


def planned(name: str, suite: Suite, conditions: int) -> tuple[Experiment, Plan]:
    """Such a run, planned."""
    file = experiment(name, suite, conditions)
    return file, build(file, (suite,))


def scored(file: Experiment, plan: Plan) -> ExperimentData:
    """A planned run with its answers."""
    cassette = Made(plan)
    return ExperimentData(experiment=file, results=results.read_results(plan, cassette), cassette=cassette)


def data(name: str, suite: Suite, conditions: int) -> ExperimentData:
    """Such a run, planned and scored."""
    return scored(*planned(name, suite, conditions))
