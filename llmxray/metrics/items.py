"""Item statistics over many models: difficulty, discrimination, and keys that look wrong.

Difficulty is the share of models that are right, with Wilson's interval over the models. Discrimination is the
corrected item–rest correlation: Pearson's r between the score on the item and the mean score on all other items that
the model answered (Henrysson 1963; of scores 0 and 1 the point-biserial correlation), with Fisher's interval,
tanh(artanh r ± z/√(m − 3)) of m models. The item is left out of the rest, or its own variance would raise r.

The *rival* of an item is the answer, other than the key, that most models give. Its test asks whether more than half of
the models give it: the exact binomial tail P(X ≥ w), X ~ Bin(m, ½), doubled, Holm-adjusted over all items. Doubled,
because the rival was chosen as the most frequent: with shares p₁ + p₂ + … ≤ 1, none over ½, the chance that any answer
reaches w > m/2 is at most twice that of one with p = ½. So in data where no wrong answer has a true majority, the
chance of one flagged item or more is at most 5%, if models are drawn independently.

Scores come as one array, models × items; blocks of items bound what is copied of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llmxray.metrics.accuracy import wilson_intervals
from llmxray.metrics.columns import BoolArray, FloatArray, IntArray
from llmxray.metrics.correlation import fisher_intervals
from llmxray.metrics.distributions import fair_coins_tail
from llmxray.metrics.paired import holm_of_all

LEAST = 10
"""Models that item statistics need: of fewer, the interval of a correlation is as wide as its range."""
NO_ANSWER = -1
"""Code of an answer that is missing, or could not be read."""
_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """One entry per item, shape (k,); NaN where there is none.

    Attributes:
        n: models with a score.
        difficulty: share right, 0–1. A small share is a hard item.
        discrimination: −1 to 1; NaN where all models score alike, or fewer than `LEAST` have a score.
        difficulty_ends, discrimination_ends: low and high ends of their 95% intervals.
    """

    n: IntArray
    difficulty: FloatArray
    difficulty_ends: tuple[FloatArray, FloatArray]
    discrimination: FloatArray
    discrimination_ends: tuple[FloatArray, FloatArray]


@dataclass(frozen=True, slots=True)
class Rivals:
    """The most frequent answer beside the key, one entry per item, shape (k,).

    Attributes:
        code: the answer; `NO_ANSWER` where no model gives another one than the key.
        count: models that give it.
        n: models whose answer is known, readable or not.
        p_holm: that more than half of the models give it, adjusted over all items.
    """

    code: IntArray
    count: IntArray
    n: IntArray
    p_holm: FloatArray


def statistics(scores: NDArray[np.floating]) -> ItemStatistics:
    """Return the difficulty and discrimination of every item.

    Args:
        scores: shape (m, k), share of right answers 0–1 of each model on each item, NaN where there is none.
    """
    sums, counts = np.zeros(len(scores)), np.zeros(len(scores))
    for block in _blocks(scores.shape[1]):
        block_scores = scores[:, block]
        sums += np.nansum(block_scores, axis=1, dtype=np.float64)
        counts += np.isfinite(block_scores).sum(axis=1)
    columns = [
        _block_statistics(scores[:, block].astype(np.float64), sums, counts)
        for block in _blocks(scores.shape[1])
    ]
    n, share, r = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    return ItemStatistics(n.astype(np.intp), share, wilson_intervals(share, n), r, fisher_intervals(r, n))


def rivals(answers: NDArray[np.integer], keys: NDArray[np.integer], known: BoolArray) -> Rivals:
    """Return the most frequent answer of every item that is not its key.

    Args:
        answers: shape (m, k), codes from 0; `NO_ANSWER` counts as an answer that is neither key nor rival.
        keys: shape (k,), code of the right answer.
        known: shape (m, k), False where the model was not asked.
    """
    block_rivals = [_block_rivals(answers[:, block], keys[block]) for block in _blocks(answers.shape[1])]
    code, count = (np.concatenate(parts) for parts in zip(*block_rivals, strict=True))
    n = known.sum(axis=0)
    tails = fair_coins_tail(count - 1, np.maximum(n, 1))
    p = np.where(n > 0, np.minimum(1.0, 2 * tails), 1.0)
    return Rivals(code, count, n, holm_of_all(p))


def _blocks(items: int) -> Iterator[slice]:
    return (slice(start, start + _BLOCK) for start in range(0, max(items, 1), _BLOCK))


def _block_statistics(scores: FloatArray, sums: FloatArray, counts: FloatArray) -> tuple[FloatArray, ...]:
    """Models, share right and item–rest correlation of some items; sums and counts are over all items."""
    is_known = np.isfinite(scores)
    filled = np.where(is_known, scores, 0.0)
    n_others = counts[:, None] - is_known
    # A model that answered no other item has no rest score to correlate with.
    usable = is_known & (n_others > 0)
    rest_mean = np.where(usable, (sums[:, None] - filled) / np.maximum(n_others, 1), 0.0)
    n, m = is_known.sum(axis=0), usable.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = filled.sum(axis=0) / n
        u = np.where(usable, filled - np.where(usable, filled, 0).sum(axis=0) / m, 0.0)
        v = np.where(usable, rest_mean - rest_mean.sum(axis=0) / m, 0.0)
        spreads = (u * u).sum(axis=0), (v * v).sum(axis=0)
        r = (u * v).sum(axis=0) / np.sqrt(spreads[0] * spreads[1])
    # Where all scores are equal, rounding leaves a spread of 1e-30 instead of 0.
    flat = (m < LEAST) | (spreads[0] < 1e-12) | (spreads[1] < 1e-12)
    return n.astype(np.float64), share, np.where(flat, np.nan, np.clip(r, -1, 1))


def _block_rivals(answers: NDArray[np.integer], keys: NDArray[np.integer]) -> tuple[IntArray, ...]:
    items = answers.shape[1]
    # Coding (item, answer) pairs as one integer lets a single `np.unique` count all wrong answers.
    is_other = (answers != keys) & (answers != NO_ANSWER)
    item = np.broadcast_to(np.arange(items), answers.shape)[is_other]
    width = int(answers.max(initial=0)) + 1
    pairs, times = np.unique(item * np.int64(width) + answers[is_other], return_counts=True)
    code, count = np.full(items, NO_ANSWER, np.intp), np.zeros(items, np.intp)
    # Sorted by count, then descending code: of repeated indices the last written stays, so ties go to the lowest code.
    order = np.lexsort((-pairs, times))
    code[pairs[order] // width] = pairs[order] % width
    count[pairs[order] // width] = times[order]
    return code, count
