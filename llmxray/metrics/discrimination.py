"""Does confidence sort right answers from wrong ones? The area under the ROC curve (AUROC), among comparable answers.

AUROC is the chance that a right answer is more confident than a wrong one, ties counting half; 0.5 says that
confidence knows nothing. Only answers to questions of one suite and one number of options are compared: a question of
ten options is answered less often rightly *and* less surely than one of two, so that over both together even a model
that guesses seems to know (pairs over 2 to 10 options turned 0.53 into 0.62).

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
from llmxray.metrics.resampling import numbered
from llmxray.types import Estimate


def auroc(
    confidence: Column,
    correct: Column,
    clusters: Sequence[Hashable] | None = None,
    strata: Sequence[Hashable] | None = None,
) -> Estimate:
    """AUROC with its 95% interval; ``n`` counts rows.

    The value is None where no stratum has both right and wrong answers; no interval below `FEWEST` questions.
    InputError for fractional ``correct``.

    Args:
        clusters: the question of each row, where some have several.
        strata: rows that may be compared share one; all of them unless given.
    """
    rows = scored_rows(confidence, correct)
    found = contrast(confidence, correct, clusters, strata)
    if found is None:
        method = "AUROC within suite and number of options, Newcombe"
        return Estimate(None, n=rows.n, n_missing=rows.n_missing, method=method)
    evidence = found.evidence
    low, high = evidence.interval(LEVEL) if evidence.n >= FEWEST else (None, None)
    return Estimate(evidence.value, low, high, rows.n, rows.n_missing, evidence.method)


def contrast(
    confidence: Column,
    correct: Column,
    clusters: Sequence[Hashable] | None = None,
    strata: Sequence[Hashable] | None = None,
) -> Contrast | None:
    """The evidence on an AUROC; None where no stratum has both right and wrong answers."""
    rows = scored_rows(confidence, correct)
    sure, right = rows.columns
    if not np.isin(right, (0.0, 1.0)).all():
        raise InputError("AUROC needs each row to be right or wrong: give single samples, not averages")
    if rows.n == 0:
        return None
    of = range(len(correct)) if clusters is None else clusters
    kinds: Sequence[Hashable] = [None] * len(correct) if strata is None else strata
    units, codes = (numbered([each[place] for place in rows.kept]) for each in (of, kinds))
    return discriminations([Graded(sure, right, units, codes)])


def drawn(
    times: FloatArray, confidence: FloatArray, correct: FloatArray, strata: Sequence[Hashable]
) -> FloatArray:
    """AUROC on each of R resamples, shape (R,); NaN where a resample has no pair to compare.

    Args:
        times: shape (R, n), how often each row is drawn.
        confidence, correct: shape (n,), 0–1 and 0 or 1.
        strata: rows that may be compared share one.
    """
    codes = numbered(strata)
    above, pairs = np.zeros(times.shape[0]), np.zeros(times.shape[0])
    for stratum in range(int(codes.max(initial=-1)) + 1):
        members = np.flatnonzero(codes == stratum)
        order = members[np.argsort(confidence[members], kind="stable")]
        distinct = np.flatnonzero(np.diff(confidence[order], prepend=-1.0))
        hits = np.add.reduceat(times[:, order] * correct[order], distinct, axis=1)
        misses = np.add.reduceat(times[:, order] * (1 - correct[order]), distinct, axis=1)
        # Wrong answers that are less sure; those that are as sure count half.
        below = np.cumsum(misses, axis=1) - misses / 2
        above += (hits * below).sum(axis=1)
        pairs += hits.sum(axis=1) * misses.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(above / pairs)
