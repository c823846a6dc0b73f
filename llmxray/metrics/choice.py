"""Scores of a weighted choice: accuracy and confidence above guessing, and how certain the winner is.

An option's score is Σ w_c·s_c / Σ w_c over its criteria c. The winner's certainty is the share of resamples of the
questions in which it comes first, with fixed weights. The scores of all options come from the same resamples
of the same questions (`joint.Joint`), so that what is hard for all of them cancels.

Neither accuracy nor calibration may reward guessing. A model that guesses has `above_chance` 0, however many
options there are; and one that states the chance level each time, which is perfectly calibrated, has `trust` 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llmxray.errors import InputError
from llmxray.metrics.missing_values import FloatArray


def above_chance(accuracy: FloatArray | float, chance: float) -> FloatArray:
    """Return (accuracy − chance) / (1 − chance), at least 0.

    Args:
        accuracy: any shape, 0–1.
        chance: accuracy of blind guessing, 0 to below 1; 0 where there are no options to guess among.

    Returns:
        The same shape; 0 for guessing, 1 for all right.
    """
    return np.maximum(0.0, (np.asarray(accuracy, dtype=np.float64) - chance) / (1 - chance))


def trust(error: FloatArray | float, discrimination: FloatArray | float) -> FloatArray:
    """Return (1 − error)·(2·AUROC − 1), at least 0: how far a stated confidence can be relied on.

    Args:
        error: a calibration error, 0–1, any shape.
        discrimination: AUROC, 0–1; 0.5 for an uninformative confidence.

    Returns:
        0–1, of the shape that both broadcast to.
    """
    informative = np.maximum(0.0, 2 * np.asarray(discrimination, dtype=np.float64) - 1)
    return np.asarray((1 - np.asarray(error, dtype=np.float64)) * informative)


def win_shares(draws: FloatArray, weights: Sequence[float]) -> list[float | None]:
    """Return the share of resamples in which each option has the highest weighted score; ties share the resample.

    Args:
        draws: shape (options, criteria, R), 0–1 and higher is better; NaN where an option has no score.
        weights: one per criterion, not negative, not all 0; criteria of weight 0 are ignored.

    Returns:
        One share per option, 0–1; None for an option without a score in a weighted criterion.

    Raises:
        InputError: the number of weights is wrong, one is negative or all are 0.
    """
    criterion_weights = np.asarray(weights, dtype=np.float64)
    if (
        criterion_weights.shape != draws.shape[1:2]
        or (criterion_weights < 0).any()
        or not criterion_weights.any()
    ):
        raise InputError("give one weight per criterion, none negative and at least one above 0")
    used = np.flatnonzero(criterion_weights)
    totals = (draws[:, used, :] * criterion_weights[used][None, :, None]).sum(axis=1)
    scored = np.isfinite(totals).all(axis=1)
    if not scored.any():
        return [None] * draws.shape[0]
    # Scores are rounded so that sums of the same numbers in another order still tie.
    scores = np.round(totals[scored], 9)
    best = scores == scores.max(axis=0)
    shares = iter((best / best.sum(axis=0)).mean(axis=1).tolist())
    return [float(next(shares)) if has else None for has in scored]
