"""The command that puts the runs of many experiments into one table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmxray import workflow
from llmxray.cli.terminal import say, working


def ledger(
    folders: Annotated[
        list[Path],
        typer.Argument(help="Sites, or folders of experiments in a site.", show_default=False),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the ledger.")] = Path("ledger"),
) -> None:
    """Compare the runs of any number of experiments, and list the questions whose key looks wrong.

    Reads `ledger.json`, which `llmxray report` writes for each experiment. No cassette is opened.
    """
    with working("building the ledger"):
        page, doubts = workflow.write_ledger(folders, out)
    for doubt in doubts:
        say(doubt, err=True)
    say(page)
