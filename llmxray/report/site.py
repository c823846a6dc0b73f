"""The whole site: which pages an experiment has, in which order, and the index over all experiments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from llmxray.report.data import ExperimentData
from llmxray.report.render import Renderer

__all__ = ["ExperimentData", "build"]


def build(experiments: Sequence[ExperimentData], out: Path) -> Path:
    """Build the pages of these experiments, and the index over all that the site holds.

    The same cassettes give the same bytes. Pages of other experiments are left alone.

    Returns:
        Path of the site's ``index.html``.
    """
    renderer = Renderer(out)
    for data in experiments:
        _experiment(renderer, data)
    return out / "index.html"


def _experiment(renderer: Renderer, data: ExperimentData) -> None:
    """Every page of one experiment; each ``pages`` module makes the model its template shows."""
