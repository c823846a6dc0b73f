"""The command that puts a site on GitHub Pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmxray.cli import options
from llmxray.errors import RunFailedError
from llmxray.workflow import github_pages

_MOST_SHOWN = 20


def publish(
    repository: Annotated[Path, typer.Option(help="Top folder of the repository.")] = Path(),
    check: Annotated[bool, typer.Option("--check", help="Only check the site; write nothing.")] = False,
    out: options.Out = Path("site"),
) -> None:
    """Write the workflow that publishes the site on GitHub Pages, and check that the site will stand there."""
    faults = github_pages.site_faults(out)
    for fault in faults[:_MOST_SHOWN]:
        typer.echo(fault)
    if faults:
        raise RunFailedError(f"{len(faults)} faults: {out} is not fit to publish")
    typer.echo(f"{out}: fit to publish")
    if check:
        return
    (out / github_pages.NO_JEKYLL).touch()
    path, changed = github_pages.write_workflow(repository)
    typer.echo(f"{path}: {'written' if changed else 'as it was'}")
    if changed:
        typer.echo(
            "now commit it with experiments/ and cassettes/, push, and choose Pages → Source → GitHub Actions"
        )
