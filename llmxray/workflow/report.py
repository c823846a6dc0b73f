"""Report: the site from cassettes alone, or from the results of a run that has just ended."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from llmxray import report as report_room
from llmxray import results as results_room
from llmxray.cassette import Cassette
from llmxray.report import ExperimentData, TokenDetail
from llmxray.results import Results
from llmxray.workflow.prepare import Prepared


def read_results(prepared: Prepared) -> Results:
    """Score an experiment from its cassette, without replaying it.

    Raises:
        CassetteError: nothing is recorded, or the cassette is not whole.
    """
    cassette = Cassette.existing(prepared.cassette)
    analysis = prepared.experiment.analysis
    return results_room.read(
        prepared.plan, cassette, chain=analysis.chain, per_byte=analysis.likelihood == "per_byte"
    )


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
    data = [
        ExperimentData(
            prepared.experiment, results, results.cassette or Cassette.existing(prepared.cassette), tokens
        )
        for prepared, results in runs
    ]
    return report_room.single(data, out) if single_file else report_room.build(data, out)
