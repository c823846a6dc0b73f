"""Calibration of one condition: every estimator under its own name, on option confidence.

The estimators are in the order of the pages. Their intervals are those that predictions are judged by
(`metrics.contrasts`), on every page. Where a question was asked several times (wordings, rotations, repeats), its rows
are one unit: intervals are over questions. What compares sure answers with unsure ones compares within suite and number
of options, or looks at questions with equally many options only: more options make an answer less sure and less often
right at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import product
from operator import attrgetter
from typing import cast

import numpy as np

from llmxray.metrics import calibration, contrasts, discrimination, evidence, latency
from llmxray.metrics.accuracy import FEWEST, clustered, mean, within_unit
from llmxray.metrics.contrasts import Contrast, Graded
from llmxray.metrics.evidence import two_sided
from llmxray.metrics.paired import holm
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionView, ExperimentData, accuracy_of
from llmxray.report.analysis.pairing import Corrected, corrected_by, significant
from llmxray.report.analysis.rows import address, memoized, right, seeded
from llmxray.results import option_probs
from llmxray.scoring import right_options
from llmxray.types import LETTERS, Estimate, Outcome, Row

# Binned errors of fewer items are mostly noise: the pages warn.
FEW_ITEMS = 300
# The bands of the course module's question: above 80% against below 50%.
SURE, UNSURE = 0.8, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimator:
    """One way to put calibration into a number.

    Attributes:
        anchor: of its definition on the methods page.
        statistic: of (confidence, correct); None is "no value".
        evidence: of one condition's answers, or two conditions'; None for a number without interval.
        signed: written in signed points rather than per cent.
        plain: shown without the statistics too.
    """

    name: str
    note: str
    anchor: str
    statistic: calibration.Statistic
    evidence: Callable[[Sequence[Graded], np.random.Generator], Contrast | None] | None = None
    signed: bool = False
    plain: bool = False


def _brier_evidence(sides: Sequence[Graded], rng: np.random.Generator) -> Contrast | None:
    scores = [(side.confidence - side.correct) ** 2 for side in sides]
    sums = [contrasts.sums_and_sizes(score, side.units) for score, side in zip(scores, sides, strict=True)]
    amounts, sizes = zip(*sums, strict=True)
    return contrasts.ratios(amounts, sizes, rng, (0.0, 1.0), "mean")


# 15 equal widths as in Guo et al. (2017); ten equal masses as in HELM.
ECE_15 = Estimator(
    name="ECE-15",
    note="15 equal widths",
    anchor="ece-15",
    statistic=partial(calibration.ece, n_bins=15),
    evidence=contrasts.calibration_errors,
    plain=True,
)
ECE_MASS = Estimator(
    name="Equal-mass ECE",
    note="10 equal counts",
    anchor="ece-mass",
    statistic=partial(calibration.ece, n_bins=10, scheme="equal-mass"),
    evidence=partial(contrasts.calibration_errors, n_bins=10, scheme="equal-mass"),
)
MODULE_BINS = Estimator(
    name="Module five-bin average",
    note="unweighted",
    anchor="module-bins",
    statistic=calibration.module_bin_average,
    evidence=partial(contrasts.calibration_errors, n_bins=5, weighting="bin"),
    plain=True,
)
GAP = Estimator(
    name="Gap",
    note="points, + is overconfident",
    anchor="gap",
    statistic=calibration.gap,
    evidence=lambda sides, _: contrasts.gaps(sides),
    signed=True,
    plain=True,
)
BRIER = Estimator(
    name="Brier", note="0 to 1", anchor="brier", statistic=calibration.brier, evidence=_brier_evidence
)
MCE = Estimator(
    name="MCE", note="worst of 15 bins", anchor="mce", statistic=partial(calibration.mce, n_bins=15)
)
SMOOTH_ECE = Estimator(
    name="Smooth ECE", note="no bins", anchor="smooth-ece", statistic=calibration.smooth_ece
)
ESTIMATORS = (ECE_15, ECE_MASS, MODULE_BINS, GAP, BRIER, MCE, SMOOTH_ECE)


type Stratum = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The answers that a curve, a threshold or two bands may hold: those to questions with equally many options.

    Attributes:
        options: how many; None where all questions have equally many.
        n, of: questions with that many options, and all of them.
    """

    options: int | None
    n: int
    of: int


