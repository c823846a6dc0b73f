"""The original app's files as whole tasks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from llmxray import report as report_room
from llmxray.cassette import Cassette
from llmxray.packs import app_files as app_room
from llmxray.report import ExperimentData
from llmxray.scratch import scratch_folder


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
