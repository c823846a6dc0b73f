"""An experiment's results in the forms that other tools read, as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from llmxray import __version__
from llmxray import report as report_room
from llmxray.errors import InputError
from llmxray.interop.write import app, dataset_card, eee, hub_results, inspect_log
from llmxray.interop.write.study import Study
from llmxray.report.numbers import listed, plural
from llmxray.results import COLUMN_TYPES
from llmxray.types import ExportForm

if TYPE_CHECKING:
    from llmxray.report import ExperimentData

# The forms that state estimates, which take a while to compute.
_SCORED: tuple[ExportForm, ...] = ("eee", "inspect", "hub-results")


type Content = bytes | Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Exported:
    """The files that were written, and notes about them, one sentence each."""

    files: tuple[Path, ...]
    notes: tuple[str, ...]


def export(data: ExperimentData, form: ExportForm, out: Path, now: datetime | None = None) -> Exported:
    """Write the results of an experiment for another tool.

    Args:
        data: the experiment.
        form: which tool's form.
        out: folder to write into; files of the same names are overwritten.
        now: the time that the files state; the present by default.

    Raises:
        InputError: there is nothing to write in this form.
    """
    study = study_of(data, form, now)
    files = dict[str, Path]()
    for name, content in _files(data, study, form):
        # Many file systems do not tell capitals from small letters.
        if name.casefold() in files:
            raise InputError(
                f"{data.name}: two names are one in the name of a file, {name}: rename one of them"
            )
        files[name.casefold()] = _write(out / name, content)
    if not files:
        raise InputError(f"{data.name}: {_NOTHING[form]}")
    return Exported(tuple(files.values()), tuple(_NOTES.get(form, lambda _: ())(study)))


def study_of(data: ExperimentData, form: ExportForm, now: datetime | None = None) -> Study:
    """The data that a form is written from; estimates are computed only for a form that states them."""
    return Study(
        experiment=data.experiment,
        results=data.results,
        recordings=data.cassette,
        scores=report_room.scores_of(data) if form in _SCORED else {},
        version=__version__,
        now=now or datetime.now(UTC),
        hypothesis_note=report_room.statement_of_hypothesis(data) if form == "parquet" else (),
        tools=data.tools,
    )


def _files(data: ExperimentData, study: Study, form: ExportForm) -> Iterator[tuple[str, Content]]:
    if form == "parquet":
        return dataset_card.files(study, report_room.as_parquet(data.results.rows), COLUMN_TYPES)
    writers: Mapping[ExportForm, Callable[[Study], Iterator[tuple[str, Content]]]] = {
        "eee": eee.files,
        "inspect": inspect_log.files,
        "hub-results": hub_results.files,
        "app": app.files,
    }
    return writers[form](study)


def _write(target: Path, content: Content) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        file.writelines([content] if isinstance(content, bytes) else content)
    return target


def _eee_notes(study: Study) -> Iterator[str]:
    if unnamed := eee.conditions_without_hub_name(study):
        yield (
            f"{listed(unnamed)}: the datastore sorts records by the model's name on the Hub, and the experiment file "
            "does not say it: write `hub: ORG/NAME` beside the model"
        )


def _hub_results_notes(study: Study) -> Iterator[str]:
    if guessed := hub_results.tasks_to_check(study):
        yield f"check `task_id` with the eval.yaml of {listed(guessed)}: only that file says which names there are"


def _app_notes(study: Study) -> Iterator[str]:
    if left_out := app.left_out(study.results):
        yield f"{plural(left_out, 'question')} left out of the suites: the app asks two to six options only"
    if uncounted := app.uncounted(study.results):
        yield f"{plural(uncounted, 'trial')} left out: no whole reply, or no score, which the app would count as wrong"


_NOTHING: Mapping[ExportForm, str] = {
    "eee": "no trial is scored, so there is nothing to write",
    "inspect": "there are no trials to write",
    "parquet": "there are no trials to write",
    "hub-results": "no suite was read from the Hub (`source: {hub: …}`), and a score on other questions is none of it",
    "app": "there is nothing that the app asks or scores",
}
_NOTES: Mapping[ExportForm, Callable[[Study], Iterator[str]]] = {
    "eee": _eee_notes,
    "hub-results": _hub_results_notes,
    "app": _app_notes,
}
