"""ECE by hand: a worksheet of twenty real answers in the module's five bins, which checks itself.

Everything is worked out on the whole per cent that the sheet shows, so that pencil and paper come to the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from llmxray.report import numbers
from llmxray.report.analysis import ConditionResults, confidence

N_ANSWERS = 20
_N_BINS = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: confidence in whole per cent, and whether it was right."""

    percent: int
    right: bool


@dataclass(frozen=True, slots=True)
class HandBin:
    """A bin of whole per cents, both ends included, with what goes into each field: one decimal at most."""

    range: str
    n: int
    mean: str
    accuracy: str
    gap: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """The sheet of one condition; both averages in per cent with one decimal."""

    view: ConditionResults
    answers: tuple[Answer, ...]
    bins: tuple[HandBin, ...]
    ece: str
    module: str


def by_hand(view: ConditionResults) -> ByHand | None:
    """Twenty answers of a condition, evenly spaced by confidence; None when it has fewer with a confidence."""
    known = sorted(confidence.columns(view).known())
    if len(known) < N_ANSWERS:
        return None
    steps = (len(known) - 1) / (N_ANSWERS - 1)
    chosen = [known[round(place * steps)] for place in range(N_ANSWERS)]
    answers = tuple(Answer(min(100, round(100 * sure)), hit) for sure, hit in chosen)
    filled = [_bin(place, answers) for place in range(_N_BINS)]
    gaps = [(len(inside), abs(_mean(inside) - _accuracy(inside))) for _, inside in filled if inside]
    return ByHand(
        view=view,
        answers=answers,
        bins=tuple(_shown(range_, inside) for range_, inside in filled),
        ece=numbers.decimal(sum(n * gap for n, gap in gaps) / N_ANSWERS, 1),
        module=numbers.decimal(sum(gap for _, gap in gaps) / len(gaps), 1),
    )


def _bin(place: int, answers: tuple[Answer, ...]) -> tuple[str, list[Answer]]:
    """The whole per cents of a bin of equal width (low, high], and its answers; 0% belongs to the first bin."""
    low = 0 if place == 0 else place * 100 // _N_BINS + 1
    high = (place + 1) * 100 // _N_BINS
    return f"{low}–{high}%", [each for each in answers if low <= each.percent <= high]


def _mean(inside: list[Answer]) -> float:
    return sum(each.percent for each in inside) / len(inside)


def _accuracy(inside: list[Answer]) -> float:
    return 100 * sum(each.right for each in inside) / len(inside)


def _shown(range_: str, inside: list[Answer]) -> HandBin:
    if not inside:
        return HandBin(range=range_, n=0, mean="", accuracy="", gap="")
    mean, right = _mean(inside), _accuracy(inside)
    texts = [numbers.decimal(each, 1) for each in (mean, right, abs(mean - right))]
    return HandBin(range_, len(inside), *texts)
