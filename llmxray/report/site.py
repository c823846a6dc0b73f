"""The whole site: which pages an experiment has, in which order, and the index over all experiments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from llmxray.report import export
from llmxray.report.analysis import Analysis
from llmxray.report.data import ExperimentData
from llmxray.report.pages import calibration, categories, experiment_index, index, methods, results, summary
from llmxray.report.pages.cells import questions
from llmxray.report.pages.compare import write_compare
from llmxray.report.pages.question import write_question
from llmxray.report.pages.questions import write_questions
from llmxray.report.pages.theatre import write_theatre
from llmxray.report.pages.xray import write_xray
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
    known = [summary.load(path.read_bytes()) for path in sorted(out.glob(f"*/{summary.NAME}"))]
    renderer.page("index.html", "index.html", index.make(known))
    return out / "index.html"


def _experiment(renderer: Renderer, data: ExperimentData) -> None:
    """Every page of one experiment; each ``pages`` module makes the model its template shows."""
    analysis, folder = Analysis(data), data.name
    renderer.page(f"{folder}/index.html", "experiment_index.html", experiment_index.make(analysis))
    renderer.page(f"{folder}/results.html", "results.html", results.make(analysis))
    if data.experiment.kind == "benchmark":
        renderer.page(f"{folder}/categories.html", "categories.html", categories.make(analysis))
        renderer.page(f"{folder}/calibration.html", "calibration.html", calibration.make(analysis))
    else:
        write_compare(renderer, data)
    found = questions(data)
    index = write_question(renderer, data, found)
    write_questions(renderer, data, found, index)
    write_xray(renderer, data, index)
    write_theatre(renderer, data, found)
    renderer.page(f"{folder}/methods.html", "methods.html", methods.make(analysis))
    renderer.write(f"{folder}/results.csv", export.as_csv(data.results.rows))
    renderer.write(f"{folder}/{export.json_name(data)}", export.json_file(data))
    renderer.write(f"{folder}/{summary.NAME}", summary.dump(summary.make(analysis)))
