"""Accuracy against blind guessing, by permuting the key within each question.

If a model only guesses, the right option is any of a question's options with equal probability, whatever was picked. So
the null distribution of a question's hits is how often a uniformly drawn option was picked over its rotations, repeats
and wordings; where several options are right, how often a uniformly drawn set of as many was. Answers to one question
may depend on one another in any way. Questions are independent: their distributions are convolved. The test is exact
for any mixture of numbers of options and of answers.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import scipy

from llmxray.metrics.columns import FloatArray

# Steps of the convolution, more only where the answers to a question need more.
_MOST_STEPS = 1 << 18


def knows(
    picks: Sequence[Sequence[int]], unread: Sequence[int], n_right: Sequence[int] | None = None
) -> tuple[float, float]:
    """Return the exact one-sided p-values that the right options were picked more, and less, often than by guessing.

    The statistic is the mean over questions of the share of hits. Where questions differ in their number of answers,
    shares are rounded to steps, which changes the weights of questions a little and keeps the test exact.

    Args:
        picks: per question, at least one, how often each of its options was picked, the right ones first.
        unread: per question, answers that name no option: wrong here, a hit of a guesser at its rate.
        n_right: per question, how many options are right; by default one.

    Returns:
        Accurate to about 1e-13.

    >>> [round(p, 9) for p in knows([[1, 0], [1, 0, 0, 0]], [0, 0])]
    [0.125, 1.0]
    """
    answers = [sum(counts) + blind for counts, blind in zip(picks, unread, strict=True)]
    steps = min(math.lcm(*set(answers)), max(*answers, _MOST_STEPS // len(picks)))
    hits, questions = 0, Counter[tuple[tuple[int, ...], int, int, int]]()
    for counts, blind, right, n in zip(picks, unread, n_right or [1] * len(picks), answers, strict=True):
        weight = round(steps / n)
        hits += weight * sum(counts[:right])
        # Most questions have a twin, whose distribution is the same.
        questions[tuple(sorted(counts)), blind, right, weight] += 1
    parts = []
    for (counts_sorted, blind, right, weight), n in questions.items():
        of_one = _hits(counts_sorted, blind, right)
        spaced = np.zeros(weight * (of_one.size - 1) + 1)
        spaced[::weight] = of_one
        parts.append(_convolved([spaced], n))
    # Short ones first: together they take as many steps as the longest one alone.
    while len(parts) > 1:
        parts.sort(key=len)
        parts = [_convolved(parts[at : at + 2]) for at in range(0, len(parts), 2)]
    (probabilities,) = parts
    above, below = probabilities[hits:].sum(), probabilities[: hits + 1].sum()
    return min(1.0, max(0.0, float(above))), min(1.0, max(0.0, float(below)))


def _convolved(parts: Sequence[FloatArray], times: int = 1) -> FloatArray:
    """Distribution of the sum of independent parts, each drawn so many times."""
    length = 1 + times * sum(part.size - 1 for part in parts)
    padded = scipy.fft.next_fast_len(length, real=True)
    spectrum = np.prod([scipy.fft.rfft(part, padded) for part in parts], axis=0)
    convolved: FloatArray = scipy.fft.irfft(spectrum**times, padded)[:length]
    return convolved


def _hits(counts: Sequence[int], unread: int, n_right: int) -> FloatArray:
    """Distribution of the hits on one question, from 0, when the key is drawn anew."""
    total = sum(counts)
    # How many sets of so many options were picked so often together.
    ways = np.zeros((n_right + 1, total + 1))
    ways[0, 0] = 1
    for count in counts:
        ways[1:, count:] += ways[:-1, : total + 1 - count]
    distribution: FloatArray = ways[n_right] / ways[n_right].sum()
    rate = n_right / len(counts)
    for _ in range(unread):
        distribution = np.convolve(distribution, [1 - rate, rate])
    return distribution
