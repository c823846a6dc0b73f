"""Sources of rows: a file, a folder, or a data set on the hub."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llmxray.errors import SuiteError
from llmxray.experiment import Source
from llmxray.suites.data_files import from_file, from_files, kind, parse_json, read_text
from llmxray.suites.data_rows import DataRow
from llmxray.suites.hub import from_hub


def locate(file: str, base: Path, within: Path | None) -> Path:
    """Return the path of the file or folder of a source.

    Args:
        base: folder that ``file`` is relative to.
        within: folder that it must lie in, links followed; None for anywhere.

    Raises:
        SuiteError: it lies outside, or leads nowhere.
    """
    path = base / file
    refuse_outside(path, within)
    return path


def refuse_outside(path: Path, within: Path | None) -> None:
    """Refuse a file outside of a folder: an experiment file may be a stranger's, and name any file of the reader's.

    Raises:
        SuiteError: it lies outside, or leads nowhere.
    """
    if within is None:
        return
    try:
        inside = path.resolve().is_relative_to(within.resolve())
    # Links in a circle and names that no file can have raise these errors.
    except (OSError, RuntimeError, ValueError) as error:
        raise SuiteError(f"{path} cannot be read: {error}") from None
    if not inside:
        raise SuiteError(
            f"{path} lies outside of the folder of the experiment file: move it there, or run with --allow-outside"
        )


PREVIEW = "`llmxray suites --preview FILE` proposes them"


def read_rows(
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
        SuiteError, MissingExtraError: as `read_rows`.
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


_STATE, _SPLITS = "state.json", "dataset_dict.json"
# Files that `datasets` and the hub put beside the rows.
_NO_ROWS = (_STATE, _SPLITS, "dataset_info.json", "dataset_infos.json")
_SHARD = re.compile(r"(?:^|[-_.])\d{1,6}(?:-of-\d{1,6}(?:-[0-9a-f]{8,})?)?$")


def from_folder(
    path: Path, config: str | None, split: str | None, usual: str = "", *, within: Path | None = None
) -> list[DataRow]:
    """Return the rows of one split of a folder that `datasets` saved, or that has data files.

    ``dataset_dict.json``
        `DatasetDict.save_to_disk`: a folder for each split.
    ``state.json``
        `Dataset.save_to_disk`: Arrow files, named in it.
    Data files
        ``test-00000-of-00002.parquet`` is a shard of the split ``test``; the files may lie in ``data/``, in a folder
        named after the config, or in a folder for each split.

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
