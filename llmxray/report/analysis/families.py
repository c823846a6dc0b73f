"""Families of tests: all that one kind of sentence could have claimed on one page is corrected together, by Holm.

Frozen predictions are a family too (`metrics.verdict`), and so are a pair's categories (`Pairing.groups`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from llmxray.metrics.paired import holm
from llmxray.report import numbers
from llmxray.report.analysis.pairing import Tested, significant

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
