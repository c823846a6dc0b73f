"""Sources of rows: a file, a folder, or a data set on the hub."""

from __future__ import annotations

from pathlib import Path

from llmxray.errors import SuiteError
from llmxray.experiment import Source
from llmxray.suites.data_files import from_file, kind
from llmxray.suites.data_rows import DataRow
from llmxray.suites.folders import from_folder, splits_of
from llmxray.suites.hub import from_hub
from llmxray.suites.outside import locate, refuse_outside

PREVIEW = "`llmxray suites --preview FILE` proposes them"


def read(
    source: Source, base: Path, config: str | None, usual: str = "", *, within: Path | None = None
) -> list[DataRow]:
    """Return the rows that a source names.

    Args:
        base: folder that files and folders are relative to.
        config: configuration of the data set; a file has none.
        usual: the split that is read where the source names none.
        within: folder that files must lie in, links followed; None for anywhere.

    Raises:
        SuiteError: absent, outside, unreachable, or not rows; or a hub data set without a split.
        MissingExtraError: it needs an optional package.
    """
    if source.file is not None:
        return from_file(locate(source.file, base, within))
    if source.folder is not None:
        return from_folder(locate(source.folder, base, within), config, source.split, usual, within=within)
    split = source.split or usual
    if not split:
        raise SuiteError(f"{source.hub}: name a split in the source, such as 'split: test'")
    return from_hub(source, config, split, within=within)


def shots(
    source: Source, base: Path, config: str | None, split: str, *, within: Path | None = None
) -> list[DataRow]:
    """Return the rows of the split with worked examples; none where a file or folder has no such split.

    Beside a file it is a file of the split's name, such as ``validation.jsonl``.

    Raises:
        SuiteError, MissingExtraError: as `read`.
    """
    if source.file is not None:
        path = locate(source.file, base, within)
        # Names are compared without glob patterns, since a split's name may come from a stranger.
        candidates = [file for file in sorted(path.parent.iterdir()) if file.name.startswith(split)]
        files = [file for file in candidates if kind(file) and file != path]
        for first in files[:1]:
            refuse_outside(first, within)
        return from_file(files[0]) if files else []
    if source.folder is not None:
        path = locate(source.folder, base, within)
        has_split = split in splits_of(path, config, within=within)
        return from_folder(path, config, split, within=within) if has_split else []
    return from_hub(source, config, split, within=within)
