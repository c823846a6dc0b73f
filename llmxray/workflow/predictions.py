"""Predictions before anything is recorded: whether these questions could decide them.

Some obstacles show in the plan, before a request is paid for: questions without an expected answer, answers without
log-probabilities, too few questions. For accuracy and truncation the minimum detectable effect is computed: two-sided,
at the level that Holm's correction gives the smallest p-value of the file, with power 0.8. For two conditions it is
assumed that they disagree on half of the questions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from llmxray.experiment import CHANCE, EVERYWHERE, Prediction
from llmxray.metrics.contrasts import FEWEST, FEWEST_SAMPLES
from llmxray.metrics.paired import minimum_detectable_effect
from llmxray.metrics.verdict import ALPHA
from llmxray.plan import Plan
from llmxray.report.numbers import plural
from llmxray.scoring import guess_rate
from llmxray.types import Condition, Item
from llmxray.workflow.preparation import Prepared

_CONFIDENCE = ("ece", "brier", "auroc")
_SCORED = ("accuracy", "accuracy_per_second", *_CONFIDENCE)
_POWER = 0.8
# How often two conditions will disagree is unknown before recording; half of the questions is a high share.
_DISAGREE = 0.5


@dataclass(frozen=True, slots=True)
class Prospect:
    """What is known about a prediction before recording.

    Attributes:
        obstacle: why it could never be decided; "" if it could.
        n_questions: number of questions it is about.
        detectable: minimum detectable effect beyond the margin, in the metric's unit; None where it is not computed.
    """

    prediction: Prediction
    obstacle: str
    n_questions: int
    detectable: float | None = None


def prospects(prepared: Prepared) -> tuple[Prospect, ...]:
    """Every prediction of the file, with what its questions could decide."""
    predictions = prepared.experiment.predictions
    return tuple(_prospect(prepared.plan, prediction, ALPHA / len(predictions)) for prediction in predictions)


def _prospect(plan: Plan, prediction: Prediction, alpha: float) -> Prospect:
    asked = list(_questions(plan, prediction))
    obstacle = _obstacle(plan, prediction, asked)
    if obstacle or prediction.metric not in ("accuracy", "truncation"):
        return Prospect(prediction, obstacle, len(asked))
    effect = _detectable(plan, prediction, asked, alpha)
    if effect is None or effect + prediction.margin / 100 > 1:
        obstacle = f"only {plural(len(asked), 'question')}: no possible difference would be detected"
        return Prospect(prediction, obstacle, len(asked))
    return Prospect(prediction, "", len(asked), 100 * effect)


def _questions(plan: Plan, prediction: Prediction) -> Iterator[tuple[str, Item]]:
    """(suite, question) that the prediction is about; questions without a needed expected answer are left out."""
    whole_suite = prediction.on in plan.suites
    for name, suite in plan.suites.items():
        for item in suite.items:
            here = name if whole_suite else item.category
            scored = bool(item.answer) or prediction.metric not in _SCORED
            if scored and prediction.on in (EVERYWHERE, here):
                yield name, item


def _obstacle(plan: Plan, prediction: Prediction, asked: Sequence[tuple[str, Item]]) -> str:
    """Why the prediction could never be decided; "" if it could."""
    if not asked:
        return "none of its questions has an expected answer"
    if prediction.metric == "similarity":
        return _too_few_samples(plan, asked)
    if len(asked) < FEWEST:
        return f"only {plural(len(asked), 'question')}: an interval needs {FEWEST}"
    if prediction.against == CHANCE and None in _guess_rates(plan, prediction, asked):
        return "some of its questions have no options to guess among"
    if prediction.metric in _CONFIDENCE:
        names = (prediction.of, prediction.against)
        compared = [condition for condition in plan.conditions if condition.id in names]
        return next((why for condition in compared if (why := _no_confidence(plan, condition, asked))), "")
    return ""


def _guess_rates(plan: Plan, prediction: Prediction, asked: Sequence[tuple[str, Item]]) -> list[float | None]:
    """Accuracy of blind guessing at each question; empty without the condition."""
    return [
        guess_rate(item, plan.suites[name].answer_kind(condition))
        for condition in plan.conditions
        if condition.id == prediction.of
        for name, item in asked
    ]


def _no_confidence(plan: Plan, condition: Condition, asked: Sequence[tuple[str, Item]]) -> str:
    # Where options are weighed, they are asked for in any case.
    kinds = {plan.suites[name].answer_kind(condition) for name, _ in asked}
    if not condition.sampling.get("logprobs") and kinds != {"likelihood"}:
        return f"{condition.id} asks for no log-probabilities: add 'sampling: {{top_logprobs: 20}}'"
    weighed = sum(
        bool(item.choices) and plan.suites[name].answer_kind(condition) != "number" for name, item in asked
    )
    if weighed < FEWEST:
        return f"only {plural(weighed, 'question')} with options, and an interval needs {FEWEST}"
    return ""


def _too_few_samples(plan: Plan, asked: Sequence[tuple[str, Item]]) -> str:
    samples = 1 + max((trial.sample for trial in plan.trials), default=0)
    if samples < 2:
        return "similarity compares the samples of a prompt: set 'samples: 5' or more"
    if len(asked) < FEWEST and samples < FEWEST_SAMPLES:
        return (
            f"only {plural(len(asked), 'prompt')} with {plural(samples, 'sample')} each: an interval needs "
            f"{FEWEST} prompts or {FEWEST_SAMPLES} samples"
        )
    return ""


def _detectable(
    plan: Plan, prediction: Prediction, asked: Sequence[tuple[str, Item]], alpha: float
) -> float | None:
    """Minimum detectable effect as a share, 0–1."""
    n = len(asked)
    if isinstance(prediction.against, str) and prediction.against != CHANCE:
        # If so few questions detect nothing, the effect is looked for where the conditions disagree on all of them.
        effects = (minimum_detectable_effect(n, share, alpha, _POWER) for share in (_DISAGREE, 1.0))
        return next(filter(None, effects), None)
    share = (
        sum(rate for rate in _guess_rates(plan, prediction, asked) if rate is not None) / n
        if prediction.against == CHANCE
        else float(prediction.against) / 100
    )
    quantiles = NormalDist().inv_cdf(1 - alpha / 2) + NormalDist().inv_cdf(_POWER)
    return quantiles * math.sqrt(share * (1 - share) / n)
