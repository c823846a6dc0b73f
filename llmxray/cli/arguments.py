"""Arguments that several commands share, and how they are read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from llmxray import cassette as cassettes
from llmxray import workflow
from llmxray.cli.terminal import ask, can_ask, note
from llmxray.errors import CassetteCorruptError, CassetteError, InputError
from llmxray.keys import KeyPermit, KeyUse, check_key, check_value, parse_permit
from llmxray.types import ChainName, LikelihoodScore

if TYPE_CHECKING:
    from llmxray.cassette import Cassette
    from llmxray.report import ExperimentData
    from llmxray.workflow import Workspace


Results = Annotated[
    list[str], typer.Argument(help="An experiment file, or a name; or result files of other tools.")
]
Out = Annotated[Path, typer.Option(help="Folder of the site.")]
Tokens = Annotated[
    Literal["all", "answers", "none"] | None,
    typer.Option(help="Token detail to publish; by default all, less for very large recordings."),
]
Jobs = Annotated[int | None, typer.Option(min=1, help="Processes that build pages; by default one per core.")]

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
    typer.Option("--allow-outside", help="Read `file:` sources outside the experiment file's folder."),
]
Live = Annotated[
    bool,
    typer.Option(
        "--live",
        help="Add a page that runs a model in the browser; fetches its engine once, with npm.",
    ),
]
Bins = Annotated[int | None, typer.Option(min=2, max=1000, help="Bins in the calibration plots.")]

# Endings of log files. A name with such an ending is never that of an experiment.
_LOGS = (".eval", ".json", ".jsonl", ".csv")


def workspace(*, outside: bool = False) -> Workspace:
    """The folders of a command; each oddity of a plan is printed once."""
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
        InputError: ``=`` is missing.
    """
    by_name = {}
    for argument in arguments:
        # Only the first = counts, because URLs may contain more of them.
        name, equals, value = argument.partition("=")
        if not equals or not name or not value:
            raise InputError(f"{option} takes NAME=VALUE, not {argument!r}")
        by_name[name] = value
    return by_name


def foreign_files(names: Iterable[str], workspace: Workspace) -> tuple[list[Path], list[str]]:
    """Split names into paths of files of other tools, and names of experiments.

    Raises:
        InputError: a log file does not exist.
    """
    files, experiment_names = [], []
    for name in names:
        path = Path(name)
        is_experiment = path.suffix in (".yaml", ".yml") or workspace.has(name)
        if not is_experiment and path.exists():
            files.append(path)
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


def results_given(names: list[str], workspace: Workspace) -> ExperimentData:
    """The data of the one experiment that the arguments name.

    Raises:
        InputError: the arguments name several experiments, or none.
    """
    files, names = foreign_files(names, workspace)
    if len(names) + bool(files) != 1:
        raise InputError("give one experiment, or result files of other tools")
    if names:
        prepared = workflow.prepare(workspace.find(names[0]), workspace, recorded=True)
        return workflow.report_data(prepared, workflow.read_results(prepared))
    first, *others = workflow.read_files(files)
    if others:
        raise InputError("these files make several experiments: give those of one")
    return workflow.imported_data(first, files)


def open_cassette(directory: Path) -> Cassette:
    """Open the cassette in a directory that the user named.

    Raises:
        InputError: the cassette is missing.
    """
    require_cassette(directory)
    return cassettes.Cassette(directory)


def require_cassette(directory: Path) -> None:
    """Refuse a directory, named by the user, without a cassette. A damaged cassette is not refused.

    Raises:
        InputError: the cassette is missing.
    """
    try:
        cassettes.require_cassette(directory)
    # Damage is a fault of the cassette and not of the name that the user typed.
    except CassetteCorruptError:
        raise
    except CassetteError as error:
        raise InputError(str(error)) from error


def collect_permits(uses: Iterable[KeyUse], allowed: Iterable[str]) -> frozenset[KeyPermit]:
    """Name every key that is about to be sent, and ask once for each permit that is missing.

    Answers are kept in the user's own configuration and never in a project, where a stranger's file could bring them
    along.

    Args:
        uses: keys to be sent. A key whose variable is not set is skipped; the code that reads it reports that.
        allowed: ``VAR@HOST``, from the command line.

    Returns:
        All permits: from the command line, remembered, and given now.

    Raises:
        InputError: a key may not be sent, or the user cannot be asked; the message says what to add.
    """
    path = Path(typer.get_app_dir("llmxray"), "allowed-keys.txt")
    permits = {*map(parse_permit, allowed), *_read(path)}
    for use in dict.fromkeys(uses):
        if not os.environ.get(use.variable):
            continue
        if not use.is_allowed(permits) and use.may_be_asked and can_ask():
            if not ask(f"Send {use}? (asked once; the answer is kept in {path})"):
                raise InputError(f"{use.variable} is not sent to {use.host}: nothing was asked of it")
            _remember(path, use.permit)
            permits.add(use.permit)
        check_key(use, permits)
        note(f"sending {use}")
    return frozenset(permits)


def key_for(variable: str | None, url: str, allowed: list[str] | None) -> str:
    """The key in an environment variable, after checking that it may be sent to that server; "" for none."""
    if variable is None:
        return ""
    if not os.environ.get(variable):
        raise InputError(f"the environment variable {variable} is not set")
    collect_permits([KeyUse(variable, url)], allowed or ())
    check_value(variable, os.environ[variable])
    return os.environ[variable]


def _read(path: Path) -> set[KeyPermit]:
    if not path.is_file():
        return set()
    permits = set()
    for line in path.read_text("utf-8", "replace").splitlines():
        # A line that is not a permit is skipped.
        with suppress(InputError):
            permits.add(parse_permit(line.strip()))
    return permits


def _remember(path: Path, permit: KeyPermit) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8"
        ) as file:
            file.write(f"{permit}\n")
    except OSError as error:
        note(f"{path} cannot be written ({error.strerror}): you will be asked again")
