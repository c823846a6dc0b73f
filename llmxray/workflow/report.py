"""Report: the site from cassettes alone, or from the results of a run that has just ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self

from llmxray import report as report_room
from llmxray import results as results_room
from llmxray.cassette import Cassette
from llmxray.report import ExperimentData, SiteBuilder, SiteSettings, TokenDetail, Verdict
from llmxray.results import Results
from llmxray.workflow.preparation import Prepared


def read_results(prepared: Prepared) -> Results:
    """Score an experiment from its cassette, without replaying it.

    Raises:
        CassetteError: nothing is recorded, or the cassette is not whole.
    """
    cassette = Cassette.existing(prepared.cassette)
    analysis = prepared.experiment.analysis
    return results_room.read(prepared.plan, cassette, chain=analysis.chain, likelihood=analysis.likelihood)


class Publisher:
    """Pages of experiments, built while others are still replayed.

    A context, as `SiteBuilder` is.

    Args:
        out: folder of the site.
        tokens: how much token detail to publish; None lets the size decide.
        workers: processes that build pages.
        each: processes that work on the pages of one large experiment.
        settings: what the author says of the site.
    """

    def __init__(
        self,
        out: Path,
        *,
        tokens: TokenDetail | None = None,
        workers: int = 1,
        each: int = 1,
        settings: SiteSettings | None = None,
    ) -> None:
        self._builder, self._tokens = SiteBuilder(out, workers, each, settings or SiteSettings()), tokens

    def add(self, prepared: Prepared, results: Results) -> None:
        """Write or refresh the pages of an experiment."""
        self._builder.add(data_of(prepared, results, self._tokens))

    def finish(self, on_progress: Callable[[int, int], None] = lambda done, total: None) -> Path:
        """Wait for the pages; returns the path of the site's first one."""
        return self._builder.finish(on_progress)

    def __enter__(self) -> Self:
        self._builder.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._builder.__exit__(*error)


def publish(
    runs: Iterable[tuple[Prepared, Results]],
    out: Path,
    *,
    tokens: TokenDetail | None = None,
    single_file: bool = False,
) -> Path:
    """Write or refresh the pages of these experiments.

    Args:
        out: folder of the site.
        tokens: how much token detail to publish; None lets the size decide.
        single_file: write one HTML file per experiment into the folder instead of the site.

    Returns:
        Path of the site's first page, or of the folder of single files.
    """
    data = [data_of(prepared, results, tokens) for prepared, results in runs]
    return report_room.single(data, out) if single_file else report_room.build(data, out)


def verdicts(prepared: Prepared, results: Results) -> tuple[Verdict, ...]:
    """Every prediction of an experiment with what became of it: the frozen ones first, then those added since."""
    return report_room.verdicts_of(data_of(prepared, results))


def data_of(prepared: Prepared, results: Results, tokens: TokenDetail | None = None) -> ExperimentData:
    """What the report of an experiment is made from."""
    # Open already after a run, with replies that it has read.
    cassette = results.cassette or Cassette.existing(prepared.cassette)
    return ExperimentData(prepared.experiment, results, cassette, tokens, prepared.settings)
