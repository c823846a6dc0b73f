"""What the report of one experiment is made from."""

from __future__ import annotations

from dataclasses import dataclass

from llmxray.cassette import Cassette
from llmxray.experiment import Experiment
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

    @property
    def name(self) -> str:
        """Name of the experiment, of its cassette and of its folder on the site."""
        return self.experiment.experiment

    @property
    def title(self) -> str:
        """Headline for people."""
        return self.experiment.title or self.experiment.experiment
