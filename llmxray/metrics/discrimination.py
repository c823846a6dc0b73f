"""Discrimination: area under the ROC curve (AUROC) of confidence against correctness, among comparable answers.

AUROC is the probability that a right answer is more confident than a wrong one, ties counting half; 0.5 means that
confidence is uninformative. Only answers to questions of one suite and one number of options are compared: a question
of ten options is answered less often rightly *and* less surely than one of two, so over both together even a model
that guesses seems to discriminate (pairs over 2 to 10 options turned 0.53 into 0.62).

The interval is Newcombe's (2006, Stat. Med. 25:559, method 5), which solves a score equation and stays within 0–1.
DeLong's (1988), value ± 1.96 standard errors, held the truth in 73 to 87 of 100 simulated samples of 5 right answers
and 155 wrong ones, Newcombe's in 95 to 97; and it has no width where the two are separated perfectly. Where several
answers are about one question the variance is multiplied by the design effect: Obuchowski's (1997) variance, which adds
up DeLong's components within each question first, over DeLong's own.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from llmxray.errors import InputError
from llmxray.metrics.accuracy import FEWEST, LEVEL
from llmxray.metrics.columns import Column, FloatArray, scored_rows
from llmxray.metrics.contrasts import Contrast, Graded, discriminations
from llmxray.metrics.resampling import encode_clusters
from llmxray.types import Estimate


def auroc(
    confidence: Column,
    correct: Column,
    clusters: Sequence[Hashable] | None = None,
    strata: Sequence[Hashable] | None = None,
) -> Estimate:
    """Return the AUROC of confidence within strata, with Newcombe's (2006) 95% interval.

    Args:
        confidence: shape (n,), 0–1; rows with a None in either column are left out and counted.
        correct: shape (n,), 0 or 1.
        clusters: shape (n,), the question of each row, where some have several.
        strata: shape (n,), rows with the same value are compared; by default all rows are.

    Returns:
        Estimate, 0–1; ``n`` counts rows. Its value is None where no stratum has both right and wrong answers; it has no
        interval below `FEWEST` questions.

    Raises:
        InputError: ``correct`` holds a fraction, the columns differ in length, or a value is not a number in 0–1.
    """
    rows = scored_rows(confidence, correct)
    result = contrast(confidence, correct, clusters, strata)
    if result is None:
        method = "AUROC within suite and number of options, Newcombe"
        return Estimate(None, n=rows.n, n_missing=rows.n_missing, method=method)
    evidence = result.evidence
    low, high = evidence.interval(LEVEL) if evidence.n >= FEWEST else (None, None)
    return Estimate(evidence.value, low, high, rows.n, rows.n_missing, evidence.method)


def contrast(
    confidence: Column,
    correct: Column,
    clusters: Sequence[Hashable] | None = None,
    strata: Sequence[Hashable] | None = None,
) -> Contrast | None:
    """Return the evidence on an AUROC; None where no stratum has both right and wrong answers.

    Parameters and errors are those of `auroc`.
    """
    rows = scored_rows(confidence, correct)
    confidences, correctness = rows.columns
    if not np.isin(correctness, (0.0, 1.0)).all():
        raise InputError("AUROC needs each row to be right or wrong: give single samples, not averages")
    if rows.n == 0:
        return None
    questions = range(len(correct)) if clusters is None else clusters
    row_strata: Sequence[Hashable] = [None] * len(correct) if strata is None else strata
    units, codes = (
        encode_clusters([labels[position] for position in rows.positions])
        for labels in (questions, row_strata)
    )
    return discriminations([Graded(confidences, correctness, units, codes)])


def auroc_replicates(
    times: FloatArray, confidence: FloatArray, correct: FloatArray, strata: Sequence[Hashable]
) -> FloatArray:
    """Return the AUROC on each of R resamples.

    Args:
        times: shape (R, n), how often each row is drawn.
        confidence: shape (n,), 0–1.
        correct: shape (n,), 0 or 1.
        strata: shape (n,), rows with the same value are compared.

    Returns:
        Shape (R,), 0–1; NaN where a resample has no pair to compare.
    """
    codes = encode_clusters(strata)
    above, pairs = np.zeros(times.shape[0]), np.zeros(times.shape[0])
    for stratum in range(int(codes.max(initial=-1)) + 1):
        members = np.flatnonzero(codes == stratum)
        order = members[np.argsort(confidence[members], kind="stable")]
        distinct = np.flatnonzero(np.diff(confidence[order], prepend=-1.0))
        hits = np.add.reduceat(times[:, order] * correct[order], distinct, axis=1)
        misses = np.add.reduceat(times[:, order] * (1 - correct[order]), distinct, axis=1)
        # Of the wrong answers, the less confident count fully and the equally confident half.
        below = np.cumsum(misses, axis=1) - misses / 2
        above += (hits * below).sum(axis=1)
        pairs += hits.sum(axis=1) * misses.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(above / pairs)
