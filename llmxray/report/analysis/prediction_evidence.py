"""What the recordings say of a prediction: the evidence on its metric, or why there is none.

The metrics are those of the pages. Repeats of a question are averaged first; two conditions are compared on the
questions that both have a value for; questions that are paraphrases of one another are one independent unit.

====================  =============================================================================================
metric                definition
====================  =============================================================================================
accuracy              correct / (N − error)
ece, brier, auroc     of option confidence; AUROC within suite and number of options
latency               median seconds of a question; of two conditions the median of the questions' differences
tokens                median completion tokens of a question, and so on
tokens_per_second     median of a reply's completion tokens / its latency
accuracy_per_second   correct answers / seconds of waiting
similarity            mean Jaccard index of the words of two samples of a prompt, averaged over prompts
truncation            replies cut off by the token budget before an answer could be read, or an open reply at all
same_seed             similarity of answers that share a seed less that of the others, between two conditions each,
                      averaged over prompts without a right answer
paraphrase_gap        accuracy in the first wording less that in the others
favourite_share       answers that name the commonest letter / answers that name a letter
====================  =============================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter

import numpy as np

from llmxray.experiment import CHANCE, EVERYWHERE, PERCENT, POSITION, Metric, Prediction
from llmxray.metrics import contrasts
from llmxray.metrics.columns import FloatArray, IntArray
from llmxray.metrics.contrasts import Contrast
from llmxray.metrics.evidence import CheckedEvidence, ExtremeEvidence
from llmxray.metrics.resampling import encode_clusters, sums_of_clusters
from llmxray.metrics.verdict import Claim, judge
from llmxray.plan import PROMPTS
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionView, accuracy_of, confidence
from llmxray.report.analysis.confidence import ConfidenceColumns, Estimator
from llmxray.report.analysis.leaders import guessing_p_values
from llmxray.report.analysis.rows import address, grouped, item_means, memoized, rate, right, seeded
from llmxray.report.analysis.similarity import free_prompts, jaccards, seed_evidence, word_sets
from llmxray.types import LETTERS, Estimate, GateMetric, Outcome, Row
from llmxray.wire import is_cut

_ALIKE = "all values are alike, so there is no spread to judge by"
_NO_CONFIDENCE = "no option confidence was recorded"
_UNTIMED = "nothing was timed"
_LATENCY = attrgetter("latency_s")


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionEvidence:
    """A prediction that can be judged.

    Attributes:
        claim: its evidence, and the range that its value is to lie in.
        of: the metric of the condition; against: what it is compared with; both in the metric's own unit, shares
            from 0 to 1.
        offset: what the evidence's value exceeds ``of − against`` by.
    """

    claim: Claim
    of: float
    against: float
    offset: float


class _Undecided(Exception):
    """Why there is no evidence; never leaves this module."""


type _Measure = Callable[[Analysis, Sequence[ConditionView]], Contrast | None]


def measure_prediction(analysis: Analysis, prediction: Prediction) -> PredictionEvidence | str:
    """The evidence on a prediction, or in a sentence's words why there is none."""
    try:
        return _measured(analysis, prediction)
    except _Undecided as reason:
        return str(reason)


def compare_conditions(
    analysis: Analysis, metric: Metric, a: str, b: str, *, relative: bool = False
) -> Contrast | str:
    """The evidence on metric(a) − metric(b) over all questions, or in a sentence's words why there is none.

    Args:
        a, b: ids of conditions.
        relative: compare the medians by their ratio, less 1; for metrics that are medians.
    """
    try:
        sides = [_side(analysis, name, EVERYWHERE) for name in (a, b)]
        made = _RELATIVE if relative else _MEASURES
        found = made[metric](analysis, sides)
    except _Undecided as reason:
        return str(reason)
    if found is None:
        return "a median of 0 has no ratio" if relative else _ALIKE
    return found


