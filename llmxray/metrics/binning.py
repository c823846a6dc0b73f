"""Bins of confidence, and what happened in each.

*Equal width*: edges i/B, bins (a, b], confidence 0 in the first bin (Guo et al. 2017).
*Equal mass*: the sorted confidences are cut into B runs of nearly equal length, edges at the
midpoints between sorted neighbours, tied edges merged, bins (a, b], so that equal confidences share a bin
(Kumar et al. 2019, as used by HELM). Fewer rows than bins give one bin per row.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from llmxray.errors import InputError
from llmxray.metrics.accuracy import clustered_share, share
from llmxray.metrics.columns import Column, FloatArray, IntArray, scored_rows
from llmxray.types import Estimate

Scheme = Literal["equal-width", "equal-mass"]
Weighting = Literal["count", "bin"]


@dataclass(frozen=True, slots=True)
class Bin:
    """One non-empty bin (low, high].

    Attributes:
        low, high: edges, 0–1.
        n: rows in the bin.
        mean_confidence: mean of their confidences.
        accuracy: share of them that is correct, Wilson 95%, at the effective n where rows come in clusters.
    """

    low: float
    high: float
    n: int
    mean_confidence: float
    accuracy: Estimate


def bin_edges(confidence: FloatArray, n_bins: int, scheme: Scheme) -> FloatArray:
    """Return the edges of the bins.

    Args:
        confidence: shape (n,), 0–1; used by equal mass only.
        n_bins: number of bins, at least 1.
        scheme: ``equal-width`` or ``equal-mass``.

    Returns:
        Ascending from 0 to 1, shape (n_bins + 1,); equal mass may give fewer.

    Raises:
        InputError: ``n_bins`` is below 1.
    """
    if n_bins < 1:
        raise InputError(f"the number of bins must be at least 1, got {n_bins}")
    if scheme == "equal-width":
        # i/B is the double nearest to the edge as written (0.3, not 0.30000000000000004).
        return np.arange(n_bins + 1) / n_bins
    runs = np.array_split(np.sort(confidence), max(1, min(n_bins, confidence.size)))
    cuts = [(lower[-1] + upper[0]) / 2 for lower, upper in itertools.pairwise(runs)]
    # A cut at 0 stays beside the lower edge 0: many confidences of exactly 0 make a bin of their own.
    return np.concatenate(([0.0], np.unique([*cuts, 1.0])))


def assign(confidence: FloatArray, edges: FloatArray) -> IntArray:
    """Return the bin of each confidence, shape (n,), from 0; bins are (a, b], and confidence 0 is in the first."""
    return np.maximum(np.searchsorted(edges, confidence, side="left") - 1, 0)


def reliability_bins(
    confidence: Column,
    correct: Column,
    *,
    n_bins: int = 15,
    clusters: Sequence[Hashable] | None = None,
) -> tuple[Bin, ...]:
    """Return the non-empty bins of equal width of a reliability diagram, in ascending order.

    Args:
        confidence: shape (n,), 0–1; rows with a None in either column are left out.
        correct: shape (n,), 0 or 1.
        n_bins: number of bins, at least 1.
        clusters: shape (n,), the question of each row, where several rows are about one question.

    Raises:
        InputError: ``n_bins`` is below 1, the columns differ in length, or a value is not a number in 0–1.
    """
    rows = scored_rows(confidence, correct)
    confidences, correctness = rows.columns
    edges = bin_edges(confidences, n_bins, "equal-width")
    bins = assign(confidences, edges)
    return tuple(
        Bin(
            low=float(edges[bin_]),
            high=float(edges[bin_ + 1]),
            n=int((bins == bin_).sum()),
            mean_confidence=float(confidences[bins == bin_].mean()),
            accuracy=_accuracy(correctness[bins == bin_], rows.positions[bins == bin_], clusters),
        )
        for bin_ in np.unique(bins)
    )


def _accuracy(correctness: FloatArray, positions: IntArray, clusters: Sequence[Hashable] | None) -> Estimate:
    if clusters is None:
        return share(float(correctness.sum()), correctness.size)
    return clustered_share([bool(hit) for hit in correctness], [clusters[position] for position in positions])
