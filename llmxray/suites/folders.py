"""Rows from a folder: one that `datasets` saved, or one with data files, split by split.

========================  ===================================================================
``dataset_dict.json``     `DatasetDict.save_to_disk`: a folder for each split
``state.json``            `Dataset.save_to_disk`: Arrow files, named in it
data files                ``test-00000-of-00002.parquet`` is a shard of the split ``test``; the files may lie in
                          ``data/``, in a folder named after the config, or in a folder for each split
========================  ===================================================================
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llmxray.errors import SuiteError
from llmxray.plain import open_plain, stored_bytes
from llmxray.reading_process import ReadingProcess
from llmxray.suites.files import ROWS, from_file, kind, parse_json, read_text
from llmxray.suites.outside import refuse_outside
from llmxray.suites.rows import Row

_STATE, _SPLITS = "state.json", "dataset_dict.json"
# What `datasets` and the hub put beside the rows.
_NO_ROWS = (_STATE, _SPLITS, "dataset_info.json", "dataset_infos.json")
_SHARD = re.compile(r"(?:^|[-_.])\d{1,6}(?:-of-\d{1,6}(?:-[0-9a-f]{8,})?)?$")


def from_folder(
    path: Path, config: str | None, split: str | None, usual: str = "", *, within: Path | None = None
) -> list[Row]:
    """The rows of one split of a folder.

    Args:
        config: looked up as a folder in the folder.
        split: the split asked for; None for ``usual`` where the folder has it, else for the only one.
        within: folder that every file must lie in, links followed; None for anywhere.

    Raises:
        SuiteError: absent, a file, outside, without rows, without that split, or with several and none asked for.
        MissingExtraError: its files are Parquet or Arrow, and the extra that reads them is not installed.
    """
    shards = _shards(path, splits_of(path, config, within=within), split, usual)
    sizes: dict[tuple[int, int], int] = {}
    for file in shards:
        # A link may lead anywhere.
        refuse_outside(file, within)
        try:
            with open_plain(file) as opened:
                about, size = os.fstat(opened.fileno()), stored_bytes(opened)
        # The reader says what is wrong with it.
        except (OSError, ValueError):
            continue
        # A few bytes could repeat a file without end.
        if (about.st_dev, about.st_ino) in sizes:
            raise SuiteError(f"{file}: the folder names the same file twice; remove one of the two")
        sizes[about.st_dev, about.st_ino] = size
    room = ROWS.room(sum(sizes.values()))
    with ReadingProcess() as process:
        return [row for file in shards for row in from_file(file, room, process)]


def splits_of(path: Path, config: str | None, *, within: Path | None = None) -> dict[str, list[Path]]:
    """The files of each split, in the order of their rows; a folder without splits has one, "".

    Raises:
        SuiteError: absent, a file, outside, or without rows.
    """
    if not path.exists():
        raise SuiteError(f"there is no folder {path}")
    if not path.is_dir():
        raise SuiteError(f"{path} is a file: write 'source: {{file: …}}'")
    root = path / config if config and (path / config).is_dir() else path
    found = _saved(root, within) or _by_name(root)
    if not found and (root / "data").is_dir():
        found = _by_name(root / "data")
    if not found:
        # As the hub lays out its own Parquet files: a folder for each split.
        folders = [each for each in sorted(root.iterdir()) if each.is_dir()]
        found = {each.name: files for each in folders if (files := _files(each))}
    if not found:
        raise SuiteError(
            f"{path}: there are no files with rows in this folder, such as test.jsonl or test.parquet"
        )
    for name, files in found.items():
        _refuse_two_kinds(path, name, files)
    return found


def _shards(path: Path, splits: dict[str, list[Path]], split: str | None, usual: str) -> Sequence[Path]:
    wanted = split if split is not None else usual
    if wanted in splits:
        return splits[wanted]
    if len(splits) == 1 and (split is None or "" in splits):
        if split is not None:
            raise SuiteError(f"{path.name}: this folder has no splits; remove 'split: {split}'")
        return next(iter(splits.values()))
    there = ", ".join(splits)
    if split is None:
        raise SuiteError(
            f"{path.name}: has the splits {there}; name one, such as 'split: {next(iter(splits))}'"
        )
    raise SuiteError(f"{path.name}: has no split {split!r}; it has: {there}")


def _saved(root: Path, within: Path | None) -> dict[str, list[Path]]:
    """What `save_to_disk` wrote; nothing where it was something else."""
    if (root / _SPLITS).exists():
        refuse_outside(root / _SPLITS, within)
        names = _described(root / _SPLITS, "splits")
        return {name: _saved_files(root / name, within) for name in names}
    return {"": _saved_files(root, within)} if (root / _STATE).exists() else {}


def _saved_files(folder: Path, within: Path | None) -> list[Path]:
    state = folder / _STATE
    refuse_outside(state, within)
    if _described(state, "_indices_data_files"):
        raise SuiteError(
            f"{state}: these rows were selected after they were written; save them again after 'flatten_indices()'"
        )
    return [folder / name for name in _described(state, "_data_files")]


def _described(file: Path, key: str) -> list[str]:
    """Names under a key of a file that `datasets` wrote, each that of a file or folder beside it."""
    data = parse_json(file.name, read_text(file))
    entries: Any = data.get(key) if isinstance(data, dict) else None
    names: list[Any] = [each.get("filename") if isinstance(each, dict) else each for each in entries or ()]
    for name in names:
        # A data set may come from anywhere; its files lie in it.
        if not isinstance(name, str) or Path(name).name != name or name in ("", ".", ".."):
            raise SuiteError(f"{file}: {key!r} names {name!r}, which is not a file of this folder")
    return names


def _by_name(folder: Path) -> dict[str, list[Path]]:
    splits: dict[str, list[Path]] = {}
    for file in _files(folder):
        stem = file.name[: file.name.lower().rindex(kind(file))]
        splits.setdefault(_SHARD.sub("", stem), []).append(file)
    return splits


def _files(folder: Path) -> list[Path]:
    """The files with rows, by name, shard 2 before shard 10."""
    return [
        each
        for each in sorted(folder.iterdir(), key=_numbered)
        if each.is_file()
        and kind(each)
        and each.name not in _NO_ROWS
        and not each.name.startswith((".", "_"))
    ]


def _refuse_two_kinds(path: Path, split: str, files: Sequence[Path]) -> None:
    kinds = sorted({kind(file) for file in files})
    # The same rows twice, most likely.
    if len(kinds) > 1:
        which = f"split {split}" if split else "its rows"
        raise SuiteError(f"{path.name}: {which} in {' and '.join(kinds)} files; keep one kind")


def _numbered(file: Path) -> list[str | int]:
    """A name as texts and numbers in turn, to sort by."""
    return [int(part) if index % 2 else part for index, part in enumerate(re.split(r"(\d+)", file.name))]