def questions_with_value(metric: GateMetric, views: Sequence[ConditionView]) -> set[str]:
    """The questions that have a value under every condition, wordings of one taken together."""
    value = _VALUES[metric]
    known = [{address(row) for row in view.rows if value(row) is not None} for view in views]
    return {views[0].design.unit(each) for each in set.intersection(*known)}


def metric_of(analysis: Analysis, view: ConditionView, metric: Metric, on: str) -> Estimate:
    """A metric of a condition, in the metric's own unit (shares from 0 to 1).

    With the 95% interval of the condition, not of a difference; without a value where there is no evidence.

    Args:
        on: the suite, category or prompt; "all".
    """
    if metric == "accuracy":
        # With the interval that every other page gives it; a test has another one.
        return accuracy_of(rows_on(view.rows, on), analysis.design)
    # A prediction against a number is the way to ask for one condition's evidence.
    found = measure_prediction(analysis, Prediction(claim="-", metric=metric, of=view.id, above=0, on=on))
    if isinstance(found, str):
        return Estimate(None)
    (judged,) = judge([found.claim])
    # What the evidence's value exceeds the metric by; with 0 to compare with, a bias that tests allow for.
    low, high = (None if end is None else end - found.offset for end in (judged.low, judged.high))
    return Estimate(found.of, low, high, found.claim.evidence.n)


def scale_of(metric: Metric) -> float:
    """What a value as people write it is divided by: 100 where it is in percent."""
    return 100.0 if metric in PERCENT else 1.0


def _measured(analysis: Analysis, prediction: Prediction) -> PredictionEvidence:
    metric, against = prediction.metric, prediction.against
    names = prediction.conditions([view.id for view in analysis.views])
    if isinstance(against, str) and against != CHANCE:
        names = (*names, against)
    sides = [_side(analysis, name, prediction.on) for name in names]
    measure = _against_guessing if against == CHANCE else _MEASURES[metric]
    if prediction.on == POSITION:
        measure = _at_weakest_position(measure, lowest=prediction.direction == "above")
    found = measure(analysis, sides)
    if found is None:
        raise _Undecided(_ALIKE)
    if against == CHANCE:
        base = compared = _chance(analysis, sides[0])
        if prediction.on == POSITION and len({len(row.order) for row in sides[0].rows}) > 1:
            raise _Undecided("the questions differ in the number of options, and so do positions in guessing")
    elif isinstance(against, str):
        base, compared = 0.0, found.values[1]
    else:
        base = compared = float(against) / scale_of(metric)
    low, high = (None if end is None else base + end / scale_of(metric) for end in prediction.range)
    claim = Claim(found.evidence, low, high)
    return PredictionEvidence(claim=claim, of=found.values[0], against=compared, offset=base)


@memoized
def _side(analysis: Analysis, name: str, on: str) -> ConditionView:
    """A condition with its trials in the place that a prediction is about."""
    view = next((view for view in analysis.views if view.id == name), None)
    if view is None:
        raise _Undecided(f"there is no condition named {name}")
    rows = rows_on(view.rows, on)
    if not rows:
        what = "with its options rotated" if on == POSITION else f"called {on}"
        raise _Undecided(f"{name} was asked nothing {what}")
    return replace(view, rows=rows)


def rows_on(rows: Sequence[Row], on: str) -> tuple[Row, ...]:
    """Trials of a suite, else of a category; all of them for ``all``, those with rotated options for ``position``."""
    if on in (EVERYWHERE, POSITION):
        return tuple(row for row in rows if on == EVERYWHERE or row.rotation is not None)
    # A suite's name comes first: a category of the same name is all of it, or part of it.
    return tuple(row for row in rows if row.suite == on) or tuple(row for row in rows if row.category == on)


def _chance(analysis: Analysis, side: ConditionView) -> float:
    """Mean accuracy of blind guessing on the questions that count."""
    counting = dict.fromkeys((row.suite, row.item_id) for row in side.rows if right(row) is not None)
    rates = [rate for key in counting if (rate := analysis.guess_rate(side, key)) is not None]
    if len(rates) < len(counting):
        raise _Undecided("some questions have no options to guess among")
    return sum(rates) / len(rates)


