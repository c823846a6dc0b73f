"""The whole site: which pages an experiment has, in which order, and the index over all experiments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from llmxray.cassette import Cassette
from llmxray.experiment import Experiment
from llmxray.report.render import Renderer
from llmxray.results import Results


@dataclass(frozen=True, slots=True)
class ExperimentData:
    """Everything the report of one experiment is made from.

    Attributes:
        experiment: the file as it is now: title, hypothesis, analysis.
        results: scored trials.
        cassette: for tokens, timings and the manifest's facts.
    """

    experiment: Experiment
    results: Results
    cassette: Cassette


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
    raise AssertionError("filled by the report")
