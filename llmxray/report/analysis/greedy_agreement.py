"""How often a sample keeps the greedy answer's first token, by how probable that token is.

The greedy answer is the one that temperature 0 would give; its first token is the likeliest alternative at
the first position, and its probability there is the same at every temperature where the server reports
probabilities from before the temperature is applied, as llama.cpp does. A question counts once: its samples
are averaged first, so intervals are over questions (Wilson, n the number of questions).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from llmxray.metrics import accuracy
from llmxray.types import Estimate, TokenLogprob

# The lesson's samples keep it in 89% and more above 80%, at any temperature; in 28 to 68% below 40%.
# Lower end, upper end (inclusive only at 1), name.
BANDS = ((0.0, 0.4, "below 40%"), (0.4, 0.8, "40 to 80%"), (0.8, 1.0, "80% or more"))


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAgreement:
    """One question in one condition: probability of its greedy first token, share of samples that keep it."""

    condition: str
    item: str
    probability: float
    share: float


def first_token(tokens: Sequence[TokenLogprob]) -> tuple[float, bool] | None:
    """(probability of the greedy first token, whether it was kept); None without alternatives, or with invalid ones."""
    if not tokens or not tokens[0].top or tokens[0].invalid:
        return None
    greedy = max(tokens[0].top, key=lambda alternative: alternative.logprob_nats)
    return math.exp(greedy.logprob_nats), tokens[0].token == greedy.token


def points(found: Iterable[tuple[str, str, tuple[float, bool]]]) -> tuple[QuestionAgreement, ...]:
    """Samples averaged within each question and condition.

    Args:
        found: condition, question and `first_token` of each sample.
    """
    groups: dict[tuple[str, str], list[tuple[float, bool]]] = defaultdict(list)
    for condition, item, first in found:
        groups[condition, item].append(first)
    return tuple(
        QuestionAgreement(
            condition=condition,
            item=item,
            probability=sum(probability for probability, _ in samples) / len(samples),
            share=sum(kept for _, kept in samples) / len(samples),
        )
        for (condition, item), samples in groups.items()
    )


def by_band(found: Iterable[QuestionAgreement]) -> Mapping[tuple[str, str], Estimate]:
    """Share kept by (band, condition)."""
    groups: dict[tuple[str, str], list[QuestionAgreement]] = defaultdict(list)
    for point in found:
        groups[band(point.probability), point.condition].append(point)
    return {key: accuracy.averaged_share([each.share for each in points]) for key, points in groups.items()}


def band(probability: float) -> str:
    """Name of the band a probability falls into."""
    return next(name for low, high, name in BANDS if low <= probability < high or probability >= high == 1.0)
