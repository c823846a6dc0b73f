"""Binless calibration: smooth ECE and the smoothed reliability curve.

Błasiok and Nakkiran 2023 (arXiv:2309.12236). With residuals r_i = confidence_i − correct_i and a
Gaussian kernel K_σ reflected at 0 and 1, smECE_σ = ∫ |Σ_i r_i K_σ(t, f_i)| dt / ∫ Σ_i K_σ(t, f_i) dt,
and smECE is its value at the bandwidth where smECE_σ = σ, found by bisection to 1/1024. Lower is
better, 0–1. The discretisation (grid of 1001 points or finer, kernel cut at ±0.5, density floor
1e-4) is that of the authors' implementation, so that the numbers agree with published ones; against
the exact integral it costs less than 2e-4 on the reference inputs.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import scipy

from llmxray.metrics.columns import Column, FloatArray, scored_rows

# These three values are the authors' own; others would give another bandwidth.
_SMALLEST_BANDWIDTH = 0.001
_BISECTIONS = 10
_DENSITY_FLOOR = 1e-4
# Below half an item's worth of kernel weight the curve would be drawn from nothing.
_LEAST_WEIGHT = 0.5
_CURVE_POINTS = 101


@dataclass(frozen=True, slots=True)
class ReliabilityCurve:
    """Smoothed accuracy against confidence.

    Attributes:
        grid: confidences, evenly spaced from 0 to 1.
        accuracy: smoothed accuracy, 0–1; None where no confidence lies near.
    """

    grid: tuple[float, ...]
    accuracy: tuple[float | None, ...]


def smooth_ece(confidence: Column, correct: Column, *, bandwidth: float | None = None) -> float | None:
    """Return the smooth ECE (Błasiok and Nakkiran 2023).

    Args:
        confidence: shape (n,), 0–1; rows with a None in either column are left out.
        correct: shape (n,), 0 or 1, or a fraction where repeats were averaged.
        bandwidth: σ of the kernel, above 0; None for the one at which smECE_σ = σ.

    Returns:
        0–1, lower is better; None without rows.

    Raises:
        InputError: the columns differ in length, or a value is not a number in 0–1.
    """
    rows = scored_rows(confidence, correct)
    if rows.n == 0:
        return None
    smoother = _Smoother(*rows.columns)
    return smoother.error(smoother.best_bandwidth() if bandwidth is None else bandwidth)


def reliability_curve(
    confidence: Column, correct: Column, *, bandwidth: float | None = None
) -> ReliabilityCurve:
    """Return the smoothed calibration curve: the diagonal minus the smoothed residual, whose size smECE integrates.

    Smoothing residuals, not correctness, keeps a calibrated model on the diagonal at any bandwidth. The kernel is not
    cut here: the authors' cut would put a kink into the curve at a distance of 0.5 from every cluster of confidences.

    Args:
        confidence: shape (n,), 0–1; rows with a None in either column are left out.
        correct: shape (n,), 0 or 1, or a fraction where repeats were averaged.
        bandwidth: see `smooth_ece`.

    Raises:
        InputError: the columns differ in length, or a value is not a number in 0–1.
    """
    rows = scored_rows(confidence, correct)
    grid = np.linspace(0, 1, _CURVE_POINTS)
    if rows.n == 0:
        return ReliabilityCurve(tuple(grid.tolist()), (None,) * _CURVE_POINTS)
    smoother = _Smoother(*rows.columns)
    sigma = smoother.best_bandwidth() if bandwidth is None else bandwidth
    residual, weight = smoother.smoothed(grid, sigma, cut=False)
    is_supported = weight * sigma * np.sqrt(2 * np.pi) >= _LEAST_WEIGHT
    curve = np.clip(grid - residual / np.maximum(weight, _DENSITY_FLOOR), 0, 1)
    return ReliabilityCurve(
        grid=tuple(grid.tolist()),
        accuracy=tuple(float(y) if ok else None for y, ok in zip(curve, is_supported, strict=True)),
    )


class _Smoother:
    """Residuals and weights of some rows, to be smoothed at any bandwidth.

    Reflection at both ends makes the smoothing diagonal in the cosine basis (DCT-I), so the rows are
    transformed once per grid size and each bandwidth costs one inverse transform.
    """

    def __init__(self, confidence: FloatArray, correct: FloatArray) -> None:
        self._confidences = confidence
        self._values = (confidence - correct, np.ones_like(confidence))
        self._spectra: dict[int, FloatArray] = {}

    def best_bandwidth(self) -> float:
        """Bisection for error(σ) = σ; returns the upper end."""
        high, low = 1.0, 0.0
        if self.error(high) > high:
            return high
        for _ in range(_BISECTIONS):
            middle = (high + low) / 2
            if middle < _SMALLEST_BANDWIDTH or self.error(middle) > middle:
                low = middle
            else:
                high = middle
        return high

    def error(self, sigma: float) -> float:
        """smECE at bandwidth ``sigma``."""
        # Ten points per bandwidth, as in the authors' code.
        residual, weight = self.smoothed(_even_grid(max(200, round(10 / sigma))), sigma)
        return float(np.abs(residual).sum() / (weight + _DENSITY_FLOOR).sum())

    def smoothed(self, at: FloatArray, sigma: float, *, cut: bool = True) -> tuple[FloatArray, FloatArray]:
        """Σ_i v_i · K_σ(t, f_i) at each t of ``at``, for v the residuals and for v = 1."""
        # The size is odd, so that the centre of the kernel is a grid point.
        size = max(2000, round(20 / sigma)) // 4 * 2 + 1
        if size not in self._spectra:
            spread = [_spread_to_grid(self._confidences, values, size) for values in self._values]
            self._spectra[size] = scipy.fft.dct(np.array(spread), type=1)
        residual, weight = scipy.fft.idct(self._spectra[size] * _kernel_spectrum(sigma, size, cut), type=1)
        grid = _even_grid(size)
        return np.interp(at, grid, residual), np.interp(at, grid, weight)


# A bootstrap bisects through the same few bandwidths in every resample.
@functools.lru_cache(maxsize=64)
def _even_grid(size: int) -> FloatArray:
    """``size`` points from 0 to 1; not to be changed."""
    grid = np.linspace(0, 1, size)
    grid.setflags(write=False)
    return grid


@functools.lru_cache(maxsize=64)
def _kernel_spectrum(sigma: float, size: int, cut: bool) -> FloatArray:
    """Cosine transform of the Gaussian density on the grid, ``cut`` at a distance of 0.5 or whole."""
    distance = _even_grid(size)
    kernel = np.exp(-(distance**2) / (2 * sigma**2)) / (np.sqrt(2 * np.pi) * sigma)
    if cut:
        kernel[size // 2 + 1 :] = 0
    return np.asarray(scipy.fft.dct(kernel, type=1), dtype=np.float64)


def _spread_to_grid(confidences: FloatArray, values: FloatArray, size: int) -> FloatArray:
    """Each value split linearly between the two grid points around its confidence."""
    lower_point = np.minimum((confidences * (size - 1)).astype(np.intp), size - 2)
    share = confidences * (size - 1) - lower_point
    lower = np.bincount(lower_point, weights=values * (1 - share), minlength=size)
    return lower + np.bincount(lower_point + 1, weights=values * share, minlength=size)