# No slots: cached properties are kept in the instance's own dictionary.
@dataclass(frozen=True, kw_only=True)
class ConfidenceColumns:
    """Confidence and correctness of a condition's trials, None where there is none.

    Attributes:
        items: the question each row is about, whatever its wording.
        strata: suite and number of options of each row.
        unit_name: what an independent unit is called.
    """

    confidence: tuple[float | None, ...]
    correct: tuple[bool | None, ...]
    items: tuple[str, ...]
    strata: tuple[Stratum, ...]
    unit_name: str = "question"

    @cached_property
    def pool(self) -> Pool:
        """Which answers are pooled where sure ones are compared with unsure ones: those of the commonest size."""
        sizes = Counter(size for _, size in {(item, size) for item, (_, size), _, _ in self.known})
        if len(sizes) < 2:
            return Pool(options=None, n=sizes.total(), of=sizes.total())
        # Of two that are as common the smaller one.
        options = min(sizes, key=lambda size: (-sizes[size], size))
        return Pool(options=options, n=sizes[options], of=sizes.total())

    @cached_property
    def comparable(self) -> ConfidenceColumns:
        """The rows of `pool`."""
        if self.pool.options is None:
            return self
        keep = [place for place, (_, size) in enumerate(self.strata) if size == self.pool.options]
        return replace(
            self,
            confidence=tuple(self.confidence[place] for place in keep),
            correct=tuple(self.correct[place] for place in keep),
            items=tuple(self.items[place] for place in keep),
            strata=tuple(self.strata[place] for place in keep),
        )

    @cached_property
    def n(self) -> int:
        """Rows that have both."""
        return len(self.known)

    @cached_property
    def n_questions(self) -> int:
        """Questions with at least one such row: the independent ones."""
        return len({item for item, _, _, _ in self.known})

    @property
    def clusters(self) -> tuple[str, ...] | None:
        """``items`` where some question has several rows; None where rows are questions."""
        return self.items if self.n_questions < self.n else None

    @property
    def counted(self) -> tuple[str, str]:
        """How many there are, as a number and what it counts: ("240", "answers to 60 questions")."""
        asked = numbers.plural(self.n_questions, self.unit_name)
        return numbers.count(self.n), "" if self.clusters is None else f"answers to {asked}"

    @property
    def known(self) -> list[tuple[str, Stratum, float, bool]]:
        """The rows that have both, each with its question and stratum; made anew, for it would stay in memory."""
        rows = zip(self.items, self.strata, self.confidence, self.correct, strict=True)
        return [
            (item, at, sure, bool(hit))
            for item, at, sure, hit in rows
            if sure is not None and hit is not None
        ]

    @property
    def answers(self) -> list[tuple[float, bool]]:
        """Confidence and correctness of the rows that have both."""
        return [(sure, hit) for _, _, sure, hit in self.known]


@memoized
def columns(view: ConditionView, field: str = "option_confidence") -> ConfidenceColumns:
    """The columns of a condition, one row per scored trial; ``mean_token_probability`` is the original app's number."""
    rows = [row for row in view.rows if right(row) is not None]
    return ConfidenceColumns(
        confidence=tuple(map(attrgetter(field), rows)),
        correct=tuple(right(row) for row in rows),
        items=tuple(map(view.unit, rows)),
        strata=tuple(map(view.design.stratum, rows)),
        unit_name=view.design.unit_name,
    )


@memoized
def estimate(analysis: Analysis, view: ConditionView, estimator: Estimator) -> Estimate:
    """One estimator of one condition with its interval."""
    return estimate_of((columns(view),), estimator, analysis.data.name)


@memoized
def ece_difference(
    analysis: Analysis, a: ConditionView, b: ConditionView, n_comparisons: int = 1
) -> Estimate:
    """ECE-15 of a − ECE-15 of b on the questions for which both have a confidence; ``n`` counts these questions.

    Args:
        n_comparisons: from which this one was picked; the interval has Bonferroni's level, 1 − 0.05/n_comparisons.
    """
    difference = estimate_of(shared((a, b)), ECE_15, analysis.data.name, 1 - 0.05 / n_comparisons)
    return replace(difference, n_missing=len(set(analysis.units)) - difference.n)


def shared(views: Sequence[ConditionView]) -> tuple[ConfidenceColumns, ...]:
    """The columns of conditions on the questions for which every one has a confidence."""
    known = [
        {address(row) for row in view.rows if right(row) is not None and row.option_confidence is not None}
        for view in views
    ]
    common = set.intersection(*known)
    cut = [replace(view, rows=tuple(row for row in view.rows if address(row) in common)) for view in views]
    return tuple(map(columns, cut))


def graded(columns_of: Sequence[ConfidenceColumns]) -> list[Graded]:
    """The answers with a confidence; questions and strata are numbered alike for every condition."""
    known = [data.known for data in columns_of]
    units = {unit: place for place, unit in enumerate(sorted({unit for each in known for unit, *_ in each}))}
    strata = {at: place for place, at in enumerate(sorted({at for each in known for _, at, *_ in each}))}
    return [
        Graded(
            # A sum over options can exceed 1 by a hair.
            np.minimum(np.array([sure for _, _, sure, _ in each], dtype=np.float64), 1.0),
            np.array([hit for *_, hit in each], dtype=np.float64),
            np.array([units[unit] for unit, *_ in each], dtype=np.intp),
            np.array([strata[at] for _, at, *_ in each], dtype=np.intp),
        )
        for each in known
    ]


