"""Evidence on one condition's metric, or on the difference of two conditions' on the same questions.

Every function takes one side, or two that are aligned on the same questions; with two the evidence is on side 0 − side
1. ``units`` numbers the independent unit of each question from 0: questions that are paraphrases of one another share
one. A function returns None where the data have no spread.

- `shares` (accuracy, truncation): one side by exact binomial test, or where answers are averaged by Student's t over
  units with Agresti and Coull's (1998) two right and two wrong ones added. Two sides by `DiscordantEvidence`, or where
  answers are averaged by `PairedSharesEvidence`.
- `ratios` (Brier score, correct answers per second, cost per right answer, ratio of times): studentised bootstrap
  over units of Σ amount / Σ size, which follows the skew that Student's t ignores (Efron and Tibshirani 1993, §12.5;
  Hall 1988).
- `calibration_errors` (binned): a binned error is biased upwards, more so for the better calibrated side. So the upper
  end of an error takes the plain error and the lower end the *split* one: a third of the units sets the sign s_b of
  each bin's gap, and the mean of w_b(i)·s_b(i)·(c_i − y_i) is over the others, w the weight of a row of the bin. Its
  expectation is at most the true error, that of the plain error at least. Signs and gaps exchanged and averaged
  (cross-fitting) would use all units twice, but the two halves are then dependent and the standard error comes out too
  small. Student's t over units, whose standard error is at least that of a calibrated model.
- `gaps` (mean confidence − accuracy): Student's t over units, with that least standard error too.
- `discriminations` (AUROC): within strata (suite × number of options). One side by Newcombe's score equation, two by
  the variance of DeLong et al. (1988), clustered as Obuchowski (1997); Student's t with the fewest right or wrong
  answers less one as degrees of freedom.
- `medians` (latency, tokens): sign test over units, of the values or of the paired differences or ratios.
- `similarities`: from 6 prompts on Student's t over prompts; below, the jackknife over samples (Arvesen 1969), which
  generalises to no other prompts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from llmxray.metrics.accuracy import AGRESTI_COULL, adjusted_mean, is_whole
from llmxray.metrics.accuracy import FEWEST as FEWEST
from llmxray.metrics.binning import Scheme, Weighting, assign, bin_edges
from llmxray.metrics.columns import BoolArray, FloatArray, IntArray, Interval
from llmxray.metrics.evidence import (
    AurocEvidence,
    BinomialEvidence,
    BootstrapEvidence,
    DiscordantEvidence,
    Evidence,
    PairedSharesEvidence,
    SignTestEvidence,
    WaldEvidence,
)
from llmxray.metrics.resampling import cluster_draws, sums_of_clusters

FEWEST_SAMPLES = 5
"""No interval for similarity below so many samples of a prompt, where prompts are fewer than `FEWEST`."""
FEWEST_BOOTSTRAP = 20
"""No interval of the studentised bootstrap from fewer independent units: it covers too rarely."""
N_RESAMPLES = 4000
# Of more units the skew that a bootstrap follows is too small to matter, and Student's t takes no time.
_MANY_UNITS = 2000
_PARTS = 3
_UNIT: Interval = (0.0, 1.0)
_SIGNED_UNIT: Interval = (-1.0, 1.0)

type Sides = Sequence[FloatArray]
type _Statistic = Callable[[FloatArray], tuple[FloatArray, FloatArray]]


@dataclass(frozen=True, slots=True)
class Contrast:
    """Evidence on one condition or on a difference, with the metric of each side."""

    evidence: Evidence
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Graded:
    """Answers with a confidence, equal lengths; an entry is an answer, repeats included.

    Attributes:
        confidence: 0–1.
        correct: 0 or 1.
        units: independent unit of each answer, numbered alike on both sides.
        strata: answers that may be compared by their confidence share one.
    """

    confidence: FloatArray
    correct: FloatArray
    units: IntArray
    strata: IntArray


def shares(sides: Sides, units: IntArray, answers: float = 1.0) -> Contrast:
    """Return the evidence on a share of questions, or on the difference of two.

    Args:
        sides: one or two arrays of shape (n,), 0–1 (fractions where several answers were averaged).
        units: shape (n,), independent unit of each question, from 0 without gaps.
        answers: of a side to each unit, on average: samples × rotations × wordings.
    """
    n_units, values = int(units.max()) + 1, tuple(float(side.mean()) for side in sides)
    single = n_units == units.size and is_whole(np.concatenate(sides))
    if len(sides) == 1:
        if single:
            return Contrast(BinomialEvidence(int(sides[0].sum()), n_units), values)
        method = "share, Agresti–Coull with Student's t over questions"
        return Contrast(_adjusted_wald(sides[0], units, AGRESTI_COULL, _UNIT, method), values)
    if single and answers <= 1:
        a_only, b_only = (int(np.sum(one > other)) for one, other in (sides, sides[::-1]))
        return Contrast(DiscordantEvidence(a_only, b_only, n_units), values)
    # Equal thirds that were computed differently differ in the last bit, which would hide ties.
    gaps = np.round(sides[0] - sides[1], 9)
    method = "difference of paired shares, Student's t over questions with a pair added"
    near, far = (
        _adjusted_wald(gaps, units, (added, -added), _SIGNED_UNIT, method) for added in (1 / answers, 1.0)
    )
    return Contrast(PairedSharesEvidence(near, far, method), values)


def ratios(
    amounts: Sides,
    sizes: Sides,
    rng: np.random.Generator,
    bounds: Interval = (0.0, None),
    name: str = "ratio",
) -> Contrast | None:
    """Return the evidence on Σ amount / Σ size, or on the difference of two; a mean has the number of rows as size.

    Args:
        amounts, sizes: one or two arrays each, shape (units,): sums over the rows of each unit.
        rng: source of the resamples.
        bounds: range of one side's ratio.
        name: of what is estimated, for ``method``.

    Returns:
        None without spread, below `FEWEST_BOOTSTRAP` units, and where a side has no size.
    """
    if any(not size.sum() > 0 for size in sizes) or amounts[0].size < FEWEST_BOOTSTRAP:
        return None
    values = tuple(float(amount.sum() / size.sum()) for amount, size in zip(amounts, sizes, strict=True))
    columns = np.stack([total for pair in zip(amounts, sizes, strict=True) for total in pair], axis=1)
    statistic, (low, high) = (_ratio if len(values) == 1 else _ratio_difference), bounds
    if len(values) > 1:
        low, high = (None, None) if low is None or high is None else (low - high, high - low)
    evidence = _studentised_bootstrap(columns, statistic, rng, (low, high), name)
    return None if evidence is None else Contrast(evidence, values)


def sums_and_sizes(values: FloatArray, units: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the sum of the values of each unit, and their number, as `ratios` takes them for a mean."""
    n_units = int(units.max(initial=-1)) + 1
    return sums_of_clusters(values, units), np.bincount(units, minlength=n_units).astype(np.float64)


