"""Arguments of commands: a cassette, or the results of an experiment or of files of other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmxray import cassette as cassettes
from llmxray import workflow
from llmxray.cli import arguments
from llmxray.errors import CassetteCorruptError, CassetteError, InputError

if TYPE_CHECKING:
    from llmxray.cassette import Cassette
    from llmxray.report.analysis.data import ExperimentData

Given = Annotated[
    list[str], typer.Argument(help="An experiment file, or a name; or result files of other tools.")
]


def results_given(names: list[str], workspace: workflow.Workspace) -> ExperimentData:
    """The data of the one experiment that the arguments name.

    Raises:
        InputError: the arguments name several experiments, or none.
    """
    files, names = arguments.foreign_files(names, workspace)
    if len(names) + bool(files) != 1:
        raise InputError("give one experiment, or result files of other tools")
    if names:
        prepared = workflow.prepare(workspace.find(names[0]), workspace, recorded=True)
        return workflow.data_of(prepared, workflow.read_results(prepared))
    first, *others = workflow.read_files(files)
    if others:
        raise InputError("these files make several experiments: give those of one")
    return workflow.foreign_data(first, files)


def open_cassette(directory: Path) -> Cassette:
    """Open the cassette in a directory that the user named.

    Raises:
        InputError: there is no cassette.
    """
    require_cassette(directory)
    return cassettes.Cassette(directory)


def require_cassette(directory: Path) -> None:
    """Refuse a directory, named by the user, without a cassette. A damaged cassette is not refused.

    Raises:
        InputError: there is no cassette.
    """
    try:
        cassettes.require(directory)
    # Damage is a fault of the cassette and not of the name that the user typed.
    except CassetteCorruptError:
        raise
    except CassetteError as error:
        raise InputError(str(error)) from error
