"""ECE by hand: a worksheet of twenty real answers that checks itself.

Everything is worked out on the whole per cent that the sheet shows, so that pencil and paper come to the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from llmxray.report import numbers
from llmxray.report.analysis import ConditionResults, confidence

N_ANSWERS = 20
# The module's five bins (exercise 3).
_WIDTH = 20
# Whole per cent in, rounded arithmetic allowed for.
TOLERANCE = 0.6


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: confidence in whole per cent, and whether it was right."""

    percent: int
    right: bool


@dataclass(frozen=True, slots=True)
class HandBin:
    """One of five bins (low, high] with what goes into each field, as text with one decimal at most."""

    range: str
    n: int
    mean: str
    accuracy: str
    gap: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """The sheet of one condition, ``key`` its id; both averages in per cent with one decimal."""

    key: str
    id: str
    css: str
    answers: tuple[Answer, ...]
    bins: tuple[HandBin, ...]
    ece: str
    module: str
    tolerance: float


def by_hand(view: ConditionResults) -> ByHand | None:
    """Twenty answers of a condition, evenly spaced by confidence; None when it has fewer with a confidence."""
    known = sorted(confidence.columns(view).known())
    if len(known) < N_ANSWERS:
        return None
    steps = (len(known) - 1) / (N_ANSWERS - 1)
    chosen = [known[round(place * steps)] for place in range(N_ANSWERS)]
    answers = tuple(Answer(min(100, round(100 * sure)), hit) for sure, hit in chosen)
    filled = [_bin(low, answers) for low in range(0, 100, _WIDTH)]
    gaps = [(len(inside), abs(_mean(inside) - _accuracy(inside))) for _, inside in filled if inside]
    return ByHand(
        key=view.id,
        id=view.label,
        css=view.css,
        answers=answers,
        bins=tuple(_shown(low, inside) for low, inside in filled),
        ece=numbers.decimal(sum(n * gap for n, gap in gaps) / N_ANSWERS, 1),
        module=numbers.decimal(sum(gap for _, gap in gaps) / len(gaps), 1),
        tolerance=TOLERANCE,
    )


def _bin(low: int, answers: tuple[Answer, ...]) -> tuple[int, list[Answer]]:
    """The answers in (low, low + 20]; 0% belongs to the first bin."""
    return low, [
        each for each in answers if low < each.percent <= low + _WIDTH or (low == 0 and each.percent == 0)
    ]


def _mean(inside: list[Answer]) -> float:
    return sum(each.percent for each in inside) / len(inside)


def _accuracy(inside: list[Answer]) -> float:
    return 100 * sum(each.right for each in inside) / len(inside)


def _shown(low: int, inside: list[Answer]) -> HandBin:
    if not inside:
        return HandBin(range=f"{low}–{low + _WIDTH}%", n=0, mean="", accuracy="", gap="")
    mean, right = _mean(inside), _accuracy(inside)
    texts = [numbers.decimal(each, 1) for each in (mean, right, abs(mean - right))]
    return HandBin(f"{low}–{low + _WIDTH}%", len(inside), *texts)