def _against_guessing(analysis: Analysis, sides: Sequence[ConditionView]) -> Contrast:
    """Accuracy, with the exact test of whether it is more or less than guessing gets."""
    found = _of_one(right, "nothing is scored", contrasts.shares)(analysis, sides)
    chance, p_values = _chance(analysis, sides[0]), guessing_p_values(analysis, sides[0])
    assert found is not None
    assert p_values is not None
    return replace(found, evidence=CheckedEvidence(found.evidence, chance, *p_values))


type _Value = Callable[[Row], float | None]


def _columns(
    analysis: Analysis, sides: Sequence[ConditionView], kinds: Sequence[tuple[_Value, str]]
) -> tuple[list[list[FloatArray]], IntArray, float]:
    """Item means of each kind of value, of the questions that every side has; and the unit of each.

    Args:
        kinds: how a value is read from a trial, and what is said where a condition has none.

    Returns:
        By kind one column a side, all aligned; the units; and how many values of a side a unit has, on average.
    """
    means = [[item_means(side.rows, value) for value, _ in kinds] for side in sides]
    for side, found in zip(sides, means, strict=True):
        for each, (_, why) in zip(found, kinds, strict=True):
            if not each:
                raise _Undecided(f"{why} for {side.label}")
    known = [each for found in means for each in found]
    keys = [key for key in known[0] if all(key in each for each in known)]
    units = _units(analysis, keys)
    value, shared = kinds[0][0], set(keys)
    n_values = sum(value(row) is not None for side in sides for row in side.rows if address(row) in shared)
    columns = [
        [np.array([each[key] for key in keys]) for each in of_kind] for of_kind in zip(*means, strict=True)
    ]
    return columns, units, n_values / len(sides) / (int(units.max()) + 1)


def _units(analysis: Analysis, keys: Sequence[str]) -> IntArray:
    """Number of the independent unit of each question: paraphrases share one."""
    units = encode_clusters([analysis.design.unit(key) for key in keys])
    _require(int(units.max(initial=-1)) + 1)
    return units


def _require(n_units: int, fewest: int = contrasts.FEWEST) -> None:
    if not n_units:
        raise _Undecided("the two conditions have no question in common that both answered")
    if n_units < fewest:
        n = numbers.plural(n_units, "independent question")
        raise _Undecided(f"only {n}: an interval needs {fewest}")


type _Test = Callable[[Sequence[FloatArray], IntArray, float], Contrast | None]


def _of_one(value: _Value, why: str, test: _Test) -> _Measure:
    """The measure of one kind of value; ``why`` is said where a condition has none."""

    def measure(analysis: Analysis, sides: Sequence[ConditionView]) -> Contrast | None:
        (columns,), units, answers = _columns(analysis, sides, [(value, why)])
        return test(columns, units, answers)

    return measure


def _median(value: _Value, why: str, *, relative: bool = False) -> _Measure:
    return _of_one(value, why, lambda sides, units, _: contrasts.medians(sides, units, relative=relative))


def _per_second(analysis: Analysis, sides: Sequence[ConditionView]) -> Contrast | None:
    kinds: list[tuple[_Value, str]] = [(right, "nothing is scored"), (_LATENCY, _UNTIMED)]
    columns, units, _ = _columns(analysis, sides, kinds)
    _require(int(units.max()) + 1, contrasts.FEWEST_BOOTSTRAP)
    amounts, seconds = ([sums_of_clusters(side, units) for side in of_kind] for of_kind in columns)
    return contrasts.ratios(amounts, seconds, seeded(analysis.data.name, "evidence"), name="rate")


def _of_confidence(estimator: Estimator, fewest: int = contrasts.FEWEST) -> _Measure:
    """The measure of an estimator of calibration, by the evidence that its intervals on the pages are made of."""

    def measure(analysis: Analysis, sides: Sequence[ConditionView]) -> Contrast | None:
        columns_of = _sure(sides)
        _require(columns_of[0].n_questions, fewest)
        return confidence.evidence_of(columns_of, estimator, analysis.data.name)

    return measure


