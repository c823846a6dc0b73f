"""Time: medians, time per output token, and what accuracy costs in seconds.

Latencies are skewed, so the summary is the median with the order-statistic interval: the ranks whose
binomial(n, ½) probability of bracketing the median is at least 95%, whatever the distribution.
TPOT = (latency − TTFT) / (tokens − 1), tokens from the server's usage. Throughput is Σ tokens / Σ seconds, the
rate of the whole run for one user, not the mean of the requests' rates, which short answers would rule. Recorded
and replayed timings must not be mixed: the caller sees to that.
"""

from __future__ import annotations

import numpy as np
import scipy

from llmxray.types import Estimate

from .columns import Column, column_mean, complete_rows
from .paired import paired_ratio
from .resampling import percentile_interval, ratios_of_sums


def summary(values_s: Column) -> Estimate:
    """Median in the unit of the input with its order-statistic interval; no interval below 6 values."""
    rows = complete_rows(values_s)
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


def ttft(ttft_s: Column) -> Estimate:
    """Median time to the first token of any kind, seconds."""
    return summary(ttft_s)


def latency(latency_s: Column) -> Estimate:
    """Median time to the last byte, seconds."""
    return summary(latency_s)


def throughput(
    tokens: Column, latency_s: Column, rng: np.random.Generator, n_resamples: int = 2000
) -> Estimate:
    """Completion tokens per second over all requests; percentile bootstrap 95%."""
    return _rate(tokens, latency_s, rng, n_resamples, "tokens per second")


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
    correct: Column, latency_s: Column, rng: np.random.Generator, n_resamples: int = 2000
) -> Estimate:
    """Accuracy / mean latency, the right answers per second of waiting; percentile bootstrap 95%."""
    return _rate(correct, latency_s, rng, n_resamples, "right answers per second")


def ratio(a: Column, b: Column, rng: np.random.Generator, n_resamples: int = 2000) -> Estimate:
    """Mean of a / mean of b over the same items, paired percentile bootstrap 95%."""
    return paired_ratio(column_mean, (a,), (b,), rng, n_resamples)


def _rate(amount: Column, seconds: Column, rng: np.random.Generator, n_resamples: int, unit: str) -> Estimate:
    rows = complete_rows(amount, seconds)
    got, spent = rows.columns
    method = f"{unit}, percentile bootstrap 95% ({n_resamples} resamples)"
    if rows.n == 0 or spent.sum() == 0:
        return Estimate(None, n=rows.n, n_missing=rows.n_missing, method=method)
    low, high = percentile_interval(ratios_of_sums(got, spent, rng, n_resamples))
    return Estimate(float(got.sum() / spent.sum()), low, high, rows.n, rows.n_missing, method)
