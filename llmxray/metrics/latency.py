"""Latency: medians, time per output token, and correct answers per second.

Latencies are skewed, so the summary is the median with the order-statistic interval: the ranks whose
binomial(n, ½) probability of bracketing the median is at least 95%, whatever the distribution. Where questions come
in several wordings the interval is Woodruff's (1952): the clustered interval of the share of values up to the median,
read off the distribution of the values.
TPOT = (latency − TTFT) / (tokens − 1), tokens from the server's usage. Tokens per second are those of a whole
request, the wait for its first token included. Recorded and replayed timings must not be mixed: the caller sees to
that.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

import numpy as np

from llmxray.metrics.accuracy import FEWEST, clustered_standard_error
from llmxray.metrics.distributions import fair_coins_quantile, t_quantile
from llmxray.metrics.missing_values import Column, FloatArray, IntArray, column_mean, complete_rows
from llmxray.metrics.paired import paired_ratio
from llmxray.metrics.resampling import encode_clusters, percentile_interval, ratios_of_sums, sums_of_clusters
from llmxray.types import Estimate


def summary(values_s: Column, clusters: Sequence[Hashable] | None = None) -> Estimate:
    """Return the median with its order-statistic 95% interval.

    Args:
        values_s: shape (n,), seconds (or any other unit, which the result then has); None is left out and counted.
        clusters: shape (n,), the question of each value, where some questions have several; Woodruff's (1952) interval.

    Returns:
        Estimate; ``n`` counts values, or with clusters questions. It has no interval below 6 of them.

    Raises:
        InputError: a value is NaN or infinite.
    """
    rows = complete_rows(values_s)
    if clusters is not None and len(set(clusters)) < len(values_s):
        codes = encode_clusters([clusters[position] for position in rows.kept])
        return _clustered_median(rows.columns[0], codes, len(set(clusters)))
    sorted_values = np.sort(rows.columns[0])
    method = "median, order-statistic interval of at least 95%"
    if rows.n == 0:
        return Estimate(None, n=0, n_missing=rows.n_missing, method=method)
    value = float(np.median(sorted_values))
    # Ranks r and n + 1 − r bracket the median unless fewer than r values lie on one side of it.
    rank = fair_coins_quantile(0.025, rows.n)
    if rank == 0:
        return Estimate(value, n=rows.n, n_missing=rows.n_missing, method=method)
    low, high = float(sorted_values[rank - 1]), float(sorted_values[rows.n - rank])
    return Estimate(value, low, high, rows.n, rows.n_missing, method)


def _clustered_median(values: FloatArray, codes: IntArray, n_asked: int) -> Estimate:
    method = "median, Woodruff interval over questions"
    n_clusters = int(codes.max(initial=-1)) + 1
    n_missing = n_asked - n_clusters
    if not values.size:
        return Estimate(None, n=0, n_missing=n_missing, method=method)
    value, sorted_values = float(np.median(values)), np.sort(values)
    error = clustered_standard_error((values <= value).astype(np.float64), codes.tolist())
    if n_clusters < FEWEST or error is None:
        return Estimate(value, n=n_clusters, n_missing=n_missing, method=method)
    reach = t_quantile(0.975, n_clusters - 1) * error
    # The same ranks as for independent values, where `reach` is 1.96·½/√n.
    low, high = math.floor(values.size * (0.5 - reach)) - 1, math.ceil(values.size * (0.5 + reach))
    if low < 0 or high >= values.size:
        return Estimate(value, n=n_clusters, n_missing=n_missing, method=method)
    return Estimate(
        value, float(sorted_values[low]), float(sorted_values[high]), n_clusters, n_missing, method
    )


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


def accuracy_per_second(
    correct: Column,
    latency_s: Column,
    rng: np.random.Generator,
    n_resamples: int = 2000,
    *,
    clusters: Sequence[Hashable] | None = None,
) -> Estimate:
    """Return accuracy / mean latency, correct answers per second of waiting, with a percentile bootstrap 95% interval.

    Args:
        correct: shape (n,), 0 or 1, or a fraction where repeats were averaged.
        latency_s: shape (n,), seconds; rows with a None in either column are left out and counted.
        rng: source of the resamples.
        n_resamples: number of resamples.
        clusters: shape (n,), the question of each item, where some are wordings of one question.

    Returns:
        Estimate, per second; ``n`` counts questions. Its value is None without rows or when no time passed.

    Raises:
        InputError: the columns differ in length, or a value is NaN or infinite.
    """
    rows = complete_rows(correct, latency_s)
    hits, seconds = rows.columns
    if clusters is not None:
        codes = encode_clusters([clusters[position] for position in rows.kept])
        hits, seconds = sums_of_clusters(hits, codes), sums_of_clusters(seconds, codes)
    method = f"right answers per second, percentile bootstrap 95% ({n_resamples} resamples)"
    if rows.n == 0 or seconds.sum() == 0:
        return Estimate(None, n=hits.size, n_missing=rows.n_missing, method=method)
    low, high = percentile_interval(ratios_of_sums(hits, seconds, rng, n_resamples), hits.size)
    return Estimate(float(hits.sum() / seconds.sum()), low, high, int(hits.size), rows.n_missing, method)


def ratio(a: Column, b: Column, rng: np.random.Generator, n_resamples: int = 2000) -> Estimate:
    """Return the mean of a / the mean of b over the same items, with its paired percentile bootstrap 95% interval.

    Args:
        a, b: shape (n,), aligned; items with a None in either are left out and counted.
        rng: source of the resamples.
        n_resamples: number of resamples.

    Returns:
        Estimate; its value is None without items or when the mean of b is 0.

    Raises:
        InputError: the columns differ in length, or a value is NaN or infinite.
    """
    return paired_ratio(column_mean, (a,), (b,), rng, n_resamples)
