"""The usual distributions, by scipy's special functions.

``scipy.stats`` has them too, loads for most of a second to do so, and takes a hundred times as long for one number.
Probabilities and quantiles are 0–1 where nothing else is said; a *tail* is the probability of more.
"""

from __future__ import annotations

import numpy as np
import scipy

from llmxray.metrics.columns import FloatArray, IntArray


def normal_quantile(share: float) -> float:
    """Return the value of the standard normal distribution that so large a share lies below."""
    return float(scipy.special.ndtri(share))


def normal_tail(x: float) -> float:
    """Return P(X > x), X standard normal."""
    return float(scipy.special.ndtr(-x))


def t_quantile(share: float, freedom: float) -> float:
    """Return the value of Student's t, with so many degrees of freedom, that so large a share lies below."""
    return float(scipy.special.stdtrit(freedom, share))


def t_tail(x: float, freedom: float) -> float:
    """Return P(X > x), X Student's t with so many degrees of freedom."""
    return float(scipy.special.stdtr(freedom, -x))


def chi2_tail(x: float, freedom: float) -> float:
    """Return P(X > x), X chi-squared with so many degrees of freedom."""
    return float(scipy.special.chdtrc(freedom, x))


def binomial_cdf(k: int, n: int, p: float) -> float:
    """Return P(X ≤ k), X Binomial(n, p)."""
    if not 0 <= k < n:
        return 0.0 if k < 0 else 1.0
    # Not its ``bdtr``, which is the same to eleven digits only.
    return float(scipy.special.betainc(n - k, k + 1, 1 - p))


def binomial_tail(k: int, n: int, p: float) -> float:
    """Return P(X > k), X Binomial(n, p)."""
    if not 0 <= k < n:
        return 1.0 if k < 0 else 0.0
    return float(scipy.special.betainc(k + 1, n - k, p))


def fair_coins_tail(k: IntArray, n: IntArray) -> FloatArray:
    """Return P(X > k), X Binomial(n, ½), for many at once: k from −1 and n above 0, of one shape."""
    return np.asarray(scipy.special.bdtrc(k.astype(np.float64), n, 0.5), dtype=np.float64)


def fair_coins_quantile(share: float, n: int) -> int:
    """Return the smallest k with P(X ≤ k) of at least ``share``, X Binomial(n, ½)."""
    # A guess from the continuous function, whose rounding may lie one off.
    guess = max(0, int(np.ceil(scipy.special.bdtrik(share, n, 0.5))) - 1)
    while binomial_cdf(guess, n, 0.5) < share:
        guess += 1
    return guess


def clopper_pearson(k: int, n: int, level: float) -> tuple[float, float]:
    """Return the ends of the exact interval of a share of ``k`` in ``n`` (Clopper and Pearson 1934)."""
    tail = (1 - level) / 2
    low = 0.0 if k == 0 else float(scipy.special.betaincinv(k, n - k + 1, tail))
    high = 1.0 if k == n else float(scipy.special.betainccinv(k + 1, n - k, tail))
    return low, high