def _auroc(analysis: Analysis, sides: Sequence[ConditionView]) -> Contrast | None:
    graded = confidence.graded(_sure(sides))
    for side, found in zip(sides, graded, strict=True):
        hits = int(found.correct.sum())
        for n, what in ((hits, "right"), (found.correct.size - hits, "wrong")):
            if n < contrasts.FEWEST:
                raise _Undecided(
                    f"{side.label} has only {numbers.plural(n, f'{what} answer')}: an interval needs "
                    f"{contrasts.FEWEST}"
                )
    return contrasts.discriminations(graded)


def _sure(sides: Sequence[ConditionView]) -> tuple[ConfidenceColumns, ...]:
    """The answers with a confidence to the questions for which every side has one."""
    for side in sides:
        if not any(_squared(row) is not None for row in side.rows):
            raise _Undecided(f"{_NO_CONFIDENCE} for {side.label}")
    found = confidence.shared(sides)
    _require(found[0].n_questions)
    return found


def _similarity(analysis: Analysis, sides: Sequence[ConditionView]) -> Contrast | None:
    texts = [_samples(side) for side in sides]
    keys = [key for key in texts[0] if all(key in each for each in texts)]
    if not keys:
        raise _Undecided("no prompt has two whole replies with words under every condition compared")
    # Prompts first, samples where prompts are few.
    n_samples = min(matrix.shape[0] for text in texts for matrix in (text[key] for key in keys))
    if len(keys) < contrasts.FEWEST and n_samples < contrasts.FEWEST_SAMPLES:
        raise _Undecided(
            f"only {numbers.plural(len(keys), 'prompt')} and {numbers.plural(n_samples, 'sample')} of each: an "
            f"interval needs {contrasts.FEWEST} prompts or {contrasts.FEWEST_SAMPLES} samples"
        )
    return contrasts.similarities([[each[key] for key in keys] for each in texts])


def _at_weakest_position(measure: _Measure, *, lowest: bool) -> _Measure:
    """The measure at the position of the right option where it is lowest, or highest; parts in the letters' order."""

    def at(letter: str, analysis: Analysis, sides: Sequence[ConditionView]) -> Contrast:
        there = [
            replace(side, rows=tuple(row for row in side.rows if row.expected == letter)) for side in sides
        ]
        try:
            if (found := measure(analysis, there)) is not None:
                return found
        except _Undecided as reason:
            raise _Undecided(f"{reason}, with the right option at {letter}") from None
        raise _Undecided(_ALIKE)

    def at_weakest(analysis: Analysis, sides: Sequence[ConditionView]) -> Contrast:
        letters = LETTERS[: max(len(row.order) for side in sides for row in side.rows)]
        return _extreme([at(letter, analysis, sides) for letter in letters], lowest=lowest)

    return at_weakest


def _extreme(parts: Sequence[Contrast], *, lowest: bool) -> Contrast:
    evidence = ExtremeEvidence([part.evidence for part in parts], lowest)
    return Contrast(evidence, parts[evidence.place].values)


def _favourite(analysis: Analysis, sides: Sequence[ConditionView]) -> Contrast | None:
    options = analysis.design.options
    letters = tuple(LETTERS[: max(options.get(address(row), 0) for row in sides[0].rows)])

    def names(letter: str, row: Row) -> float | None:
        return None if right(row) is None or row.answer not in letters else float(row.answer == letter)

    why = "no answer names a letter"
    if not letters:
        raise _Undecided(why)
    measures = [_of_one(partial(names, letter), why, contrasts.shares) for letter in letters]
    found = [measure(analysis, sides) for measure in measures]
    return _extreme([each for each in found if each is not None], lowest=False)


