"""ECE by hand: a worksheet of twenty real answers in the module's five bins, which checks itself.

Everything is worked out on the whole per cent that the sheet shows, so that pencil and paper come to the same.
"""

from __future__ import annotations

from llmxray.report import numbers
from llmxray.report.analysis import ConditionResults, confidence
from llmxray.report.widgets.frame import Values

N_ANSWERS = 20
_N_BINS = 5


type Answer = tuple[int, bool]
"""Confidence in whole per cent, and whether the answer was right."""


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
    filled = [_bin(place, answers) for place in range(_N_BINS)]
    gaps = [(len(inside), abs(_mean(inside) - _accuracy(inside))) for _, inside in filled if inside]
    return Values(
        view=view,
        answers=answers,
        bins=[_shown(range_, inside) for range_, inside in filled],
        ece=numbers.decimal(sum(n * gap for n, gap in gaps) / N_ANSWERS, 1),
        module=numbers.decimal(sum(gap for _, gap in gaps) / len(gaps), 1),
    )


def _bin(place: int, answers: list[Answer]) -> tuple[str, list[Answer]]:
    """The whole per cents of a bin of equal width (low, high], and its answers; 0% belongs to the first bin."""
    low = 0 if place == 0 else place * 100 // _N_BINS + 1
    high = (place + 1) * 100 // _N_BINS
    return f"{low}–{high}%", [each for each in answers if low <= each[0] <= high]


def _mean(inside: list[Answer]) -> float:
    return sum(percent for percent, _ in inside) / len(inside)


def _accuracy(inside: list[Answer]) -> float:
    return 100 * sum(hit for _, hit in inside) / len(inside)


def _shown(range_: str, inside: list[Answer]) -> Values:
    """A bin with what goes into each field: one decimal at most, nothing for a bin without answers."""
    mean, right = (_mean(inside), _accuracy(inside)) if inside else (0.0, 0.0)
    texts = [numbers.decimal(each, 1) if inside else "" for each in (mean, right, abs(mean - right))]
    return Values(range=range_, n=len(inside), mean=texts[0], accuracy=texts[1], gap=texts[2])
