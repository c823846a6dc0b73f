"""Accuracy in two bands of confidence, and the evidence on their difference.

One right and one wrong answer, each of average weight, are added to either band (Agresti and Caffo 2000). Where several
rows are about one question (rotations, repeats), both bands may hold rows of the same question. So the standard error
is that of the questions' parts in the difference, Σ (y − p_a)/n_a − Σ (y − p_b)/n_b over a question's rows in either
band; without repeats it is Agresti and Caffo's. Student's t has the questions of the smaller band less one as degrees
of freedom.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from llmxray.metrics.accuracy import FEWEST, clustered_share
from llmxray.metrics.columns import FloatArray, scored_rows
from llmxray.metrics.evidence import WaldEvidence
from llmxray.metrics.resampling import encode_clusters
from llmxray.types import Estimate


@dataclass(frozen=True, slots=True)
class Band:
    """The answers in one band of confidence.

    Attributes:
        accuracy: of the answers in it; ``n`` counts rows.
        hits, sizes: shape (all questions,), each question's right answers and answers in the band.
    """

    accuracy: Estimate
    hits: FloatArray
    sizes: FloatArray

    @property
    def n_clusters(self) -> int:
        """Questions that the answers are about."""
        return int((self.sizes > 0).sum())


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
    codes = encode_clusters(
        [position if clusters is None else clusters[position] for position in rows.positions]
    )
    n_questions = int(codes.max(initial=-1)) + 1
    hits, kept = correctness[inside], codes[inside]
    return Band(
        clustered_share([bool(hit) for hit in hits], kept.tolist()),
        np.bincount(kept, weights=hits, minlength=n_questions),
        np.bincount(kept, minlength=n_questions).astype(np.float64),
    )


def difference(a: Band, b: Band) -> WaldEvidence | None:
    """Return the evidence on the accuracy in a − the accuracy in b, −1 to 1; None with under `FEWEST` questions."""
    fewest = min(a.n_clusters, b.n_clusters)
    if fewest < FEWEST:
        return None
    centre, parts, added = 0.0, np.zeros(a.sizes.size), []
    for sign, side in ((1, a), (-1, b)):
        weight = side.sizes.sum() / side.n_clusters
        n = side.sizes.sum() + 2 * weight
        p = float((side.hits.sum() + weight) / n)
        centre += sign * p
        parts += sign * (side.hits - p * side.sizes) / n
        added += [weight * (1 - p) / n, weight * p / n]
    ends = centre, math.sqrt(float(parts @ parts) + float(np.square(added).sum()))
    value = float(a.hits.sum() / a.sizes.sum() - b.hits.sum() / b.sizes.sum())
    n_units = int((a.sizes + b.sizes > 0).sum())
    method = "difference of bands, Agresti–Caffo with Student's t over questions"
    return WaldEvidence(value, ends, ends, fewest - 1, (-1.0, 1.0), n_units, method)
