"""Experiments as files that the original app reads."""

from __future__ import annotations

from pathlib import Path

from llmxray.cassette import Cassette
from llmxray.errors import InputError
from llmxray.packs import app_export
from llmxray.workflow.preparation import Prepared
from llmxray.workflow.report import read_results


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
