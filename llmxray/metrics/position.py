"""Position bias: does it matter where the right option stands?

In an audit with all rotations each question is asked once with its right option at every place, so that places
differ in nothing but the place. Answers to one question are not independent of each other; the question is the unit
wherever it has several: its answers share one effective count.

=================  ================================================================================================
by_position        accuracy with the right option at place i, Wilson 95% (at the effective n with repeats)
letter_shares      share of the answers that name letter i, Wilson 95% at the effective n
recall_deviation   standard deviation of the accuracies by place, in 0–1: "RStd" of Zheng et al. (2024), Large
                   Language Models Are Not Robust Multiple Choice Selectors, arXiv:2309.03882
cochran_q          Cochran's (1950) test that all places have the same accuracy on the same questions
all_rotations      share of questions that are right in every rotation, Wilson 95%
=================  ================================================================================================
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from llmxray.errors import InputError
from llmxray.metrics.accuracy import clustered_share
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
    """Accuracy with the right option at each place.

    Args:
        places: place of the right option, from 0, one per trial.
        correct: whether the trial is right; None where there is no whole reply.
        n_places: how many places there are.
        clusters: the question of each trial, where some place has several trials of one question.
    """
    _same_length(places, correct)
    of = range(len(places)) if clusters is None else clusters
    rows = list(zip(places, correct, of, strict=True))
    return tuple(
        clustered_share(
            [hit for place, hit, _ in rows if place == here],
            [each for place, _, each in rows if place == here],
        )
        for here in range(n_places)
    )


def letter_shares(
    chosen: Sequence[int | None], n_places: int, clusters: Sequence[Hashable] | None = None
) -> tuple[Estimate, ...]:
    """Share of the answers that name each letter.

    Args:
        chosen: place of the letter answered, from 0; None where none was read, which is counted as missing.
        clusters: the question of each answer, where some question has several.
    """
    of = range(len(chosen)) if clusters is None else clusters
    return tuple(
        clustered_share([None if place is None else place == here for place in chosen], of)
        for here in range(n_places)
    )


def recall_deviation(accuracies: Sequence[Estimate]) -> float | None:
    """Standard deviation (population) of the accuracies by place; None below two known places."""
    known = [each.value for each in accuracies if each.value is not None]
    return float(np.std(known)) if len(known) > 1 else None


def cochran_q(table: Sequence[Sequence[float | None]]) -> CochranQ:
    """Whether the places differ, each question being its own control.

    With row sums L and column sums G of the n × k table: (k − 1)(k ΣG² − (ΣG)²) / (k Σx² − ΣL²), where Σx² over all
    cells is ΣL in a table of 0 and 1, Cochran's own case.

    Args:
        table: a row per question, a column per place, 0–1 (fractions where repeats were averaged); rows with a None
            are left out.
    """
    whole = [row for row in table if None not in row]
    if len({len(row) for row in whole}) > 1:
        raise InputError(
            "every question needs the same number of places: test questions of one size at a time"
        )
    if not whole or len(whole[0]) < 2:
        return CochranQ(None, None, len(whole), 0)
    hits = np.array(whole, dtype=np.float64)
    k = hits.shape[1]
    rows, columns = hits.sum(axis=1), hits.sum(axis=0)
    telling = int((np.ptp(hits, axis=1) > 0).sum())
    if telling == 0:
        return CochranQ(None, None, len(whole), 0)
    below = float(k * (hits**2).sum() - (rows**2).sum())
    q = float((k - 1) * (k * (columns**2).sum() - columns.sum() ** 2) / below)
    enough = telling * k >= _LEAST_CELLS
    return CochranQ(q, float(scipy.stats.chi2.sf(q, k - 1)) if enough else None, len(whole), telling)


def all_rotations(
    per_question: Sequence[Sequence[bool | None]], clusters: Sequence[Hashable] | None = None
) -> Estimate:
    """Share of questions that are right in every rotation; a question with a None among its trials is missing.

    Args:
        clusters: the question of each row, where some question was put through its rotations several times.
    """
    of = range(len(per_question)) if clusters is None else clusters
    return clustered_share([None if None in hits or not hits else all(hits) for hits in per_question], of)


def expected_if_independent(accuracies: Sequence[Estimate]) -> float | None:
    """The all-rotations score that answers of these accuracies would give if each were drawn anew."""
    known = [each.value for each in accuracies]
    return None if not known or None in known else math.prod(value for value in known if value is not None)


def _same_length(places: Sequence[object], correct: Sequence[object]) -> None:
    if len(places) != len(correct):
        raise InputError(f"{len(places)} places but {len(correct)} results: give one place per result")
