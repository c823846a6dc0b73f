"""Predictions before anything is recorded: whether these questions could decide them.

Some obstacles show in the plan, before a request is paid for: questions without an expected answer, answers without
log-probabilities, too few questions. For accuracy and truncation the minimum detectable effect is computed: two-sided,
at the level that Holm's correction gives the smallest p-value of the file, with power 0.8. For two conditions it is
assumed that they disagree on half of the questions. That two are the same could be shown if they answered alike.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

from llmxray.experiment import CHANCE, EVERYWHERE, PERCENT, POSITION, Prediction
from llmxray.experiment.until import LAST_LOOK_ONLY
from llmxray.metrics import looks
from llmxray.metrics.contrasts import FEWEST, FEWEST_BOOTSTRAP, FEWEST_SAMPLES
from llmxray.metrics.paired import minimum_detectable_effect
from llmxray.metrics.verdict import ALPHA
from llmxray.plan import PROMPTS, Plan, Rounds, item_address
from llmxray.report.analysis.applies import design_of
from llmxray.report.analysis.similarity import free_prompts
from llmxray.report.numbers import plural
from llmxray.scoring import guess_rate
from llmxray.types import LETTERS, Condition, Item
from llmxray.workflow.preparation import Prepared

_CONFIDENCE = ("ece", "brier", "auroc")
_SCORED = ("accuracy", "accuracy_per_second", "paraphrase_gap", *_CONFIDENCE)
_BOOTSTRAPPED = ("brier", "accuracy_per_second")
_POWER = 0.8
DIFFERENCES = (5, 10, 20)
"""True differences beyond the margin, in points, for which the expected number of questions is given."""
_NOTHING_ASKED = {
    "paraphrase_gap": "no suite asks its questions in other words",
    "same_seed": "it has no prompt without an expected answer",
}
# How often two conditions will disagree is unknown before recording; half of the questions is a high share.
_DISAGREE = 0.5


@dataclass(frozen=True, slots=True)
class PredictionPreview:
    """A prediction's facts before recording.

    Attributes:
        obstacle: why it could never be decided; "" if it could.
        n_questions: number of questions it is about.
        detectable: minimum detectable effect beyond the margin, in the metric's unit; None if not computed.
        expected: questions of all suites that a recording in rounds is expected to ask, for each of `DIFFERENCES`
            beyond the margin, as far as this prediction goes; empty if not computed.
        is_last_look: whether such a recording judges it only when all questions were asked.
    """

    prediction: Prediction
    obstacle: str
    n_questions: int
    detectable: float | None = None
    expected: tuple[int, ...] = ()
    is_last_look: bool = False


def preview_predictions(prepared: Prepared) -> tuple[PredictionPreview, ...]:
    """Every prediction of the file, with its power."""
    predictions, plan = prepared.experiment.predictions, prepared.plan
    alpha = ALPHA / max(1, len(predictions))
    previews = [_preview(plan, prediction, alpha) for prediction in predictions]
    if plan.rounds is None:
        return tuple(previews)
    return tuple(
        replace(
            preview,
            expected=() if preview.detectable is None else _expected(plan, plan.rounds, preview, alpha),
            is_last_look=preview.prediction.metric in LAST_LOOK_ONLY,
        )
        for preview in previews
    )


def _expected(plan: Plan, rounds: Rounds, preview: PredictionPreview, alpha: float) -> tuple[int, ...]:
    """Questions that rounds are expected to ask until this prediction alone is decided, for each of `DIFFERENCES`."""
    prediction = preview.prediction
    variance = _DISAGREE
    if not _is_of_two(prediction):
        rates = _guess_rates(plan, prediction, list(_questions(plan, prediction)))
        share = _compared_share(prediction, rates)
        variance = share * (1 - share)
    drifts = (points / 100 * math.sqrt(preview.n_questions / variance) for points in DIFFERENCES)
    shares = (looks.expected(rounds.shares, alpha / 2, drift, rounds.futility).share for drift in drifts)
    return tuple(round(share * len(rounds.units)) for share in shares)


def _preview(plan: Plan, prediction: Prediction, alpha: float) -> PredictionPreview:
    asked = list(_questions(plan, prediction))
    obstacle = _obstacle(plan, prediction, asked, alpha)
    if obstacle or prediction.metric not in ("accuracy", "truncation") or prediction.within is not None:
        return PredictionPreview(prediction, obstacle, len(asked))
    effect = _detectable(plan, prediction, asked, alpha)
    if effect is None or effect + prediction.margin / 100 > 1:
        obstacle = f"only {plural(len(asked), 'question')}: no possible difference would be detected"
        return PredictionPreview(prediction, obstacle, len(asked))
    return PredictionPreview(prediction, "", len(asked), 100 * effect)


def _questions(plan: Plan, prediction: Prediction) -> Iterator[tuple[str, Item]]:
    """(suite, question) that the prediction is about; questions without a needed expected answer are left out."""
    whole_suite = prediction.on in plan.suites
    wordings = design_of(plan).wordings if prediction.metric == "paraphrase_gap" else {}
    free = free_prompts(plan) if prediction.metric == "same_seed" else ()
    for name, suite in plan.suites.items():
        for item in suite.items:
            here = name if whole_suite else item.category
            wanted = bool(item.answer) or prediction.metric not in _SCORED
            if prediction.metric == "paraphrase_gap":
                # Once a question, by whichever of its wordings is in the place.
                address = item_address(name, item.id)
                wanted = address in wordings and (wordings[address] != address or prediction.on == name)
            elif prediction.metric == "same_seed":
                wanted = name == PROMPTS and item in free
            elif prediction.on == POSITION:
                wanted = bool(item.choices)
            if wanted and prediction.on in (EVERYWHERE, POSITION, here):
                yield name, item


def _obstacle(plan: Plan, prediction: Prediction, asked: Sequence[tuple[str, Item]], alpha: float) -> str:
    """Why the prediction could never be decided; "" if it could."""
    if not asked:
        return _NOTHING_ASKED.get(prediction.metric, "none of its questions has an expected answer")
    if prediction.metric == "same_seed":
        return _too_few_deals(plan, prediction, asked, alpha)
    if prediction.metric == "similarity":
        return _too_few_samples(plan, asked)
    design = design_of(plan)
    n_units = len({design.unit(item_address(name, item.id)) for name, item in asked})
    fewest = FEWEST_BOOTSTRAP if prediction.metric in _BOOTSTRAPPED else FEWEST
    if n_units < fewest:
        return f"only {plural(n_units, 'independent question')}: an interval needs {fewest}"
    if prediction.on == POSITION and (why := _no_positions(plan, prediction, asked)):
        return why
    rates = _guess_rates(plan, prediction, asked)
    if prediction.metric == "favourite_share" and not any(rates):
        return "its answers name no letter of an option"
    if prediction.against == CHANCE and None in rates:
        return "some of its questions have no options to guess among"
    if (
        prediction.within is not None
        and _narrowest(prediction, rates, n_units, alpha) > prediction.within / 100
    ):
        return f"only {plural(n_units, 'independent question')}: even equal answers would not show that"
    if prediction.metric in _CONFIDENCE:
        names = (prediction.of, prediction.against)
        compared = [condition for condition in plan.conditions if condition.id in names]
        return next((why for condition in compared if (why := _no_confidence(plan, condition, asked))), "")
    return ""


def _no_positions(plan: Plan, prediction: Prediction, asked: Sequence[tuple[str, Item]]) -> str:
    if not any(trial.rotation is not None for trial in plan.trials):
        return "its options are not rotated: add 'rotations: all'"
    sizes = [len(item.choices) for _, item in asked]
    if prediction.against == CHANCE and len(set(sizes)) > 1:
        return "the questions differ in the number of options, and so do positions in guessing"
    # The last position is that of the questions with most options only.
    if (n := sizes.count(max(sizes))) < FEWEST:
        last = f"{plural(n, 'question')} with the right option at {LETTERS[max(sizes) - 1]}"
        return f"only {last}: an interval needs {FEWEST}"
    return ""


def _narrowest(prediction: Prediction, rates: Sequence[float | None], n: int, alpha: float) -> float:
    """Half the width of the interval if both were exactly the same, as a share; 0 where that is not known."""
    quantile = NormalDist().inv_cdf(1 - alpha / 2)
    if prediction.metric not in PERCENT or prediction.metric == "ece":
        return 0.0
    if prediction.metric == "paraphrase_gap" or _is_of_two(prediction):
        # Bonett–Price without a question that only one got right.
        return quantile * math.sqrt(2) / (n + 2)
    share = _compared_share(prediction, rates)
    return quantile * math.sqrt(share * (1 - share) / n)


def _is_of_two(prediction: Prediction) -> bool:
    """Whether two conditions are compared."""
    return isinstance(prediction.against, str) and prediction.against != CHANCE


def _compared_share(prediction: Prediction, rates: Sequence[float | None]) -> float:
    """The share, 0–1, of guessing or of the prediction's number."""
    if isinstance(prediction.against, str):
        return sum(rate for rate in rates if rate is not None) / len(rates)
    return prediction.against / 100


