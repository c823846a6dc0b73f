"""What a command is given: a cassette, or the results of an experiment or of the files of other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmxray import cassette as cassettes
from llmxray import workflow
from llmxray.cli import options
from llmxray.errors import CassetteCorruptError, CassetteError, InputError

if TYPE_CHECKING:
    from llmxray.cassette import Cassette
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


def existing(directory: Path) -> Cassette:
    """The cassette in a directory that someone typed.

    Raises:
        InputError: there is none.
    """
    there(directory)
    return cassettes.Cassette(directory)


def there(directory: Path) -> None:
    """Nothing, where a directory that someone typed has a cassette, whatever state it is in.

    Raises:
        InputError: there is none.
    """
    try:
        cassettes.require(directory)
    # This is found in what is there, and is no mistake of whoever typed the name.
    except CassetteCorruptError:
        raise
    except CassetteError as error:
        raise InputError(str(error)) from error
