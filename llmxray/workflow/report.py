"""Report: build the site from cassettes alone, or from the results of a run that has just ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from llmxray import report as report_room
from llmxray.cassette import Cassette
from llmxray.local.models import MODELS, cache_folder

if TYPE_CHECKING:
    from llmxray.experiment import Site
    from llmxray.report.analysis.data import ExperimentData, TokenDetail
    from llmxray.report.wording.predictions import Verdict
    from llmxray.results import Results
    from llmxray.workflow.preparation import Prepared


def publish(
    runs: Iterable[tuple[Prepared, Results]],
    out: Path | str,
    *,
    tokens: TokenDetail | None = None,
    single_file: bool = False,
    read: Iterable[ExperimentData] = (),
    settings: Site | None = None,
) -> Path:
    """Write or refresh the pages of these experiments.

    Args:
        out: folder of the site.
        tokens: how much token detail to publish; None lets the size decide.
        single_file: write one HTML file per experiment into the folder instead of the site.
        read: experiments that were read from files of other tools.
        settings: of `site.yaml`.

    Returns:
        Path of the site's first page, or of the folder of single files.
    """
    data = [report_data(prepared, results, tokens) for prepared, results in runs]
    data += [replace(experiment, wanted_tokens=tokens) for experiment in read]
    return (
        report_room.single(data, Path(out)) if single_file else report_room.build(data, Path(out), settings)
    )


def verdicts(prepared: Prepared, results: Results) -> tuple[Verdict, ...]:
    """The verdict on every prediction of an experiment: the frozen ones first, then those added since."""
    return report_room.verdicts_of(report_data(prepared, results))


def changed_labels(prepared: Prepared, results: Results) -> tuple[str, ...]:
    """Conditions relabelled after recording, with both labels."""
    return report_room.changed_labels(report_data(prepared, results))


def live_page() -> report_room.LivePage:
    """The page with a model in it, before experiments are added to it; its engine is fetched unless it is cached.

    Raises:
        InputError: the engine cannot be had.
    """
    files = {
        model.name: report_room.ModelFile(
            name=model.file_name,
            size_bytes=model.size_bytes,
            href=model.address,
            package=model.package.replace("_", "-"),
        )
        for model in MODELS.values()
    }
    return report_room.LivePage(report_room.fetch_engine(cache_folder()), files)


def report_data(prepared: Prepared, results: Results, tokens: TokenDetail | None = None) -> ExperimentData:
    """The report data of an experiment."""
    # After a run the cassette is open already, with replies that it has read.
    cassette = results.cassette or Cassette.existing(prepared.cassette)
    return report_room.ExperimentData(
        experiment=prepared.experiment,
        results=results,
        cassette=cassette,
        wanted_tokens=tokens,
        settings=prepared.settings,
        differences=prepared.differences,
    )
