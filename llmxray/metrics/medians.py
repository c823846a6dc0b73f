"""Evidence on a median (latency, tokens), or on the medians of two conditions' same questions; see `contrasts`.

- `medians`, one side: sign test and order-statistic interval; clustered, or two sides: the percentile bootstrap of the
  median, or of the difference of the two.
- `median_ratios`: the percentile bootstrap of their ratio, less 1.
"""

from __future__ import annotations

import numpy as np

from llmxray.metrics.contrasts import N_RESAMPLES, Contrast, Sides
from llmxray.metrics.evidence import BootstrapEvidence, SignTestEvidence
from llmxray.metrics.missing_values import FloatArray, IntArray
from llmxray.metrics.resampling import cluster_draws, quotients


def medians(
    sides: Sides, units: IntArray, rng: np.random.Generator, n_resamples: int = N_RESAMPLES
) -> Contrast | None:
    """Return the evidence on a median, or on the difference of two medians.

    Args:
        sides: one or two arrays of shape (n,), aligned on the same questions.
        units: shape (n,), independent unit of each question, from 0 without gaps.
        rng: source of the resamples.
        n_resamples: number of resamples.
    """
    values = tuple(float(np.median(side)) for side in sides)
    n_units = int(units.max()) + 1
    if len(sides) == 1 and n_units == units.size:
        return Contrast(SignTestEvidence(np.sort(sides[0])), values)
    side_medians = _resample_medians(sides, units, rng, n_resamples)
    draws = side_medians[0] if len(side_medians) == 1 else side_medians[0] - side_medians[1]
    value = values[0] if len(values) == 1 else values[0] - values[1]
    name = "median" if len(sides) == 1 else "difference of medians"
    method = f"{name}, percentile bootstrap ({n_resamples} resamples)"
    return Contrast(BootstrapEvidence(value, np.sort(draws), (None, None), n_units, method), values)


def median_ratios(
    sides: Sides, units: IntArray, rng: np.random.Generator, n_resamples: int = N_RESAMPLES
) -> Contrast | None:
    """Return the evidence on median of side 0 / median of side 1 − 1, as 0.1 for a tenth more.

    Args:
        sides, units, rng, n_resamples: see `medians`, with two sides.

    Returns:
        None where a median is not above 0.
    """
    side_a, side_b = sides
    values = (float(np.median(side_a)), float(np.median(side_b)))
    if not min(values) > 0:
        return None
    medians_a, medians_b = _resample_medians(sides, units, rng, n_resamples)
    method = f"ratio of medians, percentile bootstrap ({n_resamples} resamples)"
    draws = np.sort(quotients(medians_a, medians_b) - 1)
    n_units = int(units.max()) + 1
    return Contrast(
        BootstrapEvidence(values[0] / values[1] - 1, draws, (-1.0, None), n_units, method), values
    )


def _resample_medians(
    sides: Sides, units: IntArray, rng: np.random.Generator, n_resamples: int
) -> list[FloatArray]:
    """Median of each side on the same resamples of units, each of shape (n_resamples,)."""
    orders = [np.argsort(side, kind="stable") for side in sides]
    chunks = [
        [
            _weighted_medians(side[order], times[:, units[order]])
            for side, order in zip(sides, orders, strict=True)
        ]
        for times in cluster_draws(int(units.max()) + 1, n_resamples, rng)
    ]
    return [np.concatenate(of_side) for of_side in zip(*chunks, strict=True)]


def _weighted_medians(values: FloatArray, times: FloatArray) -> FloatArray:
    """Median of ascending values that are drawn so often, times of shape (R, n); shape (R,)."""
    up_to = np.cumsum(times, axis=1)
    n = up_to[:, -1:]
    lower = (up_to >= np.floor((n + 1) / 2)).argmax(axis=1)
    upper = (up_to >= np.floor(n / 2) + 1).argmax(axis=1)
    middle: FloatArray = (values[lower] + values[upper]) / 2
    return middle
