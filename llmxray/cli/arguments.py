"""Arguments that several commands share, and how they are read."""

from __future__ import annotations

from collections.abc import Iterable
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from llmxray import workflow
from llmxray.cli.terminal import note
from llmxray.errors import InputError
from llmxray.types import ChainName, LikelihoodScore

if TYPE_CHECKING:
    from llmxray.workflow import Workspace

Out = Annotated[Path, typer.Option(help="Folder of the site.")]
Tokens = Annotated[
    Literal["all", "answers", "none"] | None,
    typer.Option(help="Token detail to publish; by default all, less for very large recordings."),
]
Jobs = Annotated[
    int | None, typer.Option(min=1, help="Number of processes that build pages; by default one per core.")
]

Chain = Annotated[
    ChainName | None, typer.Option(help="Extract answers with this chain instead of the one in the file.")
]
Likelihood = Annotated[
    LikelihoodScore | None,
    typer.Option(
        help="Score of likelihood answers: total log-probability (acc), per character (acc_norm), per byte (acc_bytes)."
    ),
]
AllowKey = Annotated[
    list[str] | None,
    typer.Option(help="VAR@HOST: send the API key in this variable to this host without asking."),
]
AllowOutside = Annotated[
    bool,
    typer.Option(
        "--allow-outside", help="Read `file:` sources outside of the folder of the experiment file."
    ),
]
Bins = Annotated[int | None, typer.Option(min=2, max=1000, help="Number of bins in the calibration plots.")]

# Endings of log files. A name with such an ending is never that of an experiment.
_LOGS = (".eval", ".json", ".jsonl", ".csv")


def workspace(*, outside: bool = False) -> Workspace:
    """The folders that a command works in; what is odd about a plan there is told in a line, once."""
    told: set[str] = set()

    def tell(line: str) -> None:
        # A command that records prepares twice.
        if line not in told:
            told.add(line)
            note(line)

    return workflow.Workspace(outside=outside, tell=tell)


def pairs(arguments: Iterable[str], option: str) -> dict[str, str]:
    """``NAME=VALUE`` arguments as a mapping.

    Raises:
        InputError: one has no ``=``.
    """
    by_name = {}
    for argument in arguments:
        # Only the first = counts, because URLs may contain more of them.
        name, equals, value = argument.partition("=")
        if not equals or not name or not value:
            raise InputError(f"{option} takes NAME=VALUE, not {argument!r}")
        by_name[name] = value
    return by_name


def _matching_files(pattern: str) -> list[Path]:
    files = sorted(map(Path, glob(pattern)))
    if not files:
        raise InputError(f"{pattern}: no file fits this pattern")
    return files


def foreign_files(names: Iterable[str], workspace: Workspace) -> tuple[list[Path], list[str]]:
    """Split names into paths of files of other tools, and names of experiments.

    Raises:
        InputError: a log file does not exist, or a pattern matches no file.
    """
    files, experiment_names = [], []
    for name in names:
        path = Path(name)
        is_experiment = path.suffix in (".yaml", ".yml") or workspace.has(name)
        if not is_experiment and path.exists():
            files.append(path)
        elif not is_experiment and any(wildcard in name for wildcard in "*?"):
            # On Windows the shell leaves patterns for the program to expand.
            files += _matching_files(name)
        elif not is_experiment and path.suffix in _LOGS:
            raise InputError(f"{name}: there is no such file")
        else:
            experiment_names.append(name)
    return files, experiment_names


def experiment_files(names: list[str], everything: bool, workspace: Workspace) -> list[Path]:
    """The experiment files that a command is about.

    Raises:
        InputError: none were named.
    """
    if everything:
        return workspace.all()
    if not names:
        workspace.all()  # raises if the folder holds no experiments at all
        raise InputError("name an experiment (a YAML file, or a name in experiments/), or say --all")
    return list(dict.fromkeys(map(workspace.find, names)))
