"""Sure answers against unsure ones: the accuracy in two bands of confidence, and their difference.

With one row a question two bands hold different questions, and Newcombe's interval joins their Wilson intervals.
Where several rows are about one question (rotations, repeats), both bands may hold rows of the same question: each
band then has Wilson's interval at its effective n (`accuracy.clustered_share`), and the two are joined with their
correlation r, d ± √(δ_a² − 2r·δ_a·δ_b + δ_b²), as Newcombe (1998, Stat. Med. 17:2635) does for paired
proportions. r is that of the questions' shares in the two errors, Σ z_a·z_b / √(Σ z_a²·Σ z_b²), z the sum over a
question's rows in the band of (correct − accuracy).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from llmxray.metrics.accuracy import clustered_share, newcombe, share
from llmxray.metrics.columns import FloatArray, scored_rows
from llmxray.metrics.resampling import numbered
from llmxray.types import Estimate


@dataclass(frozen=True, slots=True)
class Band:
    """The answers in one band of confidence.

    Attributes:
        accuracy: of the answers in it; ``n`` counts rows.
        n_clusters: questions they are about.
        errors: shape (all questions,), each question's sum of (correct − accuracy); empty without clusters.
    """

    accuracy: Estimate
    n_clusters: int
    errors: FloatArray


def band(
    confidence: Sequence[float | None],
    correct: Sequence[bool | None],
    keep: Callable[[float], bool],
    clusters: Sequence[Hashable] | None = None,
) -> Band:
    """The answers whose confidence ``keep`` accepts; rows with a missing value are left out.

    Args:
        clusters: one per row, where several rows are about one question.
    """
    rows = scored_rows(confidence, correct)
    sure, right = rows.columns
    inside = np.array([keep(float(value)) for value in sure], dtype=bool)
    hits = right[inside]
    if clusters is None:
        return Band(share(float(hits.sum()), hits.size), int(hits.size), np.zeros(0))
    codes = numbered([clusters[place] for place in rows.kept])
    within = codes[inside]
    accuracy = clustered_share([bool(hit) for hit in hits], within.tolist())
    size = int(codes.max(initial=-1)) + 1
    errors = np.bincount(within, weights=hits - (accuracy.value or 0.0), minlength=size)
    return Band(accuracy, int(np.unique(within).size), errors)


def difference(a: Band, b: Band) -> Estimate:
    """Accuracy in a − accuracy in b, 95%; None where a band is empty."""
    return newcombe(a.accuracy, b.accuracy, correlation=_correlation(a.errors, b.errors))


def _correlation(a: FloatArray, b: FloatArray) -> float:
    spread = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / spread if spread > 0 else 0.0