def medians(sides: Sides, units: IntArray, *, relative: bool = False) -> Contrast | None:
    """Return the evidence on a median over units, or on the median of two sides' differences, by the sign test.

    Args:
        sides: one or two arrays of shape (n,), aligned on the same questions.
        units: shape (n,), independent unit of each question, from 0 without gaps; values of a unit are averaged.
        relative: with two sides, on the median of side 0 / side 1 − 1, as 0.1 for a tenth more.

    Returns:
        None where a ratio has no denominator.
    """
    of_units = [np.divide(*sums_and_sizes(side, units)) for side in sides]
    values = tuple(float(np.median(side)) for side in of_units)
    if len(sides) == 1:
        return Contrast(SignTestEvidence(np.sort(of_units[0])), values)
    if not relative:
        method = "median of paired differences, sign test"
        return Contrast(SignTestEvidence(np.sort(of_units[0] - of_units[1]), method), values)
    if not of_units[1].min() > 0:
        return None
    method = "median of paired ratios, sign test"
    return Contrast(SignTestEvidence(np.sort(of_units[0] / of_units[1]) - 1, method), values)


def calibration_errors(
    sides: Sequence[Graded],
    rng: np.random.Generator,
    n_bins: int = 15,
    scheme: Scheme = "equal-width",
    weighting: Weighting = "count",
) -> Contrast | None:
    """Return the evidence on a binned calibration error, or on the difference of two; None without spread.

    Args:
        sides: the answers of one or two conditions.
        rng: chooses the units that set the signs, the same for both sides.
        n_bins, scheme, weighting: see `calibration.ece`.
    """
    n_units = 1 + max(int(side.units.max()) for side in sides)
    sets_signs = rng.permutation(n_units) % _PARTS == 0
    plain, split = zip(
        *(_binned_errors(side, n_units, sets_signs, n_bins, scheme, weighting) for side in sides), strict=True
    )
    low, high = _difference([split[0], *plain[1:]]), _difference([plain[0], *split[1:]])
    if low[1] == 0 or high[1] == 0:
        return None
    values = tuple(error.value for error in plain)
    value, bounds = (values[0] - values[1], _SIGNED_UNIT) if len(sides) > 1 else (values[0], _UNIT)
    method = "binned error, signs from a third of the questions towards 0, Student's t over questions"
    return Contrast(WaldEvidence(value, low, high, n_units - 1, bounds, n_units, method), values)