def evidence_of(columns_of: Sequence[ConfidenceColumns], estimator: Estimator, name: str) -> Contrast | None:
    """The evidence on an estimator of one condition, or on the first's less the second's; None where there is none.

    Args:
        columns_of: one, or two on the same questions (`shared`).
        name: of the experiment, the only seed, so that every page has one interval.
    """
    if estimator.evidence is None or columns_of[0].n_questions < FEWEST:
        return None
    return estimator.evidence(graded(columns_of), seeded(name, "evidence"))


def estimate_of(
    columns_of: Sequence[ConfidenceColumns], estimator: Estimator, name: str, level: float = 0.95
) -> Estimate:
    """What pages show of `evidence_of`; ``n`` counts answers of one condition, or questions of two."""
    first, *others = columns_of
    n, n_missing = (first.n_questions if others else first.n), len(first.confidence) - first.n
    if not first.n:
        return Estimate(None, n=n, n_missing=n_missing, method=estimator.name)
    found = evidence_of(columns_of, estimator, name)
    if found is None:
        values = [estimator.statistic(data.confidence, data.correct) or 0.0 for data in columns_of]
        return Estimate(values[0] - sum(values[1:]), n=n, n_missing=n_missing, method=estimator.name)
    return replace(evidence.estimate(found.evidence, n_missing, level), n=n)


@memoized
def brier_multiclass(analysis: Analysis, view: ConditionView) -> Estimate:
    """Brier score over all options, of the answers whose every option has a probability and one is right."""
    rows = [row for row in view.rows if right(row) is not None]
    scores = calibration.multiclass_scores(
        [_option_probs(row) for row in rows], [_right_place(analysis, row) for row in rows]
    )
    return latency.per_unit(
        scores,
        [None if score is None else 1.0 for score in scores],
        seeded(analysis.data.name, "evidence"),
        clusters=[view.unit(row) for row in rows],
        name="mean",
    )


def _option_probs(row: Row) -> tuple[float, ...] | None:
    probs = option_probs(row)
    return cast("tuple[float, ...]", probs) if probs and None not in probs else None


def _right_place(analysis: Analysis, row: Row) -> int | None:
    # Where several options are right there is no one class.
    several = len(right_options(analysis.items[row.suite, row.item_id])) > 1
    return None if several or row.expected not in LETTERS else LETTERS.index(row.expected)


def auroc(view: ConditionView, field: str = "option_confidence") -> Estimate:
    """The chance that a right answer is more confident than a wrong one, within suite and number of options."""
    data = columns(view, field)
    return discrimination.auroc(data.confidence, data.correct, data.items, data.strata)


@memoized
def leanings(analysis: Analysis) -> dict[str, Corrected]:
    """The test of over- or underconfidence, a gap that is not 0, of each condition with a confidence."""
    views = [view for view in analysis.views if columns(view).n]
    gaps = {view.id: evidence_of((columns(view),), GAP, analysis.data.name) for view in views}
    p_values = {name: None if gap is None else two_sided(gap.evidence, 0.0) for name, gap in gaps.items()}
    return corrected_by("condition", p_values)


def informative(columns_of: Sequence[ConfidenceColumns]) -> tuple[bool, ...]:
    """Whether each condition's confidence is shown to sort right answers from wrong, Holm over the conditions."""
    # None where no suite has right and wrong answers of one size.
    found = [
        discrimination.contrast(data.confidence, data.correct, data.items, data.strata) for data in columns_of
    ]
    p_values = [None if each is None else two_sided(each.evidence, 0.5) for each in found]
    return tuple(
        each is not None and each.evidence.value > 0.5 and significant(p)
        for each, p in zip(found, holm(p_values), strict=True)
    )


def kinds_of(views: Sequence[ConditionView]) -> dict[str, list[str]]:
    """Labels of the conditions with a confidence, by kind of answer: confidences of two kinds do not compare."""
    kinds: dict[str, list[str]] = {}
    for view in views:
        if columns(view).n:
            kinds.setdefault(view.condition.answer, []).append(view.label)
    return kinds


def mean_confidence(view: ConditionView) -> Estimate:
    """Mean option confidence with its t interval, over questions where they have several rows."""
    data = columns(view)
    if data.clusters is None:
        return within_unit(mean(data.confidence))
    return within_unit(clustered(data.confidence, data.clusters))


def scores_of(data: ExperimentData) -> dict[tuple[str, str], Mapping[str, Estimate]]:
    """Accuracy and ECE-15 by (condition, suite): what is handed to other tools.

    Without a scored trial there is no entry, and without confidences no ECE.
    """
    found: dict[tuple[str, str], Mapping[str, Estimate]] = {}
    analysis = Analysis(data)
    for view, suite in product(analysis.views, analysis.suites):
        rows = tuple(row for row in view.of(suite=suite) if row.outcome is not Outcome.UNSCORED)
        accuracy = accuracy_of(rows, view.design)
        if accuracy.value is None:
            continue
        sure = columns(replace(view, rows=rows))
        error = estimate_of((sure,), ECE_15, data.name)
        found[view.id, suite] = {"accuracy": accuracy, **({} if error.value is None else {"ece": error})}
    return found
