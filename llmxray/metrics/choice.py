"""How firm a weighted choice is when only the questions are drawn again, the weights staying as given.

`decision.weighted_choice` redraws weights and scores, each score on its own. Here the scores of all options come
from the same resamples of the same questions (`joint.Joint`), so that what is hard for all of them cancels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llmxray.errors import InputError

from .columns import FloatArray


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
