"""Commands about files of the original LLMxRay app."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmxray import workflow
from llmxray.cli import options
from llmxray.cli.help import group
from llmxray.cli.terminal import say

app = group("Write files of the original LLMxRay app; `llmxray report` reads them.")


@app.command("export")
def export(
    experiment: Annotated[str, typer.Argument(help="An experiment file, or a name.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write into.")],
    cassettes: options.Cassettes = Path("cassettes"),
    folder: options.Experiments = Path("experiments"),
) -> None:
    """Write suites, results and tables that the app can import."""
    where = options.workspace(cassettes, folder)
    prepared = workflow.prepare(where.find(experiment), where)
    written, left_out = workflow.export_app_files(prepared, out)
    for path in written:
        say(path)
    if left_out:
        say(f"{left_out} questions left out of the suites: the app asks two to six options only", err=True)
