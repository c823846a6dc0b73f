"""Bootstrap draws of units."""

import numpy as np
import pytest

from llmxray.metrics.resampling import cluster_draws


def test_draws_come_in_chunks_and_draw_each_unit_alike():
    """Each row draws as many units as there are; over many rows every unit as often as another."""
    chunks = list(cluster_draws(100_000, 5, np.random.default_rng(0)))
    assert [chunk.shape for chunk in chunks] == [(2, 100_000), (2, 100_000), (1, 100_000)]
    assert all((chunk.sum(axis=1) == 100_000).all() for chunk in chunks)
    many = np.concatenate(list(cluster_draws(5, 20_000, np.random.default_rng(0))))
    assert pytest.approx([1.0] * 5, abs=0.03) == many.mean(axis=0).tolist()
    assert pytest.approx([0.8] * 5, abs=0.03) == many.var(axis=0).tolist()
