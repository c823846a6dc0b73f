"""Latency: medians, time per output token, and correct answers per second.

Latencies are skewed, so the summary is the median with the order-statistic interval: the ranks whose
binomial(n, ½) probability of bracketing the median is at least 95%, whatever the distribution. Wordings of a question
are averaged first. TPOT = (latency − TTFT) / (tokens − 1), tokens from the server's usage. Tokens per second are those
of a whole request, the wait for its first token included. Recorded and replayed timings must not be mixed: the caller
sees to that.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from llmxray.metrics.columns import Column, complete_rows
from llmxray.metrics.contrasts import medians, ratios, sums_and_sizes
from llmxray.metrics.evidence import estimate
from llmxray.metrics.resampling import encode_clusters
from llmxray.types import Estimate


def summary(values: Column, clusters: Sequence[Hashable] | None = None) -> Estimate:
    """Return the median over questions with its order-statistic 95% interval.

    Args:
        values: shape (n,), in any unit; None is left out and counted.
        clusters: shape (n,), the question of each value, where some questions have several, which are averaged.

    Returns:
        Estimate; ``n`` counts questions. It has no interval below 6 of them.

    Raises:
        InputError: a value is NaN or infinite.
    """
    rows = complete_rows(values)
    labels: Sequence[Hashable] = range(len(values)) if clusters is None else clusters
    n_asked = len(set(labels))
    if not rows.n:
        return Estimate(None, n=0, n_missing=n_asked, method="median")
    units = encode_clusters([labels[position] for position in rows.positions])
    contrast = medians(rows.columns, units)
    assert contrast is not None
    return estimate(contrast.evidence, n_asked - contrast.evidence.n)


def tpot(latency_s: float | None, ttft_s: float | None, tokens: int | None) -> float | None:
    """Return the time per output token after the first, (latency − TTFT) / (tokens − 1).

    Args:
        latency_s: seconds of the whole request.
        ttft_s: seconds to the first token.
        tokens: completion tokens.

    Returns:
        Seconds per token; None when an argument is None or there are fewer than two tokens.
    """
    if latency_s is None or ttft_s is None or tokens is None or tokens < 2:
        return None
    return (latency_s - ttft_s) / (tokens - 1)


def tokens_per_second(latency_s: float | None, tokens: int | None) -> float | None:
    """Return the completion tokens per second of the whole request.

    Args:
        latency_s: seconds of the whole request.
        tokens: completion tokens.

    Returns:
        Tokens per second; None when an argument is None or no time passed.
    """
    # Replayed at full speed a request takes no time, which says nothing of its rate.
    if latency_s is None or tokens is None or latency_s <= 0:
        return None
    return tokens / latency_s


def per_unit(
    amounts: Column,
    sizes: Column,
    rng: np.random.Generator,
    *,
    clusters: Sequence[Hashable] | None = None,
    name: str = "right answers per second",
) -> Estimate:
    """Return Σ amount / Σ size with its studentised bootstrap 95% interval over questions, see `contrasts.ratios`.

    Right answers and seconds give correct answers per second of waiting; costs and right answers the cost of one.

    Args:
        amounts, sizes: shape (n,), not negative; rows with a None in either column are left out and counted.
        rng: source of the resamples.
        clusters: shape (n,), the question of each row, where some are wordings of one question.
        name: of the ratio.

    Returns:
        Estimate; ``n`` counts questions. Its value is None where the sizes add up to 0.

    Raises:
        InputError: the columns differ in length, or a value is NaN or infinite.
    """
    rows = complete_rows(amounts, sizes)
    labels: Sequence[Hashable] = range(len(amounts)) if clusters is None else clusters
    units = encode_clusters([labels[position] for position in rows.positions])
    (amount, _), (size, _) = (sums_and_sizes(column, units) for column in rows.columns)
    if not size.sum() > 0:
        return Estimate(None, n=amount.size, n_missing=rows.n_missing, method=name)
    contrast = ratios([amount], [size], rng, name=name)
    if contrast is None:
        return Estimate(
            float(amount.sum() / size.sum()), n=amount.size, n_missing=rows.n_missing, method=name
        )
    return estimate(contrast.evidence, rows.n_missing)
