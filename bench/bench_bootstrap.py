"""How fast is the bootstrap? 10,000 resamples of ECE over 12,032 rows, beside plain numpy and beside scipy.

All three draw rows with replacement and give a basic 95% interval of the same estimator (15 bins of equal width, in
`metrics.calibration`). The loop of plain numpy draws row numbers, one resample after the other; scipy.stats.bootstrap
does the same with its own machinery. Both are slower, so they draw fewer resamples, and are compared by resample.

    python bench/bench_bootstrap.py [RESAMPLES]
"""

from __future__ import annotations

import sys
import time
from importlib import metadata
from statistics import median

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from llmxray.metrics import calibration

ROWS, RESAMPLES, OF_OTHERS, ROUNDS, WANTED_S = 12_032, 10_000, 500, 5, 2.0
BINS = 15

type Floats = NDArray[np.float64]


def made(rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Confidences of an overconfident model, and whether it was right."""
    confidence = rng.beta(5, 2, ROWS)
    return confidence, (rng.random(ROWS) < confidence - 0.1).astype(np.float64)


def plain_ece(confidence: Floats, correct: Floats) -> float:
    """The estimator as one would write it."""
    edges = np.arange(BINS + 1) / BINS
    bins = np.maximum(np.searchsorted(edges, confidence, side="left") - 1, 0)
    sums = np.bincount(bins, weights=confidence - correct, minlength=BINS)
    return float(np.abs(sums).sum() / confidence.size)


def ours(confidence: Floats, correct: Floats, resamples: int, seed: int) -> tuple[float, float]:
    """The interval that pages show."""
    rng = np.random.default_rng(seed)
    found = calibration.bootstrap(calibration.ece, confidence, correct, rng, resamples)
    assert found.low is not None
    assert found.high is not None
    return found.low, found.high


def plain_loop(confidence: Floats, correct: Floats, resamples: int, seed: int) -> tuple[float, float]:
    """One resample after the other."""
    # The generator of `ours`, so that no difference is one of generators.
    rng, value, found = np.random.default_rng(seed), plain_ece(confidence, correct), []
    for _ in range(resamples):
        rows = rng.integers(0, ROWS, ROWS)
        found.append(plain_ece(confidence[rows], correct[rows]))
    low, high = np.quantile(found, (0.025, 0.975))
    return 2 * value - float(high), 2 * value - float(low)


def of_scipy(confidence: Floats, correct: Floats, resamples: int, seed: int) -> tuple[float, float]:
    """scipy.stats.bootstrap, basic and paired."""
    found = scipy.stats.bootstrap(
        (confidence, correct),
        plain_ece,
        n_resamples=resamples,
        vectorized=False,
        paired=True,
        method="basic",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(found.low), float(found.high)


def main() -> None:
    """Measure and print."""
    resamples = int(sys.argv[1]) if len(sys.argv) > 1 else RESAMPLES
    confidence, correct = made(np.random.default_rng(7))
    ways = {
        "llmxray": (ours, resamples),
        "plain numpy loop": (plain_loop, OF_OTHERS),
        f"scipy {metadata.version('scipy')}": (of_scipy, OF_OTHERS),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    busy: dict[str, list[float]] = {name: [] for name in ways}
    for seed in range(ROUNDS):
        for name, (way, count) in ways.items():
            began, began_busy = time.perf_counter(), time.process_time()
            low, high = way(confidence, correct, count, seed)
            seconds[name].append((time.perf_counter() - began) / count)
            # Processor time is steady on a busy machine too.
            busy[name].append((time.process_time() - began_busy) / count)
            if seed == 0:
                print(f"{name}: ECE {plain_ece(confidence, correct):.4f}, 95% {low:.4f} to {high:.4f}")
    mine = seconds["llmxray"]
    print(
        f"{resamples} resamples of {ROWS} rows: {median(mine) * resamples:.2f} s in the median of {ROUNDS} "
        f"({min(mine) * resamples:.2f} to {max(mine) * resamples:.2f} s), {median(busy['llmxray']) * resamples:.2f} s "
        f"of processor time; wanted under {WANTED_S:.0f} s for 10,000"
    )
    # Round by round, for the machine may be busier in one round than in the next.
    for name in list(ways)[1:]:
        ratios = sorted(a / b for a, b in zip(busy[name], busy["llmxray"], strict=True))
        print(
            f"{name} / llmxray, processor time a resample: {median(ratios):.1f} "
            f"({ratios[0]:.1f} to {ratios[-1]:.1f} in {ROUNDS} rounds)"
        )


if __name__ == "__main__":
    main()
