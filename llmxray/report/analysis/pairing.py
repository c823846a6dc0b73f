"""What two conditions come to on the same questions: tests, times, and the draws that a choice is made by.

All pairs share one seeded draw of questions, so a number is the same on whichever page it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from llmxray.metrics import latency, paired
from llmxray.metrics.joint import Joint, Replicates, sheet
from llmxray.metrics.paired import PairedTest, holm
from llmxray.metrics.resampling import encode_clusters
from llmxray.plan import item_address
from llmxray.report import numbers
from llmxray.report.analysis.memo import memoized, seeded
from llmxray.report.analysis.rows import right
from llmxray.types import Estimate, Row

# The analysis holds the pairing, and so imports this module first.
if TYPE_CHECKING:
    from llmxray.report.analysis import Analysis, ConditionResults

# Every draw is in the data file of the page that lets one choose, and its script counts them at each move of a slider.
N_DRAWS = 400
ALPHA = 0.05


def significant(p: float | None) -> bool:
    """Whether a p is below `ALPHA`; None, of what could not be tested, is not."""
    return p is not None and p < ALPHA


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """Two columns of answers to the same questions, one comparison of a family.

    Attributes:
        test: of the first against the second.
        p_holm: its p adjusted over the family, see `adjusted`; None before that, and without questions.
    """

    test: PairedTest
    p_holm: float | None = None

    @property
    def difference(self) -> Estimate:
        """Accuracy of the first − accuracy of the second."""
        return self.test.difference

    @property
    def p_value(self) -> float | None:
        """Of this comparison alone; None without questions."""
        return self.test.p_value

    @property
    def differs(self) -> bool:
        """Whether the data can tell the two apart, by the adjusted test."""
        return significant(self.p_holm)


def adjusted[T: Tested](family: Sequence[T]) -> tuple[T, ...]:
    """The same comparisons, Holm-adjusted over all of them."""
    p_holm = paired.holm([each.p_value for each in family])
    return tuple(replace(each, p_holm=p) for each, p in zip(family, p_holm, strict=True))


class Pairing:
    """Paired numbers of an experiment's conditions, computed when asked for and kept by the analysis."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._name = analysis.data.name

    @cached_property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """(suite, item) of every question that any condition was asked, scored or not, in plan order."""
        asked = {(row.suite, row.item_id) for row in self._analysis.data.results.rows}
        return tuple(key for key in self._analysis.items if key in asked)

    @cached_property
    def joint(self) -> Joint:
        """The draw of questions that all pairs share."""
        return Joint(encode_clusters(self.units), seeded(self._name, "joint"), N_DRAWS)

    @cached_property
    def units(self) -> tuple[str, ...]:
        """The question of each of `keys`."""
        return tuple(self._analysis.design.unit(item_address(suite, item)) for suite, item in self.keys)

    @memoized
    def replicates(self, view: ConditionResults) -> Replicates:
        """The condition's accuracy, mean latency and ECE-15 on the data and on every resample."""
        by_item: dict[tuple[str, str], list[Row]] = {key: [] for key in self.keys}
        for row in view.rows:
            by_item[row.suite, row.item_id].append(row)
        rows = by_item.values()
        columns = sheet(
            [[float(hit) for row in each if (hit := right(row)) is not None] for each in rows],
            [[row.latency_s for row in each if row.latency_s is not None] for each in rows],
            [[pair for row in each if (pair := _confident(row)) is not None] for each in rows],
        )
        return self.joint.replicates(columns)

    def latency_ratio(self, a: ConditionResults, b: ConditionResults) -> Estimate:
        """Seconds of a / seconds of b, summed over the questions that both have times of."""
        of_a, of_b = a.means("latency_s"), b.means("latency_s")
        items = [item for item in of_a if item in of_b]
        units = [self._analysis.design.unit(item) for item in items]
        seconds = [[times[item] for item in items] for times in (of_a, of_b)]
        rng = seeded(self._name, "evidence")
        return latency.per_unit(seconds[0], seconds[1], rng, clusters=units, name="ratio of mean latencies")


def _confident(row: Row) -> tuple[float, float] | None:
    hit = right(row)
    return None if hit is None or row.option_confidence is None else (row.option_confidence, float(hit))


type Family = Literal["pair", "condition", "suite total", "group", "cell", "prompt", "model pair"]
"""What a family counts: every two conditions, or models; each condition by itself (guessing, confidence, positions,
categories); the suites, groups and categories of a heatmap; prompts asked at another setting or seed."""
type Claim = Literal["clearly", "measurably", "beats", "overconfident", "underconfident"]
"""Words that claim a difference; frozen predictions have their own, see `wording.predictions`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A test of a family.

    Attributes:
        p_holm: adjusted over the family; None where there was nothing to test.
        size: tests in the family.
    """

    p_holm: float | None
    family: Family
    size: int

    @property
    def is_significant(self) -> bool:
        """Whether a sentence may claim what was tested."""
        return significant(self.p_holm)

    def claim(self, word: Claim) -> str:
        """The word, which only a significant test gives to a sentence.

        Raises:
            ValueError: it is not significant after correction: say that instead.
        """
        if not self.is_significant:
            raise ValueError(f"“{word}” needs a significant test, not {self.doubt}")
        return word

    @property
    def doubt(self) -> str:
        """The statistics beside a claim: "p = 0.03, Holm over 28 pairs"."""
        over = f", Holm over {numbers.plural(self.size, self.family)}" if self.size > 1 else ""
        return numbers.p_value(self.p_holm) + (over if self.p_holm is not None else "")


def corrected(family: Family, p_values: Sequence[float | None]) -> tuple[Corrected, ...]:
    """The tests of a family, in their order."""
    size = sum(p is not None for p in p_values)
    return tuple(Corrected(p_holm=p, family=family, size=size) for p in holm(p_values))


def corrected_by[K](family: Family, p_values: Mapping[K, float | None]) -> dict[K, Corrected]:
    """The same by what each is about."""
    return dict(zip(p_values, corrected(family, list(p_values.values())), strict=True))


def member(family: Family, test: Tested, tests: Sequence[Tested]) -> Corrected:
    """A comparison among those that it was adjusted with, see `pairing.adjusted`."""
    return Corrected(p_holm=test.p_holm, family=family, size=sum(each.p_value is not None for each in tests))
