"""The original app's files as whole tasks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from llmxray import report as report_room
from llmxray.cassette import Cassette
from llmxray.errors import InputError
from llmxray.packs import app_export
from llmxray.packs import app_files as app_room
from llmxray.report import ExperimentData
from llmxray.scratch import scratch_folder
from llmxray.workflow.preparation import Prepared
from llmxray.workflow.reading import read_results


def report_app_files(files: Sequence[tuple[str, bytes]], out: Path) -> Path:
    """Build the report of results that the app exported; returns the path of the site's first page.

    Raises:
        InputError: a file is not one of the app's.
    """
    imported = app_room.read(files)
    # A report reads replies from a cassette; of these there are none, so it gets one with nothing in it.
    with scratch_folder("app") as nothing:
        data = ExperimentData(
            imported.experiment,
            imported.results,
            Cassette(Path(nothing)),
            files=tuple(name for name, _ in files),
        )
        return report_room.build([data], out)


def export_app_files(prepared: Prepared, out: Path) -> tuple[list[Path], int]:
    """Write an experiment as the app's files; returns their paths, and how many questions it cannot ask."""
    results = read_results(prepared)
    manifest = Cassette.existing(prepared.cassette).manifest
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, data in app_export.files(results, dict(manifest.recorded) if manifest else {}):
        target = out / name
        if target.is_symlink():
            raise InputError(f"{target} is a link, and nothing is written through one: remove it")
        target.write_bytes(data)
        written.append(target)
    return written, app_export.left_out(results)