def gaps(sides: Sequence[Graded]) -> Contrast | None:
    """Return the evidence on mean confidence − accuracy, or on the difference of two; None without spread."""
    n_units = 1 + max(int(side.units.max()) for side in sides)
    means = [
        _weighted_mean(side, side.confidence - side.correct, np.ones(side.units.size), n_units)
        for side in sides
    ]
    centre, values = _difference(means), tuple(mean.value for mean in means)
    if centre[1] == 0:
        return None
    method = "mean confidence − accuracy, Student's t over questions"
    evidence = WaldEvidence(centre[0], centre, centre, n_units - 1, _SIGNED_UNIT, n_units, method)
    return Contrast(evidence, values)


def discriminations(sides: Sequence[Graded]) -> Contrast | None:
    """Return the evidence on AUROC within strata, or on the difference of two.

    Returns:
        None where a side has no pair to compare, or the difference has no spread.
    """
    n_units = 1 + max(int(side.units.max()) for side in sides)
    per_side = [_auroc(side, n_units) for side in sides]
    aurocs = [auroc for auroc in per_side if auroc is not None]
    if len(aurocs) < len(per_side):
        return None
    values = tuple(auroc.value for auroc in aurocs)
    if len(aurocs) == 1:
        (auroc,) = aurocs
        method = "AUROC within suite and number of options, Newcombe"
        return Contrast(AurocEvidence(auroc.value, auroc.strata, auroc.effect, n_units, method), values)
    error = _standard_error(aurocs[0].parts - aurocs[1].parts)
    if error == 0:
        return None
    centre = (values[0] - values[1], error)
    freedom = min(auroc.fewest for auroc in aurocs) - 1
    method = "difference of AUROC within suite and number of options, DeLong with Student's t"
    return Contrast(
        WaldEvidence(values[0] - values[1], centre, centre, max(1, freedom), _SIGNED_UNIT, n_units, method),
        values,
    )


def similarities(sides: Sequence[Sequence[FloatArray]]) -> Contrast | None:
    """Return the evidence on the mean similarity of a prompt's samples, averaged over prompts, or on its difference.

    Args:
        sides: per side and prompt the similarities of its samples, shape (samples, samples), NaN where unknown; both
            sides have the same prompts, and as many samples of each.

    Returns:
        None without spread.
    """
    prompt_means = [np.array([_off_diagonal(matrix) for matrix in side]) for side in sides]
    values = tuple(float(means.mean()) for means in prompt_means)
    signs = (1.0, -1.0)[: len(sides)]
    value = sum(sign * mean for sign, mean in zip(signs, values, strict=True))
    bounds = _UNIT if len(sides) == 1 else _SIGNED_UNIT
    if len(sides[0]) >= FEWEST:
        gaps = np.sum([sign * means for sign, means in zip(signs, prompt_means, strict=True)], axis=0)
        method = "mean similarity of samples, Student's t over prompts"
    else:
        gaps = _pseudo_values(sides, signs, value)
        method = "mean similarity of samples, jackknife over samples with Student's t"
    error = float(gaps.std(ddof=1)) / math.sqrt(gaps.size)
    if not error > 1e-12:
        return None
    centre = (value, error)
    n = len(sides[0])
    return Contrast(WaldEvidence(value, centre, centre, gaps.size - 1, bounds, n, method), values)


def _adjusted_wald(
    values: FloatArray, units: IntArray, added: Sequence[float], bounds: Interval, method: str
) -> WaldEvidence:
    """Mean with the standard error of the data and of ``added`` units of average size."""
    n_units = int(units.max()) + 1
    ends = adjusted_mean(values, units, added)
    return WaldEvidence(float(values.mean()), ends, ends, n_units - 1, bounds, n_units, method)