def _too_few_deals(
    plan: Plan, prediction: Prediction, asked: Sequence[tuple[str, Item]], alpha: float
) -> str:
    """Why the samples could not show that a seed matters, however alike they are."""
    names = prediction.conditions([condition.id for condition in plan.conditions])
    compared = [condition for condition in plan.conditions if condition.id in names]
    seeds = {condition.sampling.get("seed") for condition in compared}
    if len(seeds) > 1 or None in seeds:
        return "these conditions share no seed: set one under 'sampling:'"
    samples = 1 + max((trial.sample for trial in plan.trials), default=0)
    if samples < 2:
        return "same_seed compares the samples of a prompt: set 'samples: 5' or more"
    # The observed order of the samples must be rarer than the level among all orders.
    orders = math.lgamma(samples + 1) * (len(compared) - 1) * len(asked)
    if orders < math.log(2 / alpha):
        return f"{plural(samples, 'sample')} of {plural(len(asked), 'prompt')} are too few: set 'samples: 5' or more"
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
    if _is_of_two(prediction):
        # If so few questions detect nothing, the effect is looked for where the conditions disagree on all of them.
        effects = (minimum_detectable_effect(n, share, alpha, _POWER) for share in (_DISAGREE, 1.0))
        return next(filter(None, effects), None)
    share = _compared_share(prediction, _guess_rates(plan, prediction, asked))
    quantiles = NormalDist().inv_cdf(1 - alpha / 2) + NormalDist().inv_cdf(_POWER)
    return quantiles * math.sqrt(share * (1 - share) / n)
