"""Reading result files of other tools, for reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from llmxray import limits, sandbox
from llmxray.errors import InputError
from llmxray.interop import read as interop
from llmxray.interop.read import Imported
from llmxray.regular_files import read_regular_file
from llmxray.report.analysis.data import ExperimentData
from llmxray.types import ChainName, LikelihoodScore

# The first bytes of every format that is read.
_BEGINNINGS = (b"PK", b"{", b"[", b"Category,", b'"Category",')


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """Analysis settings, experiment name and scorer of read files; None for the default."""

    chain: ChainName | None = None
    likelihood: LikelihoodScore | None = None
    bins: int | None = None
    name: str | None = None
    scorer: str | None = None


def read_files(paths: Sequence[Path], settings: ReadSettings | None = None) -> tuple[Imported, ...]:
    """The experiments in files of other tools; in a folder, every file of a known format is read.

    Raises:
        InputError: a file cannot be read, is damaged, or has no known format.
    """
    settings = settings or ReadSettings()
    folders = [path for path in paths if path.is_dir()]
    files = [*_contents(paths)]
    return sandbox.call(
        paths[0].name,
        sum(len(data) for _, data, _ in files),
        interop.read,
        files,
        chain=settings.chain or "llmxray",
        likelihood=settings.likelihood or "acc",
        bins=settings.bins,
        name=settings.name or "",
        scorer=settings.scorer or "",
        skip_unknown=bool(folders),
    )


def imported_data(
    imported: Imported, arguments: Sequence[Path] = (), settings: ReadSettings | None = None
) -> ExperimentData:
    """The report data of other tools' files.

    Args:
        arguments: the paths that the command named, for the line that builds the report again.
        settings: those that the files were read with, for the same line.
    """
    told = asdict(settings or ReadSettings())
    return ExperimentData(
        experiment=imported.experiment,
        results=imported.results,
        cassette=imported.replies,
        settings={name: value for name, value in told.items() if value is not None},
        files=imported.files,
        tools=imported.tools,
        input_arguments=tuple(path.name for path in arguments) or imported.files,
    )


class _Folders:
    """Numbers of folders: files of one belong together, whatever of its name shows."""

    def __init__(self) -> None:
        self._numbers: dict[Path, str] = {}
        self._real: dict[Path, str] = {}

    def number_of(self, path: Path) -> str:
        """That of a file's folder, by whatever way it was named; of a link, the folder that the link is in."""
        folder = path.parent
        if folder not in self._real:
            self._real[folder] = self._numbers.setdefault(folder.resolve(), str(len(self._numbers)))
        return self._real[folder]


def _contents(paths: Iterable[Path]) -> Iterator[tuple[str, bytes, str]]:
    """Name, content and number of the folder of each file."""
    folders = _Folders()
    for path in paths:
        if path.is_dir():
            for name, file in _in_folder(path):
                yield name, read_regular_file(file), folders.number_of(file)
        else:
            # The name alone, because the user's folders must not show in a report.
            yield path.name, read_regular_file(path), folders.number_of(path)


def _in_folder(folder: Path) -> Iterator[tuple[str, Path]]:
    files = sorted(path for path in islice(folder.rglob("*"), limits.LOG_FILES + 1) if path.is_file())
    if len(files) > limits.LOG_FILES:
        raise InputError(f"{folder}: more than {limits.LOG_FILES:,} files; name the folder of the logs")
    real = folder.resolve()
    for path in files:
        if _begins_like_log(path):
            # A folder from elsewhere must not bring a file of the user into a report.
            if not path.resolve().is_relative_to(real):
                raise InputError(
                    f"{path}: a link to a file outside of {folder}: name that file itself, or remove the link"
                )
            # Named by its path in the folder, because some tools write files that belong together under equal names.
            yield str(path.relative_to(folder.parent)).replace("\\", "/"), path


def _begins_like_log(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_BEGINNINGS)
