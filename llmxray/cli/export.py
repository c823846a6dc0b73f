"""The command that writes results for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmxray import workflow
from llmxray.cli import arguments
from llmxray.cli.given import Given, results_given
from llmxray.cli.terminal import note, say, working
from llmxray.types import ExportForm


def export(
    experiment: Given,
    to: Annotated[
        ExportForm,
        typer.Option(
            help="eee: Every Eval Ever. inspect: Inspect logs. parquet: results.parquet with a dataset card. "
            "hub-results: .eval_results/*.yaml of the Hugging Face Hub. app: files of the original LLMxRay app."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write into.")],
) -> None:
    """Write results in the form that another tool reads."""
    workspace = arguments.workspace()
    with working("writing"):
        done = workflow.export(results_given(experiment, workspace), to, out)
    for path in done.files:
        say(path)
    for sentence in done.notes:
        note(sentence)
