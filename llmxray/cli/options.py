"""Arguments that several commands share, and how they are read."""

from __future__ import annotations

from collections.abc import Iterable
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from llmxray import workflow
from llmxray.errors import InputError
from llmxray.types import ChainName, LikelihoodScore

if TYPE_CHECKING:
    from llmxray.workflow import Workspace

Cassettes = Annotated[Path, typer.Option(help="Folder that holds the cassettes.")]
Experiments = Annotated[
    Path, typer.Option("--experiments", help="Folder searched for experiments given by name.")
]
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

# What logs end in; whoever names one that is not there means no experiment.
_LOGS = (".eval", ".json", ".jsonl", ".csv")


def workspace(cassettes: Path, experiments: Path, *, outside: bool = False) -> Workspace:
    """Where things are."""
    return workflow.Workspace(cassettes, experiments, outside)


def pairs(values: Iterable[str], option: str) -> dict[str, str]:
    """``NAME=VALUE`` arguments as a mapping.

    Raises:
        InputError: one has no ``=``.
    """
    found = {}
    for value in values:
        # Only the first = counts: URLs have some of their own.
        name, equals, rest = value.partition("=")
        if not equals or not name or not rest:
            raise InputError(f"{option} takes NAME=VALUE, not {value!r}")
        found[name] = rest
    return found


def _fitting(pattern: str) -> list[Path]:
    found = sorted(map(Path, glob(pattern)))
    if not found:
        raise InputError(f"{pattern}: no file fits this pattern")
    return found


def foreign_files(names: Iterable[str], where: Workspace) -> tuple[list[Path], list[str]]:
    """What is given by a path to a file or folder that is no experiment, and the names that are left.

    Raises:
        InputError: a name is that of a log which is not there, or a pattern fits no file.
    """
    files, left = [], []
    for name in names:
        path = Path(name)
        is_experiment = path.suffix in (".yaml", ".yml") or where.has(name)
        if not is_experiment and path.exists():
            files.append(path)
        elif not is_experiment and any(each in name for each in "*?"):
            # Shells of Windows leave patterns to the program.
            files += _fitting(name)
        elif not is_experiment and path.suffix in _LOGS:
            raise InputError(f"{name}: there is no such file")
        else:
            left.append(name)
    return files, left


def chosen(names: list[str], everything: bool, where: Workspace) -> list[Path]:
    """The experiment files that a command is about.

    Raises:
        InputError: none were named.
    """
    if everything:
        return where.all()
    if not names:
        where.all()  # a folder without any is another fault
        raise InputError("name an experiment (a YAML file, or a name in experiments/), or say --all")
    return [where.find(name) for name in names]
