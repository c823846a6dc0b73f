"""A weighted choice: what accuracy and confidence are worth above guessing, and how firm a first place is.

An option's score is Σ w_c·s_c / Σ w_c over its criteria c. How firm the winner is: the share of resamples of the
questions in which it comes first, the weights staying as given. The scores of all options come from the same resamples
of the same questions (`joint.Joint`), so that what is hard for all of them cancels.

Neither accuracy nor calibration may reward cluelessness. A model that guesses has `above_chance` 0, however many
options there are; and one that states the chance level each time, which is perfectly calibrated, has `trust` 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llmxray.errors import InputError
from llmxray.metrics.columns import FloatArray


def above_chance(accuracy: FloatArray | float, chance: float) -> FloatArray:
    """(accuracy − chance) / (1 − chance), not below 0: 0 for guessing, 1 for all right.

    Args:
        chance: accuracy of blind guessing, below 1; 0 where there are no options to guess among.
    """
    return np.maximum(0.0, (np.asarray(accuracy, dtype=np.float64) - chance) / (1 - chance))


def trust(error: FloatArray | float, discrimination: FloatArray | float) -> FloatArray:
    """(1 − error)·(2·AUROC − 1), not below 0: how far a stated confidence can be relied on, 0–1.

    Args:
        error: a calibration error, 0–1.
        discrimination: AUROC, 0.5 for a confidence that knows nothing.
    """
    informative = np.maximum(0.0, 2 * np.asarray(discrimination, dtype=np.float64) - 1)
    return np.asarray((1 - np.asarray(error, dtype=np.float64)) * informative)


def win_shares(draws: FloatArray, weights: Sequence[float]) -> list[float | None]:
    """Share of resamples in which each option has the highest weighted score; options that tie share the draw.

    Args:
        draws: shape (options, criteria, R), 0–1 and higher is better; NaN where an option has no score.
        weights: one per criterion, not negative, not all 0; criteria of weight 0 are ignored.

    Returns:
        One share per option; None for an option without a score in a weighted criterion.
    """
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != draws.shape[1:2] or (given < 0).any() or not given.any():
        raise InputError("give one weight per criterion, none negative and at least one above 0")
    used = np.flatnonzero(given)
    totals = (draws[:, used, :] * given[used][None, :, None]).sum(axis=1)
    scored = np.isfinite(totals).all(axis=1)
    if not scored.any():
        return [None] * draws.shape[0]
    # Rounded so that sums of the same numbers in another order still tie.
    known = np.round(totals[scored], 9)
    best = known == known.max(axis=0)
    shares = iter((best / best.sum(axis=0)).mean(axis=1).tolist())
    return [float(next(shares)) if has else None for has in scored]
