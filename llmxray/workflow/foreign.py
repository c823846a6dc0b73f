"""Reports of files that other tools wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from llmxray.errors import InputError
from llmxray.interop import read as interop
from llmxray.interop.read import Imported
from llmxray.plain import plain_bytes
from llmxray.report import ExperimentData
from llmxray.types import ChainName, LikelihoodScore

# What a folder of logs may hold; a whole disk is a mistake.
_MOST_FILES = 20_000
# The first bytes of every format that is read.
_BEGINNINGS = (b"PK", b"{", b"[", b"Category,", b'"Category",')


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """How replies of read files are scored, where a command says so."""

    chain: ChainName | None = None
    likelihood: LikelihoodScore | None = None
    bins: int | None = None


def read_files(paths: Sequence[Path], settings: ReadSettings | None = None) -> tuple[Imported, ...]:
    """The experiments in files of other tools; of folders, in every file of a known format.

    Raises:
        InputError: a file cannot be read, is damaged, or has no known format.
    """
    settings = settings or ReadSettings()
    folders = [path for path in paths if path.is_dir()]
    return interop.read(
        _contents(paths),
        chain=settings.chain or "llmxray",
        likelihood=settings.likelihood or "acc",
        bins=settings.bins,
        skip_unknown=bool(folders),
    )


def foreign_data(
    imported: Imported, given: Sequence[Path] = (), settings: ReadSettings | None = None
) -> ExperimentData:
    """What the report of read files is made from.

    Args:
        given: what the command named, for the line that builds the report again.
        settings: those that the files were read with, for the same line.
    """
    told = asdict(settings or ReadSettings())
    return ExperimentData(
        imported.experiment,
        imported.results,
        imported.replies,
        settings={name: value for name, value in told.items() if value is not None},
        files=imported.files,
        tools=imported.tools,
        given=tuple(path.name for path in given) or imported.files,
    )


def _contents(paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        if path.is_dir():
            yield from _inside(path)
        else:
            # By name: folders are nobody else's business.
            yield path.name, plain_bytes(path)


def _inside(folder: Path) -> Iterator[tuple[str, bytes]]:
    found = sorted(path for path in islice(folder.rglob("*"), _MOST_FILES + 1) if path.is_file())
    if len(found) > _MOST_FILES:
        raise InputError(f"{folder}: more than {_MOST_FILES:,} files; name the folder of the logs")
    real = folder.resolve()
    for path in found:
        if _begins_like_one(path):
            # A folder from elsewhere must not bring a file of the user into a report.
            if not path.resolve().is_relative_to(real):
                raise InputError(
                    f"{path}: a link to a file outside of {folder}: name that file itself, or remove the link"
                )
            # Within the folder, because some tools write files that belong together under equal names.
            yield str(path.relative_to(folder.parent)).replace("\\", "/"), plain_bytes(path)


def _begins_like_one(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_BEGINNINGS)
