"""Cost of a question, and of a right answer.

Cost of a request = prompt tokens · input price / 10⁶ + completion tokens · output price / 10⁶, tokens from the
server's usage, prices from the experiment file; or latency in seconds / 3600 · price of the machine's hour. Cost per
question is their mean with a t interval over questions (`accuracy.clustered`); cost per right answer is
Σ cost / Σ right, percentile bootstrap, None when nothing is right.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from llmxray.errors import InputError
from llmxray.metrics.missing_values import Column, complete_rows
from llmxray.metrics.resampling import encode_clusters, percentile_interval, ratios_of_sums, sums_of_clusters
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
    """Return the price of one request.

    Args:
        prompt_tokens, completion_tokens: from the server's usage; None when it reported none.
        input_per_million, output_per_million: price of a million tokens.

    Returns:
        In the currency of the prices; None when a count is None.
    """
    if prompt_tokens is None or completion_tokens is None:
        return None
    return (prompt_tokens * input_per_million + completion_tokens * output_per_million) / _MILLION


def machine_cost(latency_s: float | None, *, per_hour: float) -> float | None:
    """Return the price of the machine for one request, latency_s/3600 · ``per_hour``.

    Args:
        latency_s: seconds; None when the request was not timed.
        per_hour: price of an hour of the machine.

    Returns:
        In the currency of the price; None when ``latency_s`` is None.
    """
    return None if latency_s is None else latency_s / _SECONDS_PER_HOUR * per_hour


def per_right_answer(
    costs: Column,
    correct: Column,
    rng: np.random.Generator,
    n_resamples: int = 2000,
    *,
    clusters: Sequence[Hashable] | None = None,
) -> Estimate:
    """Return the cost per right answer, Σ cost / Σ right, with its percentile bootstrap 95% interval over questions.

    Args:
        costs: shape (n,), in one currency; rows with a None in either column are left out and counted.
        correct: shape (n,), 0 or 1, or a fraction where repeats were averaged.
        rng: source of the resamples.
        n_resamples: number of resamples.
        clusters: shape (n,), the question of each row, where some are wordings of one question.

    Returns:
        Estimate in the currency of the costs; ``n`` counts questions. Its value is None when no answer is right.

    Raises:
        InputError: the columns differ in length, or a value is NaN or infinite.
    """
    if len(costs) != len(correct):
        raise InputError("costs and correctness must be of the same questions")
    rows = complete_rows(costs, correct)
    row_costs, hits = rows.columns
    if clusters is not None:
        codes = encode_clusters([clusters[position] for position in rows.kept])
        row_costs, hits = sums_of_clusters(row_costs, codes), sums_of_clusters(hits, codes)
    method = f"cost per right answer, percentile bootstrap 95% ({n_resamples} resamples)"
    if rows.n == 0 or hits.sum() == 0:
        return Estimate(None, n=int(row_costs.size), n_missing=rows.n_missing, method=method)
    low, high = percentile_interval(ratios_of_sums(row_costs, hits, rng, n_resamples), row_costs.size)
    return Estimate(
        float(row_costs.sum() / hits.sum()), low, high, int(row_costs.size), rows.n_missing, method
    )
