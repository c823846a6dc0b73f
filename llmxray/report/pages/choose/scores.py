"""What a choice weighs and what limits it: one row per condition, and the redrawn scores behind the stability.

Scores lie in 0–1 and higher is better: accuracy; calibration, 1 − ECE-15; speed, the fastest condition's mean
latency divided by the condition's own, so that twice as slow is a half.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from llmxray.metrics.columns import FloatArray
from llmxray.report.analysis import Analysis, View, accuracy_of, confidence, costs
from llmxray.report.analysis.costs import QUESTIONS
from llmxray.types import Estimate

CRITERIA = ("accuracy", "calibration", "speed")
# Every draw is in the page's data file, and the script counts them anew at each move of a slider.
N_DRAWS = 400
# What servers call the length of their context, in the facts that a probe recorded: what the server holds, then what it
# allows the model, last what the model was trained on.
_CONTEXT_NAMES = (
    *(
        "context_tokens",
        "n_ctx",
        "max_model_len",
        "context_window",
        "max_context_length",
        "context_length",
        "context",
    ),
    "n_ctx_train",
)
_TRAINED = "n_ctx_train"
_NUMBER = re.compile(r"(\w+) (\d+)")
_NINE_IN_TEN = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One condition.

    Attributes:
        scores: by criterion; the value is None where nothing was recorded.
        seconds: nine in ten answers took at most this long; None without times.
        tokens: mean prompt and completion tokens a question, what a server bills.
        context: tokens the server holds, None when it did not say; ``trained`` where it only said how many the model
            was trained on.
        tools: share of right calls where functions were to be called, None where that was not asked.
        cost: price of a thousand questions, None without a price in the experiment file.
        currency: of that price, "" without one.
        assumption: what that price takes for granted, "" where tokens have prices.
    """

    view: View
    scores: tuple[Estimate, ...]
    seconds: float | None
    tokens: float | None
    context: int | None
    cost: float | None
    currency: str
    assumption: str = ""
    trained: bool = False
    tools: Estimate | None = None


class Scores:
    """All conditions of an experiment as options.

    Attributes:
        options: in rank order.
    """

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self.options = tuple(self._option(view) for view in analysis.ranked)

    @cached_property
    def draws(self) -> FloatArray:
        """Redrawn scores in thousandths, shape (options, criteria, `N_DRAWS`); NaN where there is none.

        In thousandths because the page's script gets them so: both then come to the same shares.
        """
        made = [self._analysis.pairing.replicates(each.view) for each in self.options]
        # Where nothing was timed or sure, NaN says so.
        with np.errstate(invalid="ignore", divide="ignore"):
            # The first replicate is the data itself, and no draw.
            latency = np.stack([each.latency_s[1 : N_DRAWS + 1] for each in made])
            # fmin leaves NaN out: a condition without times must not take the speed of the others away.
            fastest = np.fmin.reduce(latency, axis=0)
            drawn = np.stack(
                [
                    np.stack(
                        [each.accuracy[1 : N_DRAWS + 1], 1 - each.ece[1 : N_DRAWS + 1], fastest / seconds]
                    )
                    for each, seconds in zip(made, latency, strict=True)
                ]
            )
        return np.asarray(np.round(1000 * drawn), dtype=np.float64)

    def _option(self, view: View) -> Option:
        times = sorted(row.latency_s for row in view.rows if row.latency_s is not None)
        cost = costs.cost_of(self._analysis, view)
        context, name = self._context(view)
        calls = [row for row in view.rows if row.suite in self.tool_suites]
        return Option(
            view=view,
            scores=(
                self._analysis.accuracies[view.id],
                _calibration(self._analysis, view),
                self._speed(view),
            ),
            # Nearest rank: a time that was really recorded, not one between two.
            seconds=times[math.ceil(_NINE_IN_TEN * len(times)) - 1] if times else None,
            tokens=cost.tokens,
            context=context,
            cost=None if cost.question.value is None else QUESTIONS * cost.question.value,
            currency=cost.currency,
            assumption=cost.assumption,
            trained=name == _TRAINED,
            tools=accuracy_of(calls) if calls else None,
        )

    @cached_property
    def _fastest(self) -> View | None:
        means = {view.id: _mean([row.latency_s for row in view.rows]) for view in self._analysis.views}
        timed = [view for view in self._analysis.views if means[view.id]]
        return min(timed, key=lambda view: means[view.id] or 0.0) if timed else None

    def _speed(self, view: View) -> Estimate:
        fastest = self._fastest
        if fastest is None:
            return Estimate(None, method="nothing was timed")
        if fastest.id == view.id:
            # So by definition, without an interval.
            return Estimate(1.0, n=len(view.rows), method="the fastest")
        return self._analysis.pairing.latency_ratio(fastest, view)

    @cached_property
    def tool_suites(self) -> frozenset[str]:
        """Suites whose questions ask for a function to be called."""
        return frozenset(name for name, suite in self._analysis.plan.suites.items() if suite.answer == "tool")

    def _context(self, view: View) -> tuple[int | None, str]:
        """Tokens of context, and the name under which the server said so; (None, "") when it did not."""
        manifest = self._analysis.data.cassette.manifest
        facts = (manifest.facts if manifest else {}).get(f"{view.condition.endpoint}/{view.condition.model}")
        if not isinstance(facts, dict):
            return None, ""
        # What a list of models says of one is kept as a line: "n_params 134515008, n_ctx_train 8192".
        listed = dict(_NUMBER.findall(str(facts.get("model_facts", ""))))
        for name in _CONTEXT_NAMES:
            value = facts.get(name, listed.get(name))
            # A bool is an int in Python, and a server may say true.
            if isinstance(value, int | str) and not isinstance(value, bool) and str(value).isdecimal():
                return int(value), name
        return None, ""


def _calibration(analysis: Analysis, view: View) -> Estimate:
    error = confidence.estimate(analysis, view, confidence.ECE_15)
    if error.value is None or error.low is None or error.high is None:
        return Estimate(
            None if error.value is None else 1 - error.value, n=error.n, n_missing=error.n_missing
        )
    # Subtracted from 1, the ends of the interval change places.
    return Estimate(1 - error.value, 1 - error.high, 1 - error.low, error.n, error.n_missing, "1 − ECE-15")


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
