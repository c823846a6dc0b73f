"""Calibration of one condition: every estimator under its own name, on option confidence.

Seven estimators, in the order of the pages. Smooth ECE costs milliseconds a resample, so it gets fewer.
Where a question was asked several times (rotations, repeats), its rows are one cluster: intervals are over questions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial

from llmxray.metrics import bands, calibration, selective
from llmxray.metrics.accuracy import clustered, mean, within_unit
from llmxray.metrics.bands import Band
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, Name, View, address, kept, right, seeded
from llmxray.results import option_probs
from llmxray.scoring import right_options
from llmxray.types import LETTERS, Estimate, Row

N_RESAMPLES, N_RESAMPLES_SMOOTH = 2000, 200
# Binned errors of fewer items are mostly noise: the pages warn.
FEW_ITEMS = 300
# The bands of the course module's question: above 80% against below 50%.
SURE, UNSURE = 0.8, 0.5

# 15 equal widths as in Guo et al. (2017); ten equal masses as in HELM.
ece_15 = partial(calibration.ece, n_bins=15)
ece_mass = partial(calibration.ece, n_bins=10, scheme="equal-mass")


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimator:
    """One way to put calibration into a number.

    Attributes:
        anchor: of its definition on the methods page.
        signed: written in signed points rather than per cent.
    """

    name: str
    note: str
    anchor: str
    statistic: calibration.Statistic
    resamples: int = N_RESAMPLES
    signed: bool = False


ECE_15 = Estimator(name="ECE-15", note="15 equal widths", anchor="ece-15", statistic=ece_15)
ECE_MASS = Estimator(name="Equal-mass ECE", note="10 equal counts", anchor="ece-mass", statistic=ece_mass)
MODULE_BINS = Estimator(
    name="Module five-bin average",
    note="unweighted",
    anchor="module-bins",
    statistic=calibration.module_bin_average,
)
GAP = Estimator(
    name="Gap", note="points, + is overconfident", anchor="gap", statistic=calibration.gap, signed=True
)
BRIER = Estimator(name="Brier", note="0 to 1", anchor="brier", statistic=calibration.brier)
MCE = Estimator(
    name="MCE", note="worst of 15 bins", anchor="mce", statistic=partial(calibration.mce, n_bins=15)
)
SMOOTH_ECE = Estimator(
    name="Smooth ECE",
    note="no bins",
    anchor="smooth-ece",
    statistic=calibration.smooth_ece,
    resamples=N_RESAMPLES_SMOOTH,
)
ESTIMATORS = (ECE_15, ECE_MASS, MODULE_BINS, GAP, BRIER, MCE, SMOOTH_ECE)


# No slots: cached properties are kept in the instance's own dictionary.
@dataclass(frozen=True)
class Columns:
    """Confidence and correctness of a condition's trials, None where there is none.

    Attributes:
        items: the question each row is about.
        rotated: questions were asked once per rotation of their options.
    """

    confidence: tuple[float | None, ...]
    correct: tuple[bool | None, ...]
    items: tuple[str, ...]
    rotated: bool = False

    @cached_property
    def n(self) -> int:
        """Rows that have both."""
        return len(self._known)

    @cached_property
    def n_questions(self) -> int:
        """Questions with at least one such row: the independent ones."""
        return len(set(self._known))

    @property
    def clusters(self) -> tuple[str, ...] | None:
        """``items`` where some question has several rows; None where rows are questions."""
        return self.items if self.n_questions < self.n else None

    @property
    def counted(self) -> tuple[str, str]:
        """How many there are, as a number and what it counts: ("60 × 4", "questions × rotations")."""
        if self.clusters is None:
            return numbers.count(self.n), ""
        each = set(Counter(self._known).values())
        if len(each) == 1:
            what = "rotations" if self.rotated else "repeats"
            return f"{numbers.count(self.n_questions)} × {each.pop()}", f"questions × {what}"
        return numbers.count(self.n), f"answers to {numbers.plural(self.n_questions, 'question')}"

    @cached_property
    def _known(self) -> list[str]:
        both = zip(self.items, self.confidence, self.correct, strict=True)
        return [item for item, sure, hit in both if sure is not None and hit is not None]

    def known(self) -> list[tuple[float, bool]]:
        """The rows that have both."""
        both = zip(self.confidence, self.correct, strict=True)
        return [(sure, bool(hit)) for sure, hit in both if sure is not None and hit is not None]


@kept
def columns(view: View) -> Columns:
    """The columns of a condition, one row per scored trial."""
    return _columns(view, lambda row: row.option_confidence)


@kept
def token_columns(view: View) -> Columns:
    """The same with the mean token probability, the original app's number."""
    return _columns(view, lambda row: row.mean_token_probability)


