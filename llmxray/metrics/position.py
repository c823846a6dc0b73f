"""Position bias: accuracy and chosen letters by the place of the right option.

In an audit with all rotations each question is asked once with its right option at every place, so that places
differ in nothing but the place. Answers to one question are not independent of each other; the question is the unit
wherever it has several: its answers share one effective count.

=================  ================================================================================================
by_position        accuracy with the right option at place i, Wilson 95% (at the effective n with repeats)
letter_shares      share of the answers that name letter i, Wilson 95% at the effective n
cochran_q          Cochran's (1950) test that all places have the same accuracy on the same questions
all_rotations      share of questions that are right in every rotation, Wilson 95%
averaged_answer    the option with the highest mean probability over the rotations: "cyclic permutation" of Zheng et al.
                   (2024), Large Language Models Are Not Robust Multiple Choice Selectors, arXiv:2309.03882
=================  ================================================================================================
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from llmxray.errors import InputError
from llmxray.metrics.accuracy import clustered_share
from llmxray.metrics.distributions import chi2_tail
from llmxray.types import Estimate

_LEAST_CELLS = 24


@dataclass(frozen=True, slots=True)
class CochranQ:
    """Cochran's Q over k places and n questions.

    Attributes:
        q: the statistic, chi-squared with k − 1 degrees of freedom for large n; None without any question that
            tells places apart.
        p_value: from that distribution; None with ``q``, and where the questions that tell are too few for it:
            n_telling·k < 24 (Tate and Brown 1970).
        n: questions with an answer at every place.
        n_telling: of these, the ones that are neither right everywhere nor wrong everywhere.
    """

    q: float | None
    p_value: float | None
    n: int
    n_telling: int


def by_position(
    places: Sequence[int],
    correct: Sequence[bool | None],
    n_places: int,
    clusters: Sequence[Hashable] | None = None,
) -> tuple[Estimate, ...]:
    """Return the accuracy with the right option at each place.

    Args:
        places: shape (n,), place of the right option from 0, one per trial.
        correct: shape (n,), whether the trial is right; None where there is no whole reply.
        n_places: number of places.
        clusters: shape (n,), the question of each trial, where some place has several trials of one question.

    Returns:
        One estimate per place, 0–1.

    Raises:
        InputError: ``places`` and ``correct`` differ in length.
    """
    if len(places) != len(correct):
        raise InputError(f"{len(places)} places but {len(correct)} results: give one place per result")
    questions = range(len(places)) if clusters is None else clusters
    rows = list(zip(places, correct, questions, strict=True))
    return tuple(
        clustered_share(
            [hit for place, hit, _ in rows if place == position],
            [question for place, _, question in rows if place == position],
        )
        for position in range(n_places)
    )


def letter_shares(
    chosen: Sequence[int | None], n_places: int, clusters: Sequence[Hashable] | None = None
) -> tuple[Estimate, ...]:
    """Return the share of the answers that name each letter.

    Args:
        chosen: shape (n,), place of the letter answered, from 0; None where none was read, which is counted as missing.
        n_places: number of letters.
        clusters: shape (n,), the question of each answer, where some question has several.

    Returns:
        One estimate per letter, 0–1.

    Raises:
        InputError: ``chosen`` and ``clusters`` differ in length.
    """
    questions = range(len(chosen)) if clusters is None else clusters
    return tuple(
        clustered_share([None if place is None else place == letter for place in chosen], questions)
        for letter in range(n_places)
    )


def cochran_q(table: Sequence[Sequence[float | None]]) -> CochranQ:
    """Return Cochran's (1950) test that all places have the same accuracy, each question being its own control.

    With row sums L and column sums G of the n × k table: (k − 1)(k ΣG² − (ΣG)²) / (k Σx² − ΣL²), where Σx² over all
    cells is ΣL in a table of 0 and 1, Cochran's own case.

    Args:
        table: shape (n, k), a row per question, a column per place, 0–1 (fractions where repeats were averaged); rows
            with a None are left out.

    Raises:
        InputError: complete rows differ in length.
    """
    complete = [row for row in table if None not in row]
    if len({len(row) for row in complete}) > 1:
        raise InputError(
            "every question needs the same number of places: test questions of one size at a time"
        )
    if not complete or len(complete[0]) < 2:
        return CochranQ(None, None, len(complete), 0)
    hits = np.array(complete, dtype=np.float64)
    k = hits.shape[1]
    rows, columns = hits.sum(axis=1), hits.sum(axis=0)
    n_telling = int((np.ptp(hits, axis=1) > 0).sum())
    if n_telling == 0:
        return CochranQ(None, None, len(complete), 0)
    denominator = float(k * (hits**2).sum() - (rows**2).sum())
    q = float((k - 1) * (k * (columns**2).sum() - columns.sum() ** 2) / denominator)
    is_enough = n_telling * k >= _LEAST_CELLS
    return CochranQ(q, chi2_tail(q, k - 1) if is_enough else None, len(complete), n_telling)


def all_rotations(
    per_question: Sequence[Sequence[bool | None]], clusters: Sequence[Hashable] | None = None
) -> Estimate:
    """Return the share of questions that are right in every rotation.

    Args:
        per_question: shape (n,), correctness of each question's trials; a question without trials, or with a None among
            them, is missing.
        clusters: shape (n,), the question of each row, where some question was put through its rotations several times.

    Returns:
        Estimate, 0–1, Wilson 95%.

    Raises:
        InputError: ``per_question`` and ``clusters`` differ in length.
    """
    questions = range(len(per_question)) if clusters is None else clusters
    return clustered_share(
        [None if None in hits or not hits else all(hits) for hits in per_question], questions
    )


def averaged_answer(
    probabilities: Sequence[Sequence[float | None]], orders: Sequence[Sequence[int]]
) -> int | None:
    """Return the option with the highest mean probability over the rotations of one question.

    Args:
        probabilities: shape (rotations, options), 0–1, in the order in which the options were shown.
        orders: shape (rotations, options), which option stood at each place.

    Returns:
        The option's number; None where a probability is not known, or two options tie.

    >>> averaged_answer([[0.9, 0.1], [0.7, 0.3]], [[0, 1], [1, 0]])
    0
    """
    if not probabilities or any(p is None for shown in probabilities for p in shown):
        return None
    shown = np.array(probabilities, dtype=np.float64)
    # `argsort` of a permutation is its inverse: the place at which each option stood.
    means = np.take_along_axis(shown, np.argsort(orders, axis=1), axis=1).mean(axis=0)
    best = np.flatnonzero(means >= means.max() - 1e-12)
    return int(best[0]) if len(best) == 1 else None