def _ratio(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Σ first / Σ second, shape (R,), and its derivatives by both sums, shape (R, 2)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = sums[:, 0] / sums[:, 1]
        return value, np.stack([1 / sums[:, 1], -value / sums[:, 1]], axis=1)


def _ratio_difference(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
    of_first, by_first = _ratio(sums[:, :2])
    of_second, by_second = _ratio(sums[:, 2:])
    return of_first - of_second, np.concatenate([by_first, -by_second], axis=1)


def _studentised_bootstrap(
    columns: FloatArray,
    statistic: _Statistic,
    rng: np.random.Generator,
    bounds: Interval,
    name: str,
) -> Evidence | None:
    """Studentised bootstrap of a function of column sums that no common factor of the columns changes.

    Args:
        columns: shape (n, k), one row per unit.
        statistic: sums (R, k) → its values (R,) and derivatives (R, k).
    """
    n, k = columns.shape
    products = (columns[:, :, None] * columns[:, None, :]).reshape(n, k * k)
    table = np.concatenate([columns, products], axis=1)

    def evaluate(times: FloatArray) -> tuple[FloatArray, FloatArray]:
        sums = times @ table
        values, slopes = statistic(sums[:, :k])
        with np.errstate(invalid="ignore"):
            squares = np.einsum("ri,rij,rj->r", slopes, sums[:, k:].reshape(-1, k, k), slopes)
        return values, np.sqrt(np.maximum(squares, 0.0) * n / (n - 1))

    _, slopes = statistic(columns.sum(axis=0, keepdims=True))
    # Compare the units' parts themselves, since sums of squares of equal parts are rounding errors, not 0.
    if np.ptp(columns @ slopes[0]) <= 1e-9 * np.abs(columns @ np.abs(slopes[0])).max():
        return None
    ((value,), (error,)) = evaluate(np.ones((1, n)))
    if n > _MANY_UNITS:
        centre, method = (float(value), float(error)), f"{name}, Student's t over questions"
        return WaldEvidence(centre[0], centre, centre, n - 1, bounds, n, method)
    reflections = [
        _reflect(*evaluate(times), float(value), float(error)) for times in cluster_draws(n, N_RESAMPLES, rng)
    ]
    ends = np.concatenate(reflections)
    ends = np.sort(ends[~np.isnan(ends)])
    method = f"{name}, studentised bootstrap over questions ({N_RESAMPLES} resamples)"
    return BootstrapEvidence(float(value), ends, bounds, n, method) if ends.size else None


def _reflect(values: FloatArray, errors: FloatArray, value: float, error: float) -> FloatArray:
    """value − t·error of each resample's t; infinite where a resample has no spread."""
    with np.errstate(divide="ignore", invalid="ignore"):
        reflected: FloatArray = value - (values - value) / errors * error
    return reflected


@dataclass(frozen=True, slots=True)
class _Mean:
    """A mean over answers.

    Attributes:
        parts: of each unit in the error, shape (units,).
        least: standard error that it has at least.
    """

    value: float
    parts: FloatArray
    least: float


def _binned_errors(
    side: Graded, n_units: int, sets_signs: BoolArray, n_bins: int, scheme: Scheme, weighting: Weighting
) -> tuple[_Mean, _Mean]:
    """The plain error and the split one."""
    edges = bin_edges(side.confidence, n_bins, scheme)
    bins = assign(side.confidence, edges)
    # With a weight of 1 / n_b all bins weigh alike.
    weights = np.ones(bins.size) if weighting == "count" else 1 / np.bincount(bins)[bins]
    gap_of, is_other = side.confidence - side.correct, ~sets_signs[side.units]
    plain, split = (
        np.where(np.bincount(bins, weights=gap_of * chosen, minlength=edges.size) >= 0, 1.0, -1.0)[bins]
        for chosen in (1.0, ~is_other)
    )
    return (
        _weighted_mean(side, gap_of * plain, weights, n_units),
        _weighted_mean(side, gap_of * split, weights * is_other, n_units),
    )


def _weighted_mean(side: Graded, values: FloatArray, weights: FloatArray, n_units: int) -> _Mean:
    """Mean of ± (confidence − correct), with at least the spread of a calibrated model.

    All answers of a sure one may be right, and their own spread would then be near 0.
    """
    weights = weights / weights.sum()
    value = float(values @ weights)
    alone = (values - value) * weights
    parts = np.bincount(side.units, weights=alone, minlength=n_units)
    spread = float(weights**2 @ (side.confidence * (1 - side.confidence)))
    clustering = max(1.0, float(parts @ parts) / float(alone @ alone)) if alone.any() else 1.0
    return _Mean(value, parts, math.sqrt(clustering * spread))


def _difference(means: Sequence[_Mean]) -> tuple[float, float]:
    """The first mean, less the second where there are two, with its standard error."""
    signs = (1.0, -1.0)[: len(means)]
    parts = sum(sign * mean.parts for sign, mean in zip(signs, means, strict=True))
    least = math.hypot(*(mean.least for mean in means))
    value = sum(sign * mean.value for sign, mean in zip(signs, means, strict=True))
    return value, max(_standard_error(np.asarray(parts)), least)


def _standard_error(parts: FloatArray) -> float:
    """Standard error of a sum of independent parts that add up to 0; 0 where they are all alike but for rounding."""
    n = parts.size
    error = math.sqrt(float(parts @ parts) * n / (n - 1))
    return error if error > 1e-12 else 0.0


@dataclass(frozen=True, slots=True)
class _Discrimination:
    """AUROC of one side.

    Attributes:
        parts: the part of each unit in the error, shape (units,).
        strata: right and wrong answers of each stratum that has both.
        effect: variance of clustered over that of independent answers, at least 1.
    """

    value: float
    parts: FloatArray
    strata: tuple[tuple[float, float], ...]
    effect: float

    @property
    def fewest(self) -> int:
        """Right answers or wrong ones, whichever are fewer."""
        return int(min(sum(hits for hits, _ in self.strata), sum(misses for _, misses in self.strata)))


def _auroc(side: Graded, n_units: int) -> _Discrimination | None:
    is_right = side.correct > 0.5
    members = [
        (
            np.flatnonzero(is_right & (side.strata == stratum)),
            np.flatnonzero(~is_right & (side.strata == stratum)),
        )
        for stratum in np.unique(side.strata)
    ]
    members = [(hits, misses) for hits, misses in members if hits.size and misses.size]
    if not members:
        return None
    placed_pairs = [
        (
            _placements(side.confidence[hits], side.confidence[misses]),
            1 - _placements(side.confidence[misses], side.confidence[hits]),
        )
        for hits, misses in members
    ]
    n_pairs = sum(hits.size * misses.size for hits, misses in members)
    value = sum(
        float(of_hits.sum()) * misses.size
        for (of_hits, _), (_, misses) in zip(placed_pairs, members, strict=True)
    )
    value /= n_pairs
    parts = np.zeros(side.confidence.size)
    for (hits, misses), (of_hits, of_misses) in zip(members, placed_pairs, strict=True):
        parts[hits] = (of_hits - value) * misses.size / n_pairs * _bessel_factor(hits.size)
        parts[misses] = (of_misses - value) * hits.size / n_pairs * _bessel_factor(misses.size)
    of_units = np.bincount(side.units, weights=parts, minlength=n_units)
    alone, together = float(parts @ parts), float(of_units @ of_units)
    strata = tuple((float(hits.size), float(misses.size)) for hits, misses in members)
    # Perfect separation has no variance, so the design effect is estimated by the number of answers per unit.
    effect = together / alone if alone > 0 else side.units.size / np.unique(side.units).size
    return _Discrimination(value, of_units, strata, max(1.0, effect))


def _placements(of: FloatArray, among: FloatArray) -> FloatArray:
    """Return for each value the share of ``among`` below it, equal ones counting half (DeLong et al. 1988).

    Args:
        of: shape (n,).
        among: shape (m,), m at least 1.

    Returns:
        Shape (n,), 0–1.

    >>> _placements(np.array([0.5]), np.array([0.1, 0.5])).tolist()
    [0.75]
    """
    sorted_among = np.sort(among)
    below = np.searchsorted(sorted_among, of, side="left")
    up_to = np.searchsorted(sorted_among, of, side="right")
    placement: FloatArray = (below + up_to) / (2 * sorted_among.size)
    return placement


def _bessel_factor(n: int) -> float:
    return math.sqrt(n / (n - 1)) if n > 1 else 1.0


def _off_diagonal(matrix: FloatArray, omitted: int | None = None) -> float:
    """Mean over pairs of different samples; NaN without a known pair."""
    is_known = ~np.isnan(matrix)
    np.fill_diagonal(is_known, False)
    if omitted is not None:
        is_known[omitted, :] = is_known[:, omitted] = False
    return float(matrix[is_known].mean()) if is_known.any() else math.nan


def _pseudo_values(sides: Sequence[Sequence[FloatArray]], signs: Sequence[float], value: float) -> FloatArray:
    """Jackknife pseudo-values over the samples, which are left out of all prompts and sides at once."""
    n = min(matrix.shape[0] for side in sides for matrix in side)
    without = [
        sum(
            sign * float(np.mean([_off_diagonal(matrix, sample) for matrix in side]))
            for sign, side in zip(signs, sides, strict=True)
        )
        for sample in range(n)
    ]
    pseudo_values: FloatArray = n * value - (n - 1) * np.array(without)
    return pseudo_values
