"""Three use cases with their requirements and weights, and who comes first for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llmxray.metrics.choice import win_shares
from llmxray.report.pages.choose.scores import Option, Scores
from llmxray.report.wording import tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A use case, as `uses.toml` describes it."""

    id: str
    title: str
    use: str
    why: str
    weights: Sequence[int]
    seconds: float
    least: float
    error: float | None = None


PROFILES = tuple(Profile(id=id_, **fields) for id_, fields in tables("uses").items())


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


def ranking(scores: Scores, profile: Profile) -> tuple[Ranked, ...]:
    """Conditions that are fit for a use from best to worst, those without a score last."""
    places = [place for place, option in enumerate(scores.options) if is_fit(option, profile)]
    if not places:
        return ()
    kept = [scores.options[place] for place in places]
    # Among those that are fit only: who is out can take no first place from them.
    wins = win_shares(scores.draws[places], profile.weights)
    ranked = [
        Ranked(option, weighted(option, profile.weights), won) for option, won in zip(kept, wins, strict=True)
    ]
    # The sort is stable: equal scores stay in order of accuracy.
    ranked.sort(key=lambda each: -1.0 if each.score is None else each.score, reverse=True)
    return tuple(ranked)


def is_fit(option: Option, profile: Profile) -> bool:
    """Whether a condition meets the requirements; what was not timed is not too slow, all else has to be shown."""
    accuracy, error = option.accuracy.low, option.error.high
    return (
        option.beats_guessing
        and (option.seconds is None or option.seconds <= profile.seconds)
        and (accuracy is not None and accuracy >= profile.least)
        and (profile.error is None or (error is not None and error <= profile.error))
    )


def weighted(option: Option, weights: Sequence[float]) -> float | None:
    """Weighted mean of the scores, 0–1; None when a weighted one is missing."""
    # With a weight of 0 a condition can be ranked without that score.
    used = [(weight, score.value) for weight, score in zip(weights, option.scores, strict=True) if weight]
    if any(value is None for _, value in used):
        return None
    # In thousandths, as the page's script adds them up: what is equal there is equal here.
    return (
        sum(weight * round(1000 * (value or 0.0)) for weight, value in used)
        / sum(weight for weight, _ in used)
        / 1000
    )