def _paraphrase_gap(analysis: Analysis, sides: Sequence[ConditionView]) -> Contrast | None:
    wordings, here = analysis.design.wordings, {address(row) for row in sides[0].rows}
    everywhere = next(view for view in analysis.views if view.id == sides[0].id).rows
    suites = {address(row): row.suite for row in everywhere}
    first, others = [], []
    for row in everywhere:
        question = wordings.get(address(row), "")
        # A place that holds first wordings only is compared with all of their other wordings.
        if address(row) == question:
            first.append(row)
        elif question and not here.isdisjoint((address(row), question)):
            # By the address of the first wording, as trials of one question.
            others.append(replace(row, suite=suites.get(question, row.suite)))
    if not others:
        raise _Undecided(f"{sides[0].label} was asked in one wording only")
    pair = [replace(sides[0], rows=tuple(rows)) for rows in (first, others)]
    found = _MEASURES["accuracy"](analysis, pair)
    return None if found is None else Contrast(found.evidence, (found.evidence.value,))


def _same_seed(analysis: Analysis, sides: Sequence[ConditionView]) -> Contrast | None:
    seeds = {side.condition.sampling.get("seed") for side in sides}
    if len(seeds) > 1 or None in seeds:
        raise _Undecided("these conditions share no seed")
    asked = {row.item_id for side in sides for row in side.rows if row.suite == PROMPTS}
    items = [item for item in free_prompts(analysis.plan) if item.id in asked]
    if not items:
        raise _Undecided("no prompt without a right answer was asked")
    # All of them as the pages compare them.
    among = () if len(sides) == len(analysis.views) else tuple(side.id for side in sides)
    evidence = seed_evidence(analysis, items, among)
    return None if evidence is None else Contrast(evidence, (evidence.value,))


def _alike(rows: Sequence[Row]) -> FloatArray:
    """How alike the replies of some rows are, each with each, in sample order; NaN where there is no reply."""
    ordered = sorted(rows, key=lambda row: (row.sample, row.rotation or 0))
    found = word_sets([None if row.outcome is Outcome.ERROR else row.text for row in ordered])
    return jaccards(found, found)


# A hundred predictions may be about the same samples.
@memoized
def _samples(side: ConditionView) -> dict[str, FloatArray]:
    """By prompt the similarities of its samples, shape (samples, samples); prompts without a known pair left out."""
    found = {}
    for key, rows in grouped(side.rows, address).items():
        matrix = _alike(rows)
        known = ~np.isnan(matrix)
        np.fill_diagonal(known, False)
        if known.any():
            found[key] = matrix
    return found


def _squared(row: Row) -> float | None:
    hit = right(row)
    return None if hit is None or row.option_confidence is None else (row.option_confidence - hit) ** 2


def _cut(row: Row) -> float | None:
    if row.outcome is Outcome.ERROR:
        return None
    # An open reply has no answer to be read, so that it ended at the budget is all there is to say.
    open_and_cut = row.outcome is Outcome.UNSCORED and is_cut(row.finish_reason)
    return float(row.outcome is Outcome.TRUNCATED or open_and_cut)


_MEASURES: Mapping[Metric, _Measure] = {
    "accuracy": _of_one(right, "nothing is scored", contrasts.shares),
    "ece": _of_confidence(confidence.ECE_15),
    "brier": _of_confidence(confidence.BRIER, contrasts.FEWEST_BOOTSTRAP),
    "auroc": _auroc,
    "latency": _median(_LATENCY, _UNTIMED),
    "tokens": _median(attrgetter("completion_tokens"), "the server reported no tokens"),
    "tokens_per_second": _median(rate, "the server reported no tokens, or nothing was timed,"),
    "accuracy_per_second": _per_second,
    "similarity": _similarity,
    "truncation": _of_one(_cut, "no whole reply was recorded", contrasts.shares),
    "same_seed": _same_seed,
    "paraphrase_gap": _paraphrase_gap,
    "favourite_share": _favourite,
}
_VALUES: Mapping[GateMetric, _Value] = {"accuracy": right, "ece": _squared, "latency": _LATENCY}
# By how much one median exceeds the other, as a share of it.
_RELATIVE: Mapping[Metric, _Measure] = {"latency": _median(_LATENCY, _UNTIMED, relative=True)}
