"""Many conditions on one draw of items."""

import numpy as np
import pytest

from llmxray.metrics import calibration
from llmxray.metrics.joint import Joint, sheet


def made(n: int, seed: int, *, seconds: float = 1.0):
    """A sheet of n items with one repeat each, and its columns."""
    rng = np.random.default_rng(seed)
    sure = rng.beta(5, 2, n)
    right = (rng.random(n) < sure * 0.8).astype(float)
    times = rng.gamma(2, seconds, n) + 0.1
    each = sheet(
        [[value] for value in right],
        [[value] for value in times],
        [[pair] for pair in zip(sure, right, strict=True)],
    )
    return each, sure, right, times


def test_the_first_number_is_that_of_the_data():
    """Then each draw: of all conditions the same questions, with all wordings and repeats of each."""
    each, sure, right, times = made(300, 1)
    joint = Joint(np.repeat(np.arange(150), 2), np.random.default_rng(0), 60)
    drawn = joint.replicates(each)
    assert (right.mean(), times.mean()) == pytest.approx((drawn.accuracy[0], drawn.latency_s[0]))
    assert calibration.ece(sure, right) == pytest.approx(drawn.ece[0])
    rows = np.repeat(np.arange(300), joint.times[7])
    assert (joint.times[:, ::2] == joint.times[:, 1::2]).all()
    assert (right[rows].mean(), times[rows].mean()) == pytest.approx((drawn.accuracy[7], drawn.latency_s[7]))
    assert calibration.ece(sure[rows], right[rows]) == pytest.approx(drawn.ece[7])


def test_what_is_missing_is_left_out_of_every_draw():
    """One question of many repeats has no spread; none at all gives no number."""
    each = sheet([[1, 0, 0, 1]], [[1.0, 2.0, 3.0, 2.0]], [[(0.9, 1.0), (0.9, 0.0), (0.9, 0.0), (0.9, 1.0)]])
    drawn = Joint(np.arange(1), np.random.default_rng(0), 20).replicates(each)
    assert ([0.5] * 21, [2.0] * 21) == (drawn.accuracy.tolist(), drawn.latency_s.tolist())
    assert drawn.ece == pytest.approx([0.4] * 21)
    nothing = Joint(np.arange(0), np.random.default_rng(0), 5).replicates(sheet([], [], []))
    assert np.isnan([*nothing.accuracy, *nothing.latency_s, *nothing.ece]).all()
