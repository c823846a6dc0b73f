"""Tests of two conditions on the same questions, and families of tests.

All that one kind of sentence could have claimed on one page is corrected together, by Holm. Frozen predictions are a
family too (`metrics.verdict`), and so are a pair's categories.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from llmxray.metrics.paired import PairedTest, holm
from llmxray.report import numbers
from llmxray.types import Estimate

ALPHA = 0.05


def significant(p: float | None) -> bool:
    """Whether a p is below `ALPHA`; None, of what could not be tested, is not."""
    return p is not None and p < ALPHA


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


_UNTESTED = Corrected(p_holm=None, family="pair", size=0)


def corrected(family: Family, p_values: Sequence[float | None]) -> tuple[Corrected, ...]:
    """The tests of a family, in their order."""
    size = sum(p is not None for p in p_values)
    return tuple(Corrected(p_holm=p, family=family, size=size) for p in holm(p_values))


def corrected_by[K](family: Family, p_values: Mapping[K, float | None]) -> dict[K, Corrected]:
    """The same by what each is about."""
    return dict(zip(p_values, corrected(family, list(p_values.values())), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """Two columns of answers to the same questions, one comparison of a family.

    Attributes:
        test: of the first against the second.
        among: the test in its family, see `adjusted`.
    """

    test: PairedTest
    among: Corrected = _UNTESTED

    @property
    def difference(self) -> Estimate:
        """Accuracy of the first − accuracy of the second."""
        return self.test.difference

    @property
    def p_value(self) -> float | None:
        """Of this comparison alone; None without questions."""
        return self.test.p_value

    @property
    def p_holm(self) -> float | None:
        """Adjusted over the family; None without questions."""
        return self.among.p_holm

    @property
    def differs(self) -> bool:
        """Whether the data can tell the two apart, by the adjusted test."""
        return self.among.is_significant


def adjusted[T: Tested](family: Family, tests: Sequence[T]) -> tuple[T, ...]:
    """The same comparisons, Holm-adjusted over all of them."""
    among = corrected(family, [each.p_value for each in tests])
    return tuple(replace(each, among=test) for each, test in zip(tests, among, strict=True))
