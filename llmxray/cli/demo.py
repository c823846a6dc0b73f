"""The command that shows a recorded experiment to users who have none yet."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from llmxray import workflow
from llmxray.cli.terminal import command, note, say, working
from llmxray.errors import InputError


def demo(
    out: Annotated[Path, typer.Option(help="Folder of the site.")] = Path("llmxray-demo"),
    show: Annotated[
        bool | None,
        typer.Option("--open/--no-open", help="Open the site in the browser; by default at a terminal only."),
    ] = None,
) -> None:
    """Build the site of a recorded experiment that comes with llmxray: no model, no key, no network."""
    shipped = workflow.demo
    if out.exists() and not (out / shipped.EXPERIMENT).is_dir() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out} is there already: name a new folder with --out")
    with shipped.demo_workspace() as workspace, working("building the report"):
        workflow.refuse_other_pages(shipped.EXPERIMENT, workspace.cassettes, workflow.Workspace(), out)
        prepared = workflow.prepare(workspace.find(shipped.EXPERIMENT), workspace, recorded=True)
        index = workflow.publish([(prepared, workflow.read_results(prepared))], out)
    say(index)
    note(
        f"real models, recorded once; to write an experiment: {command('llmxray', 'new', shipped.EXPERIMENT)}"
    )
    if sys.stdout.isatty() if show is None else show:
        # A URL, not a path: in a path, browsers would take "?" and "#" for parts of a URL.
        webbrowser.open(index.resolve().as_uri())
