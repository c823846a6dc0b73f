"""Scores of a weighted choice: accuracy and confidence above guessing.

An option's score is Σ w_c·s_c / Σ w_c over its criteria c. The winner's certainty is the share of resamples of the
questions in which it comes first, with fixed weights; both are worked out in the browser, from resamples of the same
questions for all options (`joint.Joint`), so that what is hard for all of them cancels.

Neither accuracy nor calibration may reward guessing. A model that guesses has `above_chance` 0, however many
options there are; and one that states the chance level each time, which is perfectly calibrated, has `trust` 0.
"""

from __future__ import annotations

import numpy as np

from llmxray.metrics.columns import FloatArray


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
