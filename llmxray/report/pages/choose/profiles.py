"""Three use cases with their limits and weights, and the ranking each gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llmxray.metrics.choice import win_shares
from llmxray.report import numbers
from llmxray.report.pages.choose.scores import Option, Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A use case.

    Attributes:
        use: the case in a sentence: "for a tutor".
        weights: per cent for accuracy, calibration and speed.
        seconds: 90% of answers must come within this; None for no limit.
        context: tokens of context it needs; None for no limit.
        cost: a thousand questions may cost this, in the currency of the prices; None for no limit.
        least: accuracy that the whole 95% interval must reach, 0–1; None for no floor.
        error: ECE-15 that the whole 95% interval must stay below, 0–1; None for no ceiling.
        guessers: whether conditions that do not beat guessing significantly take part.
    """

    id: str
    title: str
    use: str
    why: str
    weights: tuple[int, int, int]
    seconds: float | None = None
    context: int | None = None
    cost: float | None = None
    least: float | None = None
    error: float | None = None
    guessers: bool = False


# The uses are the module's; limits and weights are a judgement, and the page's form changes them.
PROFILES = (
    Profile(
        id="medical",
        title="Medical assistant",
        use="a medical assistant",
        why="A wrong answer given with confidence does harm, and a clinician can wait a little.",
        weights=(50, 40, 10),
        seconds=10,
        least=0.8,
        error=0.1,
    ),
    Profile(
        id="support",
        title="Customer support",
        use="customer support",
        why="People leave when they wait; a colleague can correct a mistake.",
        weights=(35, 15, 50),
        seconds=2,
        least=0.5,
    ),
    Profile(
        id="tutor",
        title="Tutor",
        use="a tutor",
        why="Right and honest about doubt, at the pace of a conversation.",
        weights=(45, 35, 20),
        seconds=5,
        least=0.6,
    ),
)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A condition that meets the limits.

    Attributes:
        score: weighted mean of its scores, 0–1; None when a weighted score is missing.
        wins: share of redrawn question sets in which it comes first.
    """

    option: Option
    score: float | None
    wins: float | None


@dataclass(frozen=True, slots=True)
class Excluded:
    """A condition that fails a limit, and why."""

    option: Option
    why: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a profile comes to; where nobody is ranked, no condition is fit for it."""

    profile: Profile
    ranked: tuple[Ranked, ...]
    excluded: tuple[Excluded, ...]


def ranking(scores: Scores, profile: Profile) -> Ranking:
    """Conditions within the limits from best to worst, those without a score last; and the others."""
    reasons = {option.view.id: failed(option, profile) for option in scores.options}
    kept = [option for option in scores.options if not reasons[option.view.id]]
    excluded = tuple(
        Excluded(option, reasons[option.view.id]) for option in scores.options if reasons[option.view.id]
    )
    if not kept:
        return Ranking(profile, (), excluded)
    places = [scores.options.index(option) for option in kept]
    # Among those within the limits only: who is out can take no first place from them.
    wins = win_shares(scores.draws[places], profile.weights)
    ranked = [
        Ranked(option, weighted(option, profile.weights), won) for option, won in zip(kept, wins, strict=True)
    ]
    # The sort is stable: equal scores stay in order of accuracy.
    ranked.sort(key=lambda each: -1.0 if each.score is None else each.score, reverse=True)
    return Ranking(profile, tuple(ranked), excluded)


def failed(option: Option, profile: Profile) -> str:
    """Which limit a condition fails, in words; "" when none.

    What was not recorded fails no limit on time, context or cost; accuracy and calibration have to be shown.
    """
    reasons = [*_not_shown(option, profile)]
    if profile.seconds is not None and option.seconds is not None and option.seconds > profile.seconds:
        reasons.append(
            f"90% of answers take up to {numbers.seconds(option.seconds, profile.seconds)}, the limit is "
            f"{numbers.seconds(float(profile.seconds), option.seconds)}"
        )
    if profile.context is not None and option.context is not None and option.context < profile.context:
        reasons.append(f"holds {numbers.count(option.context)} tokens of {numbers.count(profile.context)}")
    if profile.cost is not None and option.cost is not None and option.cost > profile.cost:
        reasons.append(
            f"1000 questions cost {numbers.money(option.cost)} {option.currency}, the limit is "
            f"{numbers.money(profile.cost)}"
        )
    return "; ".join(reasons)


def _not_shown(option: Option, profile: Profile) -> list[str]:
    """What its answers do not show: that it beats guessing, that it is accurate enough, that it is calibrated."""
    accuracy, error, reasons = option.accuracy, option.error, []
    if not profile.guessers and not option.beats_guessing:
        reasons.append(
            f"not clearly above guessing: {numbers.percent(accuracy.value)} right "
            f"(95% {numbers.interval(accuracy, threshold=option.guessing)}), guessing gets "
            f"{numbers.percent(option.guessing)}"
        )
    if profile.least is not None and (accuracy.low is None or accuracy.low < profile.least):
        reasons.append(
            f"not shown to be right in {numbers.percent(profile.least)} of its answers "
            f"(95% {numbers.interval(accuracy, threshold=profile.least)})"
        )
    if profile.error is not None and error.value is None:
        reasons.append("without a confidence, so that its calibration is not shown")
    elif profile.error is not None and (error.high is None or error.high > profile.error):
        reasons.append(
            f"not shown to have an ECE-15 of {numbers.percent(profile.error)} or less "
            f"(95% {numbers.interval(error, threshold=profile.error)})"
        )
    return reasons


def weighted(option: Option, weights: Sequence[float]) -> float | None:
    """Weighted mean of the scores, 0–1; None when a weighted one is missing."""
    # With a weight of 0 a condition can be ranked without that score.
    used = [(weight, score.value) for weight, score in zip(weights, option.scores, strict=True) if weight]
    if any(value is None for _, value in used):
        return None
    return sum(weight * (value or 0.0) for weight, value in used) / sum(weight for weight, _ in used)
