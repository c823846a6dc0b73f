"""How often do intervals called 95% hold the truth? By simulation, for every kind that pages show.

Confidences are drawn from Beta(4, 2), and an answer is right with that probability, or with 8 points less. Two
conditions answer questions whose ease is drawn from Beta(2, 1), the second with 10 points less of it. The truth of a
binned error is that of four million answers; that of equal masses is the gap of the world, 0 or 8 points.

    python bench/bench_coverage.py [DRAWS]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from statistics import median

import numpy as np
from numpy.typing import NDArray

from llmxray.metrics import contrasts
from llmxray.metrics.contrasts import Contrast, Graded

type Floats = NDArray[np.float64]
type Draw = Callable[[np.random.Generator], Contrast | None]

DRAWS = 1000
SIZES = (64, 176, 645)
# A median is simulated without a bootstrap, thousands of times; the truth of the others needs as many answers.
MANY = 4_000_000
ERRORS: dict[str, dict[str, object]] = {
    "ECE-15": {},
    "equal-mass ECE": {"n_bins": 10, "scheme": "equal-mass"},
    "the module's five bins": {"n_bins": 5, "weighting": "bin"},
}


def confident(rng: np.random.Generator, n: int, over: float) -> tuple[Floats, Floats]:
    """Confidences, and whether each answer is right."""
    sure = rng.beta(4, 2, n)
    return sure, (rng.random(n) < np.clip(sure - over, 0, 1)).astype(np.float64)


def graded(rng: np.random.Generator, n: int, over: float) -> Graded:
    """One answer to each of n questions."""
    return Graded(*confident(rng, n, over), np.arange(n), np.zeros(n, dtype=np.intp))


def of_binned(n: int, over: float, settings: dict[str, object]) -> Draw:
    """A binned calibration error."""
    return lambda rng: contrasts.calibration_errors([graded(rng, n, over)], rng, **settings)  # type: ignore[arg-type]


def of_gap(n: int, over: float) -> Draw:
    """Mean confidence − accuracy."""
    return lambda rng: contrasts.gaps([graded(rng, n, over)])


def of_brier(n: int, over: float) -> Draw:
    """A mean of squares."""
    return lambda rng: contrasts.ratios([brier(*confident(rng, n, over))], [np.ones(n)], rng, (0.0, 1.0))


def of_rate(n: int, over: float) -> Draw:
    """Right answers per second of waiting."""
    return lambda rng: contrasts.ratios([confident(rng, n, over)[1]], [rng.lognormal(0, 0.8, n)], rng)


def of_shares(n: int, answers: int, lost: float) -> Draw:
    """A difference in accuracy."""

    def draw(rng: np.random.Generator) -> Contrast:
        ease = rng.beta(2, 1, n)
        sides = [rng.binomial(answers, ease * (1 - less)) / answers for less in (0.0, lost)]
        return contrasts.shares(sides, np.arange(n), answers)

    return draw


def of_ratio(n: int) -> Draw:
    """A median of paired ratios of times."""

    def draw(rng: np.random.Generator) -> Contrast | None:
        length = rng.lognormal(0, 0.8, n)
        sides = [factor * length * rng.lognormal(0, 0.3, n) for factor in (1.5, 1.0)]
        return contrasts.medians(sides, np.arange(n), relative=True)

    return draw


def brier(sure: Floats, right: Floats) -> Floats:
    """(Confidence − correct)²."""
    return (sure - right) ** 2


def cases() -> Iterator[tuple[str, str, int, Draw, float]]:
    """Name, world, n, how one sample is drawn, and the truth."""
    for over in (0.0, 0.08):
        world = "8 points over" if over else "calibrated"
        truth_rng = np.random.default_rng(1)
        sure, right = confident(truth_rng, MANY, over)
        for name, settings in ERRORS.items():
            large = Graded(sure, right, np.arange(MANY), np.zeros(MANY, dtype=np.intp))
            found = contrasts.calibration_errors([large], truth_rng, **settings)  # type: ignore[arg-type]
            truth = found.values[0] if over and found is not None else 0.0
            yield from ((name, world, n, of_binned(n, over, settings), truth) for n in SIZES)
        yield from (("gap", world, n, of_gap(n, over), float(np.mean(sure - right))) for n in SIZES)
        truth = float(brier(sure, right).mean())
        yield from (("Brier", world, n, of_brier(n, over), truth) for n in SIZES)
    share = float(confident(np.random.default_rng(1), MANY, 0.0)[1].mean())
    yield from (("right a second", "", n, of_rate(n, 0.0), share / float(np.exp(0.32))) for n in SIZES)
    yield from (("ratio of times", "", n, of_ratio(n), 0.5) for n in SIZES)
    for lost in (0.0, 0.15):
        world, truth = f"{100 * lost:.0f}% of the ease lost", lost * 2 / 3
        yield from (("accuracy, one answer", world, n, of_shares(n, 1, lost), truth) for n in SIZES)
        for answers in (5, 12):
            name = f"accuracy, {answers} answers"
            yield from ((name, world, n, of_shares(n, answers, lost), truth) for n in (10, 20, 60))


def main() -> None:
    """Simulate and print the table."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else DRAWS
    table: dict[tuple[str, str], list[str]] = {}
    for name, world, n, draw, truth in cases():
        held, widths = 0, []
        for number in range(draws):
            contrast = draw(np.random.default_rng([n, number]))
            if contrast is None:
                continue
            low, high = contrast.evidence.interval(0.95)
            assert low is not None
            assert high is not None
            held += low - 1e-9 <= truth <= high + 1e-9
            widths.append(high - low)
        cell = f"{n}: {100 * held / len(widths):.1f}% (± {50 * median(widths):.1f})"
        table.setdefault((name, world), []).append(cell)
        print(name, world, cell, file=sys.stderr, flush=True)
    print("| of | world | n: held (median half-width in points or hundredths) |\n|---|---|---|")
    for (name, world), cells in table.items():
        print(f"| {name} | {world} | {'; '.join(cells)} |")


if __name__ == "__main__":
    main()
