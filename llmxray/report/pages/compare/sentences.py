"""Sentences about two variants of a prompt, made from the numbers below them."""

from __future__ import annotations

from collections.abc import Sequence

from llmxray.report import numbers
from llmxray.report.analysis.variants import VariantRow
from llmxray.report.pages.compare.pairs import PairView


def overview(prompts: Sequence[tuple[str, Sequence[PairView]]]) -> str:
    """How much changes between the first and the last variant: the prompts with the least and the most."""
    ends = [(name, pairs[_last_of_first(pairs)]) for name, pairs in prompts if pairs]
    known = [(name, pair) for name, pair in ends if pair.changed.value is not None]
    if not known:
        return ""
    first, last = known[0][1].names
    ordered = sorted(known, key=lambda each: each[1].changed.value or 0.0)
    (low_name, low), (high_name, high) = ordered[0], ordered[-1]
    least, most = (numbers.percent(pair.changed.value) for pair in (low, high))
    opening = f"From {first} to {last}, "
    if len(known) == 1:
        return f"{opening}{most} of the words change."
    return f"{opening}{least} of the words change for “{low_name}” and {most} for “{high_name}”."


def _last_of_first(pairs: Sequence[PairView]) -> int:
    """Place of the pair of the first variant and the last one; pairs go by their first variant."""
    return sum(pair.names[0] == pairs[0].names[0] for pair in pairs) - 1


def pace(rows: Sequence[VariantRow]) -> str:
    """Whether the settings differ in speed and in length, by intervals of medians that lie apart."""
    measures = (
        ("tokens a second", [(row.name, row.rate.estimate) for row in rows]),
        ("tokens an answer", [(row.name, row.tokens.estimate) for row in rows]),
    )
    apart, together = [], []
    for unit, medians in measures:
        known = [(name, each) for name, each in medians if each.low is not None and each.high is not None]
        if len(known) < 2:
            continue
        (least, low), (most, high) = (
            pick(known, key=lambda each: each[1].value or 0.0) for pick in (min, max)
        )
        ends = (numbers.decimal(low.value, 0), numbers.decimal(high.value, 0))
        if (low.high or 0.0) < (high.low or 0.0):
            apart.append(
                f"{most} has the most {unit} ({ends[1]} in the median), {least} the fewest ({ends[0]}), and their "
                "intervals lie apart."
            )
        else:
            together.append(f"{unit} (medians of {ends[0]} to {ends[1]})")
    if together:
        apart.append(f"{' and '.join(together)} do not differ clearly.")
    return " ".join(apart)
