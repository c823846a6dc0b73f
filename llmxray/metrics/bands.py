"""Accuracy in two bands of confidence, and their difference.

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
from llmxray.metrics.missing_values import FloatArray, scored_rows
from llmxray.metrics.resampling import encode_clusters
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
    """Return the answers whose confidence ``keep`` accepts.

    Args:
        confidence: shape (n,), 0–1; rows with a None in either column are left out.
        correct: shape (n,), whether each answer is right.
        keep: whether a confidence belongs to the band.
        clusters: shape (n,), the question of each row, where several rows are about one question.

    Raises:
        InputError: the columns differ in length, or a confidence is not a number in 0–1.
    """
    rows = scored_rows(confidence, correct)
    confidences, correctness = rows.columns
    inside = np.array([keep(float(value)) for value in confidences], dtype=bool)
    hits = correctness[inside]
    if clusters is None:
        return Band(share(float(hits.sum()), hits.size), int(hits.size), np.zeros(0))
    codes = encode_clusters([clusters[position] for position in rows.kept])
    row_codes = codes[inside]
    accuracy = clustered_share([bool(hit) for hit in hits], row_codes.tolist())
    size = int(codes.max(initial=-1)) + 1
    errors = np.bincount(row_codes, weights=hits - (accuracy.value or 0.0), minlength=size)
    return Band(accuracy, int(np.unique(row_codes).size), errors)


def difference(a: Band, b: Band) -> Estimate:
    """Return the accuracy in a − the accuracy in b, with its 95% interval.

    Returns:
        Estimate, −1 to 1; its value is None where a band is empty.
    """
    return newcombe(a.accuracy, b.accuracy, correlation=_correlation(a.errors, b.errors))


def _correlation(a: FloatArray, b: FloatArray) -> float:
    scale = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / scale if scale > 0 else 0.0
