"""The results that a command is given: of one recorded experiment, or of the files of other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from llmxray import workflow
from llmxray.cli import options
from llmxray.errors import InputError

if TYPE_CHECKING:
    from llmxray.report import ExperimentData

Given = Annotated[
    list[str], typer.Argument(help="An experiment file, or a name; or result files of other tools.")
]


def results_given(names: list[str], where: workflow.Workspace) -> ExperimentData:
    """What the report of one experiment is made from.

    Raises:
        InputError: the names are those of several experiments, or of none.
    """
    files, names = options.foreign_files(names, where)
    if len(names) + bool(files) != 1:
        raise InputError("give one experiment, or result files of other tools")
    if names:
        prepared = workflow.prepare(where.find(names[0]), where, recorded=True)
        return workflow.data_of(prepared, workflow.read_results(prepared))
    first, *others = workflow.read_files(files)
    if others:
        raise InputError("these files make several experiments: give those of one")
    return workflow.foreign_data(first, files)
