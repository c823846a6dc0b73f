"""Time: medians, time per output token, and what accuracy costs in seconds.

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
import scipy

from llmxray.metrics.accuracy import FEWEST, clustered_standard_error
from llmxray.metrics.columns import Column, FloatArray, IntArray, column_mean, complete_rows
from llmxray.metrics.paired import paired_ratio
from llmxray.metrics.resampling import numbered, percentile_interval, ratios_of_sums, sums_of_clusters
from llmxray.types import Estimate


def summary(values_s: Column, clusters: Sequence[Hashable] | None = None) -> Estimate:
    """Median in the unit of the input with its order-statistic interval; no interval below 6 values.

    Args:
        clusters: the question of each value, where some are of one question; ``n`` counts questions.
    """
    rows = complete_rows(values_s)
    if clusters is not None and len(set(clusters)) < len(values_s):
        codes = numbered([clusters[place] for place in rows.kept])
        return _clustered_median(rows.columns[0], codes, len(set(clusters)))
    ordered = np.sort(rows.columns[0])
    method = "median, order-statistic interval of at least 95%"
    if rows.n == 0:
        return Estimate(None, n=0, n_missing=rows.n_missing, method=method)
    value = float(np.median(ordered))
    # Ranks r and n + 1 − r bracket the median unless fewer than r values lie on one side of it.
    rank = int(scipy.stats.binom.ppf(0.025, rows.n, 0.5))
    if rank == 0:
        return Estimate(value, n=rows.n, n_missing=rows.n_missing, method=method)
    low, high = float(ordered[rank - 1]), float(ordered[rows.n - rank])
    return Estimate(value, low, high, rows.n, rows.n_missing, method)


def _clustered_median(values: FloatArray, codes: IntArray, n_asked: int) -> Estimate:
    method = "median, Woodruff interval over questions"
    n_clusters = int(codes.max(initial=-1)) + 1
    n_missing = n_asked - n_clusters
    if not values.size:
        return Estimate(None, n=0, n_missing=n_missing, method=method)
    value, ordered = float(np.median(values)), np.sort(values)
    error = clustered_standard_error((values <= value).astype(np.float64), codes.tolist())
    if n_clusters < FEWEST or error is None:
        return Estimate(value, n=n_clusters, n_missing=n_missing, method=method)
    reach = float(scipy.stats.t.ppf(0.975, n_clusters - 1)) * error
    # The same ranks as for independent values, where `reach` is 1.96·½/√n.
    low, high = math.floor(values.size * (0.5 - reach)) - 1, math.ceil(values.size * (0.5 + reach))
    if low < 0 or high >= values.size:
        return Estimate(value, n=n_clusters, n_missing=n_missing, method=method)
    return Estimate(value, float(ordered[low]), float(ordered[high]), n_clusters, n_missing, method)


def tpot(latency_s: float | None, ttft_s: float | None, tokens: int | None) -> float | None:
    """Time per output token after the first, in seconds; None when unknown or below two tokens."""
    if latency_s is None or ttft_s is None or tokens is None or tokens < 2:
        return None
    return (latency_s - ttft_s) / (tokens - 1)


def tokens_per_second(latency_s: float | None, tokens: int | None) -> float | None:
    """Completion tokens per second of the whole request; None when unknown or no time passed."""
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
    """Accuracy / mean latency, the right answers per second of waiting; percentile bootstrap 95%.

    Args:
        clusters: the question of each item, where some are wordings of one question; ``n`` counts questions.
    """
    rows = complete_rows(correct, latency_s)
    got, spent = rows.columns
    if clusters is not None:
        codes = numbered([clusters[place] for place in rows.kept])
        got, spent = sums_of_clusters(got, codes), sums_of_clusters(spent, codes)
    method = f"right answers per second, percentile bootstrap 95% ({n_resamples} resamples)"
    if rows.n == 0 or spent.sum() == 0:
        return Estimate(None, n=got.size, n_missing=rows.n_missing, method=method)
    low, high = percentile_interval(ratios_of_sums(got, spent, rng, n_resamples), got.size)
    return Estimate(float(got.sum() / spent.sum()), low, high, int(got.size), rows.n_missing, method)


def ratio(a: Column, b: Column, rng: np.random.Generator, n_resamples: int = 2000) -> Estimate:
    """Mean of a / mean of b over the same items, paired percentile bootstrap 95%."""
    return paired_ratio(column_mean, (a,), (b,), rng, n_resamples)
