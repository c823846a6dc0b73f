"""Correlation of two accuracies over conditions or categories, and the smallest one that few points can show.

Pearson's r with Fisher's interval, tanh(artanh r ± z/√(n − 3)), which needs four points and is None at
|r| = 1; its p-value is that of the permutation test on |r|, all n! orders up to n = 7, 9,999 random ones above
(the order observed counted). `critical`: the smallest |r| that n points can tell from 0 at 5%, from Student's t
with n − 2 degrees of freedom: .95 for four points.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from llmxray.metrics.columns import Column, FloatArray, complete_rows
from llmxray.metrics.distributions import normal_quantile, t_quantile
from llmxray.types import Estimate

# 7! = 5,040 orders are fewer than would be drawn; 8! are not.
_ALL_ORDERS_UP_TO = 7
# Together with the observed order these are 10,000, so that p has four decimals.
_ORDERS = 9_999


@dataclass(frozen=True, slots=True)
class Correlation:
    """Correlation of two columns.

    Attributes:
        r: the coefficient, −1 to 1; None with fewer than three points or when a column does not vary.
        p_value: permutation test of no association, two-sided; None where ``r`` has no value.
        critical: smallest significant |r| of this many points; None below three points.
    """

    r: Estimate
    p_value: float | None
    critical: float | None

    @property
    def shown(self) -> bool:
        """Whether the correlation is significant at 5%."""
        return self.p_value is not None and self.p_value < 0.05


def correlation(x: Column, y: Column, rng: np.random.Generator) -> Correlation:
    """Return the correlation of two columns with Fisher's 95% interval and a permutation test.

    Args:
        x, y: shape (n,), aligned on the same points; points with a None are left out and counted.
        rng: source of the permutations, used for more than 7 points.

    Raises:
        InputError: the columns differ in length, or a value is NaN or infinite.
    """
    rows = complete_rows(x, y)
    a, b = rows.columns
    method = "Pearson correlation, Fisher 95%"
    if rows.n < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return Correlation(
            Estimate(None, n=rows.n, n_missing=rows.n_missing, method=method), None, critical(rows.n)
        )
    u, v = a - a.mean(), b - b.mean()
    r = float(np.clip((u @ v) / math.sqrt(float(u @ u) * float(v @ v)), -1, 1))
    ends = fisher_intervals(np.array([r]), np.array([rows.n]))
    low, high = (None if np.isnan(end[0]) else float(end[0]) for end in ends)
    estimate = Estimate(r, low, high, rows.n, rows.n_missing, method)
    return Correlation(estimate, _permutation(a, b, rng), critical(rows.n))


def critical(n: int) -> float | None:
    """Return the smallest |r| of ``n`` points that differs significantly from 0 (two-sided t test at 5%).

    Args:
        n: number of points.

    Returns:
        0–1; None below three points.

    >>> round(critical(4), 2)
    0.95
    """
    if n < 3:
        return None
    t = t_quantile(0.975, n - 2)
    return t / math.sqrt(n - 2 + t * t)


def fisher_intervals(r: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return Fisher's 95% intervals of many coefficients at once.

    Args:
        r: coefficients, −1 to 1.
        n: observations behind each coefficient; the same shape as ``r``.

    Returns:
        Low and high ends, of the same shape; NaN where |r| is 1, or n is below 4.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = np.where((np.abs(r) < 1) & (n > 3), np.arctanh(r), np.nan)
        half = normal_quantile(0.975) / np.sqrt(n - 3)
    return np.tanh(centre - half), np.tanh(centre + half)


def _permutation(a: FloatArray, b: FloatArray, rng: np.random.Generator) -> float:
    u, v = a - a.mean(), b - b.mean()
    # |Σ u·v| orders the deals as |r| does, for the spreads are the same in all of them.
    # A rounding error is subtracted, because sums of the same products in another order differ in their last bits.
    observed = abs(float(u @ v)) - 1e-12 * float(np.abs(u) @ np.abs(v))
    if a.size <= _ALL_ORDERS_UP_TO:
        orders = np.array(list(itertools.permutations(range(a.size))))
        return float((np.abs(v[orders] @ u) >= observed).mean())
    deals = rng.permuted(np.tile(v, (_ORDERS, 1)), axis=1)
    return (int((np.abs(deals @ u) >= observed).sum()) + 1) / (_ORDERS + 1)
