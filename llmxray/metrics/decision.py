"""Decisions: ask a small model first and escalate when unsure; choose by weighted criteria.

*Cascade*: every item goes to the small model; where its confidence is below a threshold, the large
model is asked as well and its answer counts, so the time of both is spent. The curve has one point
per threshold that changes anything, in-sample.

*Weighted choice*: score = Σ w_c·s_c / Σ w_c. How firm the winner is: the weights are redrawn from a
Dirichlet distribution around those given (concentration 50: a weight of ¼ varies by about ±.06) and
each score from a normal whose 95% interval is that of its estimate, clipped to 0–1; the share of
draws an option wins is its stability.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from llmxray.errors import InputError
from llmxray.types import Estimate

from .accuracy import share
from .columns import Column, FloatArray, complete_rows

_CONCENTRATION = 50.0


@dataclass(frozen=True, slots=True)
class Answers:
    """One model's answers to the items, in an order that both models of a cascade share.

    Attributes:
        correct: 0 or 1 per item, or a fraction where repeats were averaged.
        latency_s: seconds per item.
        confidence: 0–1 per item; only the small model's is looked at.
    """

    correct: Column
    latency_s: Column
    confidence: Column = ()


@dataclass(frozen=True, slots=True)
class CascadePoint:
    """One operating point.

    Attributes:
        threshold: items with a small-model confidence below it are escalated; None for an end of
            the range that no threshold expresses (a model alone, or everything escalated).
        escalated: share of items the large model answers, 0–1.
        accuracy: share of right answers, Wilson 95%.
        latency_s: mean seconds per item.
    """

    threshold: float | None
    escalated: float
    accuracy: Estimate
    latency_s: float


@dataclass(frozen=True, slots=True)
class Cascade:
    """The whole curve, fewest escalations first, with each model alone for comparison.

    ``points`` is empty and both models None when no item is complete. An item without a confidence
    is always escalated; one without a correctness or latency is left out and counted.

    Attributes:
        chosen: the point at the threshold asked for; None when none was asked for.
    """

    points: tuple[CascadePoint, ...]
    small: CascadePoint | None
    large: CascadePoint | None
    n: int
    n_missing: int
    chosen: CascadePoint | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a weighted choice.

    Attributes:
        name: the option.
        score: weighted mean of its scores, 0–1; None when a weighted criterion has no score.
        wins: share of redrawn weights and scores under which it is best; None without a score.
        missing: weighted criteria without a score.
    """

    name: str
    score: float | None
    wins: float | None
    missing: tuple[str, ...] = ()


def cascade(small: Answers, large: Answers, threshold: float | None = None) -> Cascade:
    """Accuracy, mean time and share escalated: at ``threshold``, and along the whole curve."""
    if len(small.confidence) != len(small.correct):
        raise InputError("the columns of a cascade must be joined on the same items first")
    rows = complete_rows(small.correct, small.latency_s, large.correct, large.latency_s)
    if rows.n == 0:
        return Cascade((), None, None, 0, rows.n_missing)
    small_right, small_s, large_right, large_s = rows.columns
    # Below every threshold: an unknown confidence is never sure enough.
    known = [small.confidence[place] for place in rows.kept]
    sure = np.array([-np.inf if value is None else value for value in known], dtype=np.float64)
    # In order of confidence the escalated items are a prefix, so running sums give every point.
    order = np.argsort(sure, kind="stable")
    gained = _running_sum((large_right - small_right)[order])
    spent = _running_sum(large_s[order])

    def point(at: float | None) -> CascadePoint:
        moved = rows.n if at is None else int((sure < at).sum())
        right, seconds = small_right.sum() + gained[moved], small_s.sum() + spent[moved]
        return _point(at, moved, right, seconds, rows.n)

    thresholds = [float(value) for value in np.unique(sure) if np.isfinite(value)]
    return Cascade(
        points=tuple(point(at) for at in [*thresholds, None]),
        small=_point(None, 0, small_right.sum(), small_s.sum(), rows.n),
        large=_point(None, rows.n, large_right.sum(), large_s.sum(), rows.n),
        n=rows.n,
        n_missing=rows.n_missing,
        chosen=None if threshold is None else point(threshold),
    )


def weighted_choice(
    scores: Mapping[str, Mapping[str, Estimate | float | None]],
    weights: Mapping[str, float],
    rng: np.random.Generator,
    n_draws: int = 2000,
) -> tuple[Choice, ...]:
    """Options from best to worst, those without a score last.

    Args:
        scores: option → criterion → score, 0–1 and higher is better.
        weights: criterion → weight, not negative, not all 0; criteria of weight 0 are ignored.
        rng: source of the redrawn weights and scores.
        n_draws: how many are drawn.
    """
    used = {name: weight for name, weight in weights.items() if weight != 0}
    if not used or min(used.values()) < 0:
        raise InputError("weights must not be negative, and at least one must be above 0")
    share_of = np.array(list(used.values())) / sum(used.values())
    lacking = {name: tuple(c for c in used if _value(row.get(c)) is None) for name, row in scores.items()}
    ranked = [name for name in scores if not lacking[name]]
    drawn_weights = rng.dirichlet(_CONCENTRATION * share_of, size=n_draws)
    drawn_scores = [_draws([scores[name][c] for c in used], rng, n_draws) for name in ranked]
    wins = _wins([(drawn * drawn_weights).sum(axis=1) for drawn in drawn_scores])
    choices = [
        Choice(name, _weighted(scores[name], used), won) for name, won in zip(ranked, wins, strict=True)
    ]
    choices.sort(key=lambda choice: -(choice.score or 0.0))
    return (*choices, *(Choice(name, None, None, lacking[name]) for name in scores if lacking[name]))


def _running_sum(values: FloatArray) -> FloatArray:
    return np.concatenate(([0.0], np.cumsum(values)))


def _point(threshold: float | None, moved: int, right: float, seconds: float, n: int) -> CascadePoint:
    return CascadePoint(threshold, moved / n, share(float(right), n), float(seconds) / n)


def _wins(totals: list[FloatArray]) -> list[float]:
    """Share of draws in which each option is best; options that tie share the draw."""
    if not totals:
        return []
    table = np.array(totals)
    best = table == table.max(axis=0)
    return [float(part) for part in (best / best.sum(axis=0)).mean(axis=1)]


def _value(score: Estimate | float | None) -> float | None:
    return score.value if isinstance(score, Estimate) else score


def _weighted(row: Mapping[str, Estimate | float | None], weights: Mapping[str, float]) -> float:
    total = sum(weight * (_value(row[c]) or 0.0) for c, weight in weights.items())
    return total / sum(weights.values())


def _draws(row: list[Estimate | float | None], rng: np.random.Generator, n_draws: int) -> FloatArray:
    """Redrawn scores, shape (n_draws, criteria)."""
    centre = [_value(score) or 0.0 for score in row]
    spread = [
        (score.high - score.low) / (2 * 1.96)
        if isinstance(score, Estimate) and score.low is not None and score.high is not None
        else 0.0
        for score in row
    ]
    return np.clip(rng.normal(centre, spread, size=(n_draws, len(row))), 0, 1)