def _columns(view: View, sure: Callable[[Row], float | None]) -> Columns:
    rows = [row for row in view.rows if right(row) is not None]
    return Columns(
        tuple(map(sure, rows)),
        tuple(right(row) for row in rows),
        tuple(map(address, rows)),
        any(row.rotation is not None for row in rows),
    )


def estimate(analysis: Analysis, view: View, estimator: Estimator) -> Estimate:
    """One estimator of one condition with its bootstrap interval."""
    return analysis.once(*_bootstrap(analysis, view, estimator))


def estimates(analysis: Analysis, view: View) -> Iterator[tuple[Name, Callable[[], Estimate]]]:
    """Every estimator of a condition by the name that `estimate` asks for it, not yet made."""
    return (_bootstrap(analysis, view, estimator) for estimator in ESTIMATORS)


def _bootstrap(analysis: Analysis, view: View, estimator: Estimator) -> tuple[Name, Callable[[], Estimate]]:
    name, data = (view.id, estimator.anchor), columns(view)
    # A partial and no closure: it is pickled on its way to the process of `ahead`.
    make = partial(
        calibration.bootstrap,
        estimator.statistic,
        data.confidence,
        data.correct,
        seeded(analysis.data.name, *name),
        n_resamples=estimator.resamples,
        clusters=data.clusters,
    )
    return name, make


def brier_multiclass(analysis: Analysis, view: View) -> Estimate:
    """Brier score over all options, of the answers whose every option has a probability and one is right."""
    name = (view.id, "brier-multiclass")
    rows = [row for row in view.rows if right(row) is not None]
    made = partial(
        calibration.bootstrap_multiclass,
        [_option_probs(row) for row in rows],
        [_right_place(analysis, row) for row in rows],
        seeded(analysis.data.name, *name),
        n_resamples=N_RESAMPLES,
        clusters=columns(view).clusters and columns(view).items,
    )
    return analysis.once(name, made)


def _option_probs(row: Row) -> tuple[float, ...] | None:
    probs = option_probs(row)
    known = tuple(value for value in probs if value is not None)
    return known if known and len(known) == len(probs) else None


def _right_place(analysis: Analysis, row: Row) -> int | None:
    # Where several options are right there is no one class.
    several = len(right_options(analysis.items[row.suite, row.item_id])) > 1
    return None if several or row.expected not in LETTERS else LETTERS.index(row.expected)


def auroc(view: View) -> Estimate:
    """The chance that a right answer is more confident than a wrong one."""
    data = columns(view)
    return selective.auroc(data.confidence, data.correct, data.clusters)


def mean_confidence(view: View) -> Estimate:
    """Mean option confidence with its t interval, over questions where they have several rows."""
    data = columns(view)
    if data.clusters is None:
        return within_unit(mean(data.confidence))
    return within_unit(clustered(data.confidence, data.clusters))


def ece_difference(analysis: Analysis, a: View, b: View) -> Estimate:
    """ECE-15 of a − ECE-15 of b on the questions that both have a confidence for, paired bootstrap."""
    return analysis.pairing.ece_difference(a, b)


def band(data: Columns, keep: Callable[[float], bool]) -> Band:
    """The answers whose confidence ``keep`` accepts."""
    return bands.band(data.confidence, data.correct, keep, data.clusters)
