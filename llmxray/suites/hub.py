"""Rows of a data set on the hub at one revision. ``datasets`` is imported here only, and only when it is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from llmxray.errors import MissingExtraError, SuiteError
from llmxray.experiment import Source
from llmxray.suites.arrow_tables import with_short_floats
from llmxray.suites.data_files import rows_of
from llmxray.suites.data_rows import DataRow

_HUB_ANSWERS_WITHIN_S = 10
# Parts of the library's message about data sets that are a program.
_SCRIPT_SIGNS = ("scripts are no longer supported", "trust_remote_code")
_EXPORT = "refs/convert/parquet"
_CONFIG = re.compile(r"\w[\w .+-]*")
_OFFLINE = "offline, download the file and use 'source: {file: …}'"
_SCRIPT = (
    "this data set is a program, which is not run; the hub may keep its rows as Parquet under "
    f"'revision: {_EXPORT}'"
)


def from_hub(source: Source, config: str | None, split: str, *, within: Path | None = None) -> list[DataRow]:
    """Return the rows of a data set on the hub.

    Args:
        within: where files must lie; None lets a folder of the data set's name stand for it.

    Raises:
        SuiteError: it cannot be reached or has no such configuration or split; says what to do offline.
        MissingExtraError: ``datasets`` is not installed.
    """
    if within is not None:
        _refuse_local(str(source.hub), config)
    try:
        import datasets  # noqa: PLC0415 (heavy, and absent from the core install)
    except ImportError:
        raise MissingExtraError("reading from the hub", "hub") from None
    # In the hub's own Parquet export a config is a folder, which the library does not know as a config.
    name, folder = (None, config) if source.revision == _EXPORT else (config, None)
    try:
        with _offline_where_unreachable():
            # One builder checks and loads, so that both see the same commit even if the branch moves.
            builder = datasets.load_dataset_builder(
                source.hub, name=name, data_dir=folder, revision=source.revision
            )
            if within is not None:
                _refuse_files_here(builder.config.data_files)
            builder.download_and_prepare()
            table = builder.as_dataset(split=split)
        # The library copies a data set's Arrow files unchecked, and their offsets may point beyond their end.
        table.data.validate(full=True)
    # The library raises the errors of its storage layers, of any type; each means that there are no rows.
    except Exception as error:
        why = str(error).strip().split("\n")[0] or type(error).__name__
        raise SuiteError(
            f"{source.hub} ({config or 'default'}, {split}, revision {source.revision}) cannot be read from "
            f"the hub: {why[:200]}; {_SCRIPT if any(sign in str(error) for sign in _SCRIPT_SIGNS) else _OFFLINE}"
        ) from None
    return rows_of(f"{source.hub} {split}", with_short_floats(table, table.data.schema))


def _refuse_local(name: str, config: str | None) -> None:
    """Refuse what the library would read from this machine: an experiment file may be a stranger's.

    It takes a name for a folder where there is one of that name, a bare name such as ``text`` for a way to read the
    files of a folder, and a config for that folder.

    Raises:
        SuiteError: says how to name it.
    """
    if "/" not in name:
        raise SuiteError(f"{name}: name a data set of the hub with its owner, such as allenai/ai2_arc")
    if Path(name).exists():
        raise SuiteError(
            f"{name} is a folder here, and would be read in place of the data set of the hub: write "
            "'source: {folder: …}', or run with --allow-outside"
        )
    if config is not None and not _CONFIG.fullmatch(config):
        raise SuiteError(f"{name}: {config!r} is not the name of a configuration")


def _refuse_files_here(data_files: Mapping[str, Sequence[str]] | None) -> None:
    """Refuse files of this machine that a data set of the hub names as its own: its card may name any path.

    Raises:
        ValueError: names the file.
    """
    for files in (data_files or {}).values():
        for file in files:
            if not str(file).startswith(("hf://", "https://")):
                raise ValueError(f"its card names {file}, which is no file of the hub")


@contextmanager
def _offline_where_unreachable() -> Iterator[None]:
    """Let the libraries read their cache alone when the hub does not answer.

    They would ask for each of a data set's files again and again, with a line on the terminal every time.
    """
    import datasets  # noqa: PLC0415 (heavy, and absent from the core install)
    from huggingface_hub import constants, get_session  # noqa: PLC0415 (comes with datasets)

    switches: tuple[Any, ...] = (constants, datasets.config)
    previous = [switch.HF_HUB_OFFLINE for switch in switches]
    try:
        get_session().head(constants.ENDPOINT, timeout=_HUB_ANSWERS_WITHIN_S)
    # Any error of the HTTP client means that the hub is not reachable.
    except Exception:
        for switch in switches:
            switch.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        for switch, value in zip(switches, previous, strict=True):
            switch.HF_HUB_OFFLINE = value


def revision_of(source: Source) -> str:
    """Return the revision that was requested, with its current commit where the hub says so."""
    requested = f"{source.hub}, revision {source.revision}"
    try:
        import huggingface_hub  # noqa: PLC0415 (comes with datasets)

        commit = (
            huggingface_hub.HfApi().dataset_info(str(source.hub), revision=source.revision, timeout=10).sha
        )
    # Without the hub, as with a data set from the local cache, the name must suffice.
    except Exception:
        return requested
    return requested if commit in (None, source.revision) else f"{requested} (commit {commit})"
