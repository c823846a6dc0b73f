"""ECE by hand: a worksheet of twenty real answers in the module's five bins, which checks itself.

Everything is worked out on the whole per cent that the sheet shows, so that pencil and paper come to the same.
"""

from __future__ import annotations

from llmxray.report import numbers
from llmxray.report.analysis import ConditionResults, confidence
from llmxray.report.widgets.frame import Values

N_ANSWERS = 20
_N_BINS = 5


def by_hand(view: ConditionResults) -> Values | None:
    """Twenty answers of a condition, evenly spaced by confidence; None when it has fewer with a confidence.

    Both averages are in per cent with one decimal.
    """
    known = sorted(confidence.columns(view).answers)
    if len(known) < N_ANSWERS:
        return None
    steps = (len(known) - 1) / (N_ANSWERS - 1)
    chosen = [known[round(place * steps)] for place in range(N_ANSWERS)]
    answers = [(min(100, round(100 * sure)), hit) for sure, hit in chosen]
    bins, gaps = [], []
    for place in range(_N_BINS):
        # Whole per cents, (low, high]; 0% belongs to the first bin.
        low, high = place * 100 // _N_BINS + bool(place), (place + 1) * 100 // _N_BINS
        inside = [(percent, hit) for percent, hit in answers if low <= percent <= high]
        # What goes into each field: one decimal at most, nothing for a bin without answers.
        mean = right = gap = ""
        if inside:
            means = (
                sum(percent for percent, _ in inside) / len(inside),
                100 * sum(hit for _, hit in inside) / len(inside),
            )
            gaps.append((len(inside), abs(means[0] - means[1])))
            mean, right, gap = (numbers.decimal(each, 1) for each in (*means, gaps[-1][1]))
        bins.append(Values(range=f"{low}–{high}%", n=len(inside), mean=mean, accuracy=right, gap=gap))
    return Values(
        view=view,
        # Confidence in whole per cent, and whether the answer was right.
        answers=answers,
        bins=bins,
        ece=numbers.decimal(sum(n * gap for n, gap in gaps) / N_ANSWERS, 1),
        module=numbers.decimal(sum(gap for _, gap in gaps) / len(gaps), 1),
    )
