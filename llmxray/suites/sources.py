"""Where rows come from: a file, a folder, or a data set on the hub."""

from __future__ import annotations

from pathlib import Path

from llmxray.errors import SuiteError
from llmxray.experiment import Source
from llmxray.suites.files import from_file, kind
from llmxray.suites.folders import from_folder, splits_of
from llmxray.suites.hub import from_hub
from llmxray.suites.outside import located, refuse_outside
from llmxray.suites.rows import Row

PREVIEW = "`llmxray suites --preview FILE` proposes them"


def read(
    source: Source, base: Path, config: str | None, usual: str = "", *, within: Path | None = None
) -> list[Row]:
    """The rows that a source names.

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
        return from_file(located(source.file, base, within))
    if source.folder is not None:
        return from_folder(located(source.folder, base, within), config, source.split, usual, within=within)
    split = source.split or usual
    if not split:
        raise SuiteError(f"{source.hub}: name a split in the source, such as 'split: test'")
    return from_hub(source, config, split, within=within)


def shots(
    source: Source, base: Path, config: str | None, split: str, *, within: Path | None = None
) -> list[Row]:
    """The rows of the split that holds worked examples; none where a file or folder has no such split.

    Beside a file it is a file of the split's name, such as ``validation.jsonl``.

    Raises:
        SuiteError, MissingExtraError: as `read`.
    """
    if source.file is not None:
        path = located(source.file, base, within)
        # No pattern: a stranger's may lead anywhere, or be none.
        near = [each for each in sorted(path.parent.iterdir()) if each.name.startswith(split)]
        beside = [each for each in near if kind(each) and each != path]
        for each in beside[:1]:
            refuse_outside(each, within)
        return from_file(beside[0]) if beside else []
    if source.folder is not None:
        path = located(source.folder, base, within)
        there = split in splits_of(path, config, within=within)
        return from_folder(path, config, split, within=within) if there else []
    return from_hub(source, config, split, within=within)
