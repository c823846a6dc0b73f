"""Context pressure: the same model at two settings, category by category, and whether the setting did anything.

The original app flags categories whose accuracy differs by more than five points between two context sizes. With
few questions that is noise, so each category is tested on its own questions (exact McNemar, Holm over categories)
and the flag says which of the two rules it meets. A server that ignores the field gives the same answers under
both settings: the share of identical replies tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from llmxray.errors import InputError
from llmxray.types import Estimate

from .accuracy import proportion
from .paired import PairedTest, holm, mcnemar_exact

# The original app's rule.
FLAG_POINTS = 0.05


@dataclass(frozen=True, slots=True)
class CategoryPressure:
    """One category under both settings.

    Attributes:
        test: exact McNemar; its difference is accuracy under a − accuracy under b.
        p_holm: adjusted over the categories.
        flagged: differs by more than five points, the original app's rule.
    """

    category: str
    test: PairedTest
    p_holm: float | None
    flagged: bool

    @property
    def differs(self) -> bool:
        """Whether the questions can tell the two settings apart."""
        return self.p_holm is not None and self.p_holm < 0.05


@dataclass(frozen=True, slots=True)
class Pressure:
    """Two settings of one model.

    Attributes:
        overall: all categories together.
        identical: share of questions with the same reply under both settings.
    """

    categories: tuple[CategoryPressure, ...]
    overall: PairedTest
    identical: Estimate

    @property
    def ignored(self) -> bool:
        """Whether every reply is the same, as from a server that ignores the setting."""
        return self.identical.value == 1.0


def pressure(
    categories: Sequence[str],
    a: Sequence[bool | None],
    b: Sequence[bool | None],
    replies_a: Sequence[str | None],
    replies_b: Sequence[str | None],
) -> Pressure:
    """Compare two settings on the same questions, all columns aligned; None where there is no reply."""
    if len({len(categories), len(a), len(b), len(replies_a), len(replies_b)}) != 1:
        raise InputError("the columns of two settings must be joined on the same questions first")
    by_category: dict[str, list[int]] = {}
    for place, category in enumerate(categories):
        by_category.setdefault(category, []).append(place)
    found = [
        _category(name, [a[place] for place in rows], [b[place] for place in rows])
        for name, rows in by_category.items()
    ]
    adjusted = holm([each.test.p_value for each in found])
    same = [
        None if one is None or other is None else one == other
        for one, other in zip(replies_a, replies_b, strict=True)
    ]
    return Pressure(
        tuple(replace(each, p_holm=p_holm) for each, p_holm in zip(found, adjusted, strict=True)),
        mcnemar_exact(a, b),
        proportion(same),
    )


def _category(name: str, a: Sequence[bool | None], b: Sequence[bool | None]) -> CategoryPressure:
    test = mcnemar_exact(a, b)
    moved = test.difference.value
    # A difference of exactly five points is not more than five points, whatever binary makes of it.
    flagged = moved is not None and abs(moved) > FLAG_POINTS + 1e-9
    return CategoryPressure(name, test, None, flagged)
