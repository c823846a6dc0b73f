"""Money: what a question costs, and what a right answer costs.

Cost of a request = prompt tokens · input price / 10⁶ + completion tokens · output price / 10⁶, tokens from the
server's usage, prices from the experiment file; or latency in seconds / 3600 · price of the machine's hour. Cost per
question is their mean with a t interval over questions (`accuracy.clustered`); cost per right answer is
Σ cost / Σ right, percentile bootstrap, None when nothing is right.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from llmxray.errors import InputError
from llmxray.metrics.columns import Column, complete_rows
from llmxray.metrics.resampling import numbered, percentile_interval, ratios_of_sums, sums_of_clusters
from llmxray.types import Estimate

_MILLION = 1e6
_SECONDS_PER_HOUR = 3600


def cost(
    prompt_tokens: int | None,
    completion_tokens: int | None,
    *,
    input_per_million: float,
    output_per_million: float,
) -> float | None:
    """Price of one request in the currency of the prices; None when the server reported no usage."""
    if prompt_tokens is None or completion_tokens is None:
        return None
    return (prompt_tokens * input_per_million + completion_tokens * output_per_million) / _MILLION


def machine_cost(latency_s: float | None, *, per_hour: float) -> float | None:
    """Price of the machine for one request, latency_s/3600 · ``per_hour``; None when nothing was timed."""
    return None if latency_s is None else latency_s / _SECONDS_PER_HOUR * per_hour


def per_right_answer(
    costs: Column,
    correct: Column,
    rng: np.random.Generator,
    n_resamples: int = 2000,
    *,
    clusters: Sequence[Hashable] | None = None,
) -> Estimate:
    """Money spent for each right answer; percentile bootstrap 95% over questions.

    Args:
        clusters: the question of each row, where some are wordings of one question; ``n`` counts questions.
    """
    if len(costs) != len(correct):
        raise InputError("costs and correctness must be of the same questions")
    rows = complete_rows(costs, correct)
    spent, right = rows.columns
    if clusters is not None:
        codes = numbered([clusters[place] for place in rows.kept])
        spent, right = sums_of_clusters(spent, codes), sums_of_clusters(right, codes)
    method = f"cost per right answer, percentile bootstrap 95% ({n_resamples} resamples)"
    if rows.n == 0 or right.sum() == 0:
        return Estimate(None, n=int(spent.size), n_missing=rows.n_missing, method=method)
    low, high = percentile_interval(ratios_of_sums(spent, right, rng, n_resamples), spent.size)
    return Estimate(float(spent.sum() / right.sum()), low, high, int(spent.size), rows.n_missing, method)
