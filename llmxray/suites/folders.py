"""Rows from a folder that `datasets` saved, or that has data files, by split.

========================  ===================================================================
``dataset_dict.json``     `DatasetDict.save_to_disk`: a folder for each split
``state.json``            `Dataset.save_to_disk`: Arrow files, named in it
data files                ``test-00000-of-00002.parquet`` is a shard of the split ``test``; the files may lie in
                          ``data/``, in a folder named after the config, or in a folder for each split
========================  ===================================================================
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llmxray.errors import SuiteError
from llmxray.suites.data_files import from_files, kind, parse_json, read_text
from llmxray.suites.data_rows import DataRow
from llmxray.suites.outside import refuse_outside

_STATE, _SPLITS = "state.json", "dataset_dict.json"
# Files that `datasets` and the hub put beside the rows.
_NO_ROWS = (_STATE, _SPLITS, "dataset_info.json", "dataset_infos.json")
_SHARD = re.compile(r"(?:^|[-_.])\d{1,6}(?:-of-\d{1,6}(?:-[0-9a-f]{8,})?)?$")


def from_folder(
    path: Path, config: str | None, split: str | None, usual: str = "", *, within: Path | None = None
) -> list[DataRow]:
    """Return the rows of one split of a folder.

    Args:
        config: looked up as a folder in the folder.
        split: the split asked for; None for ``usual`` where the folder has it, else for the only one.
        within: folder that every file must lie in, links followed; None for anywhere.

    Raises:
        SuiteError: absent, a file, outside, without rows, without that split, or with several and none asked for.
        MissingExtraError: its files are Parquet or Arrow, and the extra that reads them is not installed.
    """
    shards = _shards(path, splits_of(path, config, within=within), split, usual)
    for file in shards:
        # A link may point outside of the folder.
        refuse_outside(file, within)
    if len({file.resolve() for file in shards}) < len(shards):
        raise SuiteError(f"{path}: the folder names the same file twice; remove one of the two")
    return from_files(shards)


def splits_of(path: Path, config: str | None, *, within: Path | None = None) -> dict[str, list[Path]]:
    """Return the files of each split, in the order of their rows; a folder without splits has one, "".

    Raises:
        SuiteError: absent, a file, outside, or without rows.
    """
    if not path.exists():
        raise SuiteError(f"there is no folder {path}")
    if not path.is_dir():
        raise SuiteError(f"{path} is a file: write 'source: {{file: …}}'")
    root = path / config if config and (path / config).is_dir() else path
    splits = _saved_splits(root, within) or _group_by_name(root)
    if not splits and (root / "data").is_dir():
        splits = _group_by_name(root / "data")
    if not splits:
        # The hub's own Parquet files have a folder for each split.
        folders = [folder for folder in sorted(root.iterdir()) if folder.is_dir()]
        splits = {folder.name: files for folder in folders if (files := _files(folder))}
    if not splits:
        raise SuiteError(
            f"{path}: there are no files with rows in this folder, such as test.jsonl or test.parquet"
        )
    for name, files in splits.items():
        kinds = sorted({kind(file) for file in files})
        # Two kinds of files most likely hold the same rows twice.
        if len(kinds) > 1:
            which = f"split {name}" if name else "its rows"
            raise SuiteError(f"{path.name}: {which} in {' and '.join(kinds)} files; keep one kind")
    return splits


def _shards(path: Path, splits: dict[str, list[Path]], split: str | None, usual: str) -> Sequence[Path]:
    name = split if split is not None else usual
    if name in splits:
        return splits[name]
    if len(splits) == 1 and (split is None or "" in splits):
        if split is not None:
            raise SuiteError(f"{path.name}: this folder has no splits; remove 'split: {split}'")
        return next(iter(splits.values()))
    listing = ", ".join(splits)
    if split is None:
        raise SuiteError(
            f"{path.name}: has the splits {listing}; name one, such as 'split: {next(iter(splits))}'"
        )
    raise SuiteError(f"{path.name}: has no split {split!r}; it has: {listing}")


def _saved_splits(root: Path, within: Path | None) -> dict[str, list[Path]]:
    """Splits of a folder that `save_to_disk` wrote; empty for another folder."""
    if (root / _SPLITS).exists():
        refuse_outside(root / _SPLITS, within)
        names = _read_names(root / _SPLITS, "splits")
        return {name: _saved_files(root / name, within) for name in names}
    return {"": _saved_files(root, within)} if (root / _STATE).exists() else {}


def _saved_files(folder: Path, within: Path | None) -> list[Path]:
    state = folder / _STATE
    refuse_outside(state, within)
    if _read_names(state, "_indices_data_files"):
        raise SuiteError(
            f"{state}: these rows were selected after they were written; save them again after 'flatten_indices()'"
        )
    return [folder / name for name in _read_names(state, "_data_files")]


def _read_names(file: Path, key: str) -> list[str]:
    """File names under a key of a JSON file that `datasets` wrote, each of a file or folder beside it."""
    data = parse_json(file.name, read_text(file))
    entries: Any = (data.get(key) if isinstance(data, dict) else None) or []
    if not isinstance(entries, list):
        raise SuiteError(f"{file}: {key!r} is not a list")
    names: list[Any] = [entry.get("filename") if isinstance(entry, dict) else entry for entry in entries]
    for name in names:
        # A data set may come from a stranger, so its files must be inside of it.
        if not isinstance(name, str) or Path(name).name != name or name in ("", ".", ".."):
            raise SuiteError(f"{file}: {key!r} names {name!r}, which is not a file of this folder")
    return names


def _group_by_name(folder: Path) -> dict[str, list[Path]]:
    splits: dict[str, list[Path]] = {}
    for file in _files(folder):
        stem = file.name[: file.name.lower().rindex(kind(file))]
        splits.setdefault(_SHARD.sub("", stem), []).append(file)
    return splits


def _files(folder: Path) -> list[Path]:
    """Files with rows, by name, shard 2 before shard 10."""
    return [
        file
        for file in sorted(folder.iterdir(), key=_natural_key)
        if file.is_file()
        and kind(file)
        and file.name not in _NO_ROWS
        and not file.name.startswith((".", "_"))
    ]


def _natural_key(file: Path) -> list[str | int]:
    """Sort key of a name: its texts and numbers in turn."""
    return [int(run) if index % 2 else run for index, run in enumerate(re.split(r"(\d+)", file.name))]
