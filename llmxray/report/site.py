"""The whole site: which pages an experiment has, in which order, and the index over all experiments."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from llmxray.report import coursework, export, figures, ledger, predictions
from llmxray.report.ahead import ahead
from llmxray.report.analysis import Analysis
from llmxray.report.data import ExperimentData
from llmxray.report.inline import inlined
from llmxray.report.pages import (
    categories,
    experiment_index,
    index,
    methods,
    position,
    results,
    sensitivity,
    summary,
)
from llmxray.report.pages.answers import write_answers
from llmxray.report.pages.calibration import write_calibration
from llmxray.report.pages.cells import questions
from llmxray.report.pages.choose import write_choose
from llmxray.report.pages.compare import write_compare
from llmxray.report.pages.ledger import write_ledger
from llmxray.report.pages.pair import write_pairs
from llmxray.report.pages.question import write_question
from llmxray.report.pages.questions import write_questions
from llmxray.report.pages.settings import write_settings
from llmxray.report.pages.theatre import write_theatre
from llmxray.report.pages.threshold import write_threshold
from llmxray.report.pages.twins import write_twins
from llmxray.report.pages.xray import write_xray
from llmxray.report.pages.yourself import write_yourself
from llmxray.report.predictions import Verdict
from llmxray.report.render import Renderer

__all__ = [
    "ExperimentData",
    "Verdict",
    "build",
    "figures_of",
    "grade",
    "recording_of",
    "table_of",
    "verdicts_of",
    "write_brief",
    "write_committee",
    "write_experiment",
    "write_index",
    "write_slides",
]


def build(experiments: Sequence[ExperimentData], out: Path, processes: int = 1) -> Path:
    """Build the pages of these experiments one after the other, and the index over all that the site holds.

    The same cassettes give the same bytes. Pages of other experiments are left alone.

    Args:
        processes: how many work on an experiment, see `ahead`.

    Returns:
        Path of the site's ``index.html``.
    """
    for data in experiments:
        write_experiment(out, data, processes)
    return write_index(out)


def write_experiment(out: Path, data: ExperimentData, processes: int = 1) -> None:
    """Write every page and file of one experiment."""
    analysis = Analysis(data)
    with ahead(analysis, processes):
        _experiment(Renderer(out), analysis)


def write_index(out: Path) -> Path:
    """Write the pages over all experiments that the site holds; returns the path of ``index.html``."""
    renderer = Renderer(out)
    known = [
        summary.load(path.read_bytes(), file=str(path)) for path in sorted(out.glob(f"*/{summary.NAME}"))
    ]
    renderer.page("index.html", "index.html", index.make(known))
    write_ledger(renderer)
    renderer.sweep()
    return out / "index.html"


def write_brief(data: ExperimentData, out: Path, student: str, *, blank: bool) -> Path | None:
    """Write a student's brief beside the experiment's pages, as HTML and as Markdown.

    Returns:
        Path of the HTML; None where there are no two conditions.
    """
    model = coursework.brief(Analysis(data), student, blank=blank, cassette=recording_of(data))
    if model is None:
        return None
    # The name must not choose the path, nor be longer than a name of a file may be.
    slug = "".join(each if each.isalnum() else "-" for each in student.casefold()).strip("-")[:60]
    name = "-".join(part for part in ("brief", "blank" if blank else "", slug) if part)
    renderer = Renderer(out)
    renderer.page(f"{data.name}/{name}.html", "brief.html", model)
    renderer.write(f"{data.name}/{name}.md", coursework.markdown(model).encode())
    return out / data.name / f"{name}.html"


def write_slides(data: ExperimentData, out: Path) -> Path | None:
    """Write the slides of a comparison beside the experiment's pages; None where nothing is compared."""
    model = coursework.slides(data)
    if model is None:
        return None
    Renderer(out).page(f"{data.name}/slides.html", "slides.html", model)
    path = out / data.name / "slides.html"
    # Handed in as one file, so it may not need the site beside it.
    path.write_text(inlined(path.read_text("utf-8"), out), "utf-8", newline="\n")
    return path


def write_committee(data: ExperimentData, out: Path) -> Path | None:
    """Write the committee's papers beside the experiment's pages; None with fewer than two conditions."""
    model = coursework.committee(Analysis(data))
    if model is None:
        return None
    Renderer(out).page(f"{data.name}/committee.html", "committee.html", model)
    return out / data.name / "committee.html"


def grade(data: ExperimentData, student: str, answers: Mapping[str, str]) -> coursework.Grade:
    """What a student's answers are worth."""
    return coursework.graded(Analysis(data), student, answers)


def recording_of(data: ExperimentData) -> str:
    """Piece of a hash that names the recording an experiment's pages are made from; "" without one."""
    manifest = data.cassette.manifest
    if manifest is None:
        return ""
    named = "".join(record.sha256 for record in manifest.files if record.role == "recordings")
    return hashlib.sha256(named.encode()).hexdigest()[:16]


def figures_of(data: ExperimentData) -> bytes:
    """The bytes of figures.json: every figure that the pages of an experiment state."""
    return figures.dump(figures.figures(Analysis(data)))


def verdicts_of(data: ExperimentData) -> tuple[Verdict, ...]:
    """Every prediction of an experiment with what became of it."""
    return predictions.verdicts(Analysis(data))


def table_of(data: ExperimentData) -> bytes:
    """The bytes of results.csv."""
    return export.as_csv(data.results.rows)


def _experiment(renderer: Renderer, analysis: Analysis) -> None:
    """Every page of one experiment; each ``pages`` module makes the model its template shows.

    What needs no intervals comes first: by then those that are made ahead are there.
    """
    data, folder = analysis.data, analysis.data.name
    renderer.write(f"{folder}/results.csv", export.as_csv(data.results.rows))
    asked = questions(data)
    index = write_question(renderer, data, asked)
    write_questions(renderer, data, asked, index)
    write_answers(renderer, data, asked)
    write_xray(renderer, data, index.places)
    write_theatre(renderer, data, asked)
    write_yourself(renderer, data)
    renderer.page(f"{folder}/sensitivity.html", "sensitivity.html", sensitivity.make(analysis))
    renderer.page(f"{folder}/index.html", "experiment_index.html", experiment_index.make(analysis))
    renderer.page(f"{folder}/results.html", "results.html", results.make(analysis))
    if data.experiment.kind == "benchmark":
        renderer.page(f"{folder}/categories.html", "categories.html", categories.make(analysis))
        write_calibration(renderer, analysis)
        write_threshold(renderer, analysis)
        write_choose(renderer, analysis)
        write_settings(renderer, analysis)
        write_twins(renderer, analysis)
    else:
        write_compare(renderer, analysis)
    if analysis.rotated:
        renderer.page(f"{folder}/position.html", "position.html", position.make(analysis))
    write_pairs(renderer, analysis, asked)
    renderer.page(f"{folder}/methods.html", "methods.html", methods.make(analysis))
    judged = predictions.as_json(predictions.verdicts(analysis))
    renderer.write(f"{folder}/{export.json_name(data)}", export.json_file(data, judged))
    renderer.write(f"{folder}/{figures.NAME}", figures.dump(figures.figures(analysis)))
    renderer.write(f"{folder}/{summary.NAME}", summary.dump(summary.make(analysis)))
    renderer.write(f"{folder}/{ledger.NAME}", ledger.dump(ledger.make(analysis)))
