"""Calibration errors of confidence, each convention under its own name.

With bins b of n_b rows out of N, gap_b = mean confidence − accuracy in b:

- `ece`: Σ (n_b/N)·|gap_b|, equal-width bins, B = 15 (Guo et al. 2017, arXiv:1706.04599); with
  ``scheme="equal-mass"``, B = 10, HELM's headline (Kumar et al. 2019, arXiv:1909.10155); with
  ``weighting="bin"`` the unweighted mean over non-empty bins.
- `module_bin_average`: five equal-width bins, unweighted: the course module's recipe, never "ECE".
- `mce`: max |gap_b|. `gap`: mean confidence − accuracy over all rows, positive is overconfident.
- `brier`: mean (confidence − correct)², 0–1 (Brier 1950). `brier_multiclass`: the mean over rows of
  the sum over options, 0–2.
- `smooth_ece` and `reliability_curve`: binless, see `smooth`.

Empty bins are omitted. No confidences, no number: None. `contrasts` gives the binned errors, the gap and Brier scores
an interval; MCE and smooth ECE are numbers without one, since none that was tried covers (docs/measured.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from llmxray.errors import InputError
from llmxray.metrics.binning import Bin, Scheme, Weighting, assign, bin_edges, reliability_bins
from llmxray.metrics.columns import Column, FloatArray, scored_rows
from llmxray.metrics.smooth import ReliabilityCurve, reliability_curve, smooth_ece

__all__ = [
    "Bin",
    "ReliabilityCurve",
    "Statistic",
    "brier",
    "brier_multiclass",
    "ece",
    "gap",
    "mce",
    "module_bin_average",
    "multiclass_scores",
    "reliability_bins",
    "reliability_curve",
    "smooth_ece",
]

type Statistic = Callable[[Column, Column], float | None]


def ece(
    confidence: Column,
    correct: Column,
    *,
    n_bins: int = 15,
    scheme: Scheme = "equal-width",
    weighting: Weighting = "count",
) -> float | None:
    """Return the expected calibration error, Σ weight_b·|mean confidence − accuracy| over non-empty bins.

    Args:
        confidence: shape (n,), 0–1; rows with a None in either column are left out.
        correct: shape (n,), 0 or 1, or a fraction where repeats were averaged.
        n_bins: number of bins, at least 1; 15 in Guo et al. (2017).
        scheme: ``equal-width`` or ``equal-mass`` bins, see `binning`.
        weighting: ``count`` weights a bin by its rows, ``bin`` weights all non-empty bins alike.

    Returns:
        0–1, lower is better; None without rows.

    Raises:
        InputError: ``n_bins`` is below 1, the columns differ in length, or a value is not a number in 0–1.

    >>> round(ece([0.9, 0.9, 0.6, 0.6], [1, 1, 1, 0]), 3)
    0.1
    """
    gaps = _gaps_of_bins(confidence, correct, n_bins, scheme)
    if gaps is None:
        return None
    sums, counts = gaps
    return float(np.abs(sums).sum() / counts.sum() if weighting == "count" else np.abs(sums / counts).mean())


def module_bin_average(confidence: Column, correct: Column) -> float | None:
    """Return the mean |gap| over the non-empty of five equal-width bins, the recipe of the course module.

    It is `ece` with ``n_bins=5`` and ``weighting="bin"``: 0–1, None without rows; the same errors.
    """
    return ece(confidence, correct, n_bins=5, weighting="bin")


def mce(
    confidence: Column, correct: Column, *, n_bins: int = 15, scheme: Scheme = "equal-width"
) -> float | None:
    """Return the maximum calibration error, the largest |gap| of a non-empty bin (Naeini et al. 2015).

    Parameters, range and errors are those of `ece`.
    """
    gaps = _gaps_of_bins(confidence, correct, n_bins, scheme)
    return None if gaps is None else float(np.abs(gaps[0] / gaps[1]).max())


def gap(confidence: Column, correct: Column) -> float | None:
    """Return mean confidence − accuracy over all rows.

    Returns:
        −1 to 1, positive is overconfident; None without rows.

    Raises:
        InputError: the columns differ in length, or a value is not a number in 0–1.
    """
    rows = scored_rows(confidence, correct)
    return float(np.mean(rows.columns[0] - rows.columns[1])) if rows.n else None


def brier(confidence: Column, correct: Column) -> float | None:
    """Return the mean of (confidence − correct)² (Brier 1950), of a binary outcome.

    Returns:
        0–1, lower is better; None without rows.

    Raises:
        InputError: the columns differ in length, or a value is not a number in 0–1.
    """
    rows = scored_rows(confidence, correct)
    return float(np.mean((rows.columns[0] - rows.columns[1]) ** 2)) if rows.n else None


def brier_multiclass(probs: Sequence[Sequence[float] | None], answers: Sequence[int | None]) -> float | None:
    """Return the mean over rows of Σ over options (p − [option is right])² (Brier 1950).

    Args:
        probs: shape (n,), the probabilities of each row's options; rows may differ in their number of options.
        answers: shape (n,), index of the right option, from 0; rows with a None in either are left out.

    Returns:
        0–2 for probabilities that add up to at most 1, lower is better; None without rows.

    Raises:
        InputError: the inputs differ in length, or an answer is not the index of an option.
    """
    scores = multiclass_scores(probs, answers)
    complete = [score for score in scores if score is not None]
    return sum(complete) / len(complete) if complete else None


def multiclass_scores(
    probs: Sequence[Sequence[float] | None], answers: Sequence[int | None]
) -> list[float | None]:
    """Return Σ over options (p − [option is right])² of each row, None where either is missing.

    Parameters and errors are those of `brier_multiclass`.
    """
    if len(probs) != len(answers):
        raise InputError(f"{len(probs)} rows of probabilities but {len(answers)} answers")
    scores: list[float | None] = []
    for row, answer in zip(probs, answers, strict=True):
        if row is None or answer is None:
            scores.append(None)
            continue
        if not 0 <= answer < len(row):
            raise InputError(f"answer {answer} is outside the {len(row)} options of its row")
        scores.append(float(sum((p - (i == answer)) ** 2 for i, p in enumerate(row))))
    return scores


def _gaps_of_bins(
    confidence: Column, correct: Column, n_bins: int, scheme: Scheme
) -> tuple[FloatArray, FloatArray] | None:
    """Σ (confidence − correct) and number of rows of each bin that is not empty; None without rows."""
    rows = scored_rows(confidence, correct)
    edges = bin_edges(rows.columns[0], n_bins, scheme)
    if not rows.n:
        return None
    bins = assign(rows.columns[0], edges)
    counts = np.bincount(bins).astype(np.float64)
    sums = np.bincount(bins, weights=rows.columns[0] - rows.columns[1])
    return sums[counts > 0], counts[counts > 0]
