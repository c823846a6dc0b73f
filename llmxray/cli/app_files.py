"""Commands about files of the original LLMxRay app."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmxray import workflow
from llmxray.cli import options
from llmxray.cli.help import group
from llmxray.cli.terminal import say
from llmxray.errors import InputError

app = group("Read files of the original LLMxRay app.")


@app.command("report")
def report(
    files: Annotated[
        list[Path], typer.Argument(help="Benchmark results (JSON or CSV) of the app, or one compare file.")
    ],
    out: options.Out = Path("site"),
) -> None:
    """Build the report of results that the app exported."""
    contents = []
    for path in files:
        try:
            # By name: the CSV has no other sign of the model, and folders are nobody else's business.
            contents.append((path.name, path.read_bytes()))
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    say(workflow.report_app_files(contents, out))
