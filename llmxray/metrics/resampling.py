"""Rows that come in units, such as the wordings of a question: numbering, adding up, and bootstrap resamples of them.

Whole units are drawn, each with all its rows (Davison and Hinkley 1997, §3.8).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

import numpy as np

from llmxray.metrics.columns import FloatArray, IntArray

# Draws per chunk: small enough to stay in a processor's cache.
_CHUNK_DRAWS = 1 << 18


def cluster_draws(n: int, n_resamples: int, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Yield how often each of ``n`` units is in each resample, in chunks of shape (some, n)."""
    step = max(1, _CHUNK_DRAWS // n)
    for start in range(0, n_resamples, step):
        size = min(step, n_resamples - start)
        index = rng.integers(0, n, size=(size, n), dtype=np.intp) + np.arange(size)[:, None] * n
        yield np.bincount(index.ravel(), minlength=size * n).reshape(size, n).astype(np.float64)


def encode_clusters(clusters: Sequence[Hashable]) -> IntArray:
    """Return the units as numbers from 0, in the order of their first rows; shape (n,).

    >>> encode_clusters(["b", "a", "b"]).tolist()
    [0, 1, 0]
    """
    codes: dict[Hashable, int] = {}
    return np.array([codes.setdefault(cluster, len(codes)) for cluster in clusters], dtype=np.intp)


def sums_of_clusters(values: FloatArray, clusters: IntArray) -> FloatArray:
    """Return the sum of the values of each unit, shape (units,).

    Args:
        values: shape (n,).
        clusters: shape (n,), number of each value's unit, from 0 without gaps.
    """
    return np.bincount(clusters, weights=values).astype(np.float64)
