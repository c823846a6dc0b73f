"""Rows from a local file (Parquet, JSONL, JSON, CSV) or from a data set on the hub at one revision.

Only this file imports ``datasets`` and ``pyarrow``, and only when they are needed.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from llmxray.errors import MissingExtraError, SuiteError
from llmxray.experiment import Source
from llmxray.suites.rows import Row

_HUB_ANSWERS_WITHIN_S = 10
SUFFIXES = (".parquet", ".jsonl", ".ndjson", ".json", ".csv")


def located(file: str, base: Path, within: Path | None) -> Path:
    """Where the file of a source is.

    Args:
        base: folder that ``file`` is relative to.
        within: folder that it must lie in, links followed; None for anywhere.

    Raises:
        SuiteError: it lies outside.
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
    # Links in a circle, and names that no file can have.
    except (OSError, RuntimeError, ValueError) as error:
        raise SuiteError(f"{path} cannot be read: {error}") from None
    if not inside:
        raise SuiteError(
            f"{path} lies outside of the folder of the experiment file: move it there, or run with --allow-outside"
        )


def from_file(path: Path) -> list[Row]:
    """The rows of a file, by its suffix.

    Raises:
        SuiteError: absent, of another kind, not UTF-8, or not what its suffix says.
        MissingExtraError: Parquet without the extra that reads it.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise SuiteError(f"{path.name}: this kind of file is not read; there are: {', '.join(SUFFIXES)}")
    if suffix == ".parquet":
        return _rows(path.name, _parquet(path))
    text = read_text(path)
    if suffix == ".csv":
        # Line ends as they are: only the csv module can tell those of rows from those inside quoted cells.
        return _rows(path.name, csv.DictReader(io.StringIO(text, newline="")))
    return _rows(
        path.name, _json_list(path.name, text) if suffix == ".json" else _json_lines(path.name, text)
    )


def from_hub(source: Source, config: str | None, split: str) -> list[Row]:
    """The rows of a data set on the hub.

    Raises:
        SuiteError: it cannot be reached or has no such configuration or split; says what to do offline.
        MissingExtraError: ``datasets`` is not installed.
    """
    try:
        import datasets  # noqa: PLC0415 (heavy, and absent from the core install)
    except ImportError:
        raise MissingExtraError("reading from the hub", "hub") from None
    try:
        with _offline_where_unreachable():
            table = datasets.load_dataset(source.hub, config, split=split, revision=source.revision)
    # The library raises whatever its storage layers raise; all of it means that there are no rows.
    except Exception as error:
        why = str(error).strip().split("\n")[0] or type(error).__name__
        raise SuiteError(
            f"{source.hub} ({config or 'default'}, {split}, revision {source.revision}) cannot be read from "
            f"the hub: {why[:200]}; offline, download the file and use 'source: {{file: …}}'"
        ) from None
    return _rows(f"{source.hub} {split}", table)


@contextmanager
def _offline_where_unreachable() -> Iterator[None]:
    """Let the libraries read their cache alone when the hub does not answer.

    They would ask for each of a data set's files again and again, with a line on the terminal every time.
    """
    import datasets  # noqa: PLC0415 (heavy, and absent from the core install)
    from huggingface_hub import constants, get_session  # noqa: PLC0415 (comes with datasets)

    switches: tuple[Any, ...] = (constants, datasets.config)
    before = [switch.HF_HUB_OFFLINE for switch in switches]
    try:
        get_session().head(constants.ENDPOINT, timeout=_HUB_ANSWERS_WITHIN_S)
    # Whatever its HTTP client raises, there is no hub then.
    except Exception:
        for switch in switches:
            switch.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        for switch, was in zip(switches, before, strict=True):
            switch.HF_HUB_OFFLINE = was


def revision_of(source: Source) -> str:
    """The revision that was asked for, and the commit that it stood for today where the hub says so."""
    named = f"{source.hub}, revision {source.revision}"
    try:
        import huggingface_hub  # noqa: PLC0415 (comes with datasets)

        commit = (
            huggingface_hub.HfApi().dataset_info(str(source.hub), revision=source.revision, timeout=10).sha
        )
    # A data set read from the local cache has no hub to ask; the name must do then.
    except Exception:
        return named
    return named if commit in (None, source.revision) else f"{named} (commit {commit})"


def read_text(path: Path) -> str:
    """The text of a file.

    Raises:
        SuiteError: absent, not a file, or not UTF-8.
    """
    raw = _read(path)
    try:
        # Excel writes a byte order mark, which would become part of the first column's name.
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SuiteError(f"{path.name}:{line}: not UTF-8; save the file with UTF-8 encoding") from None


def parse_json(name: str, text: str, line: int | None = None) -> Any:
    """JSON in which no key stands twice.

    Raises:
        SuiteError: names file, line and column.
    """

    # json keeps the last of two equal keys in silence: of two answers, one would vanish.
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) < len(pairs):
            double = next(key for i, (key, _) in enumerate(pairs) if key in dict(pairs[:i]))
            raise SuiteError(f"{name}{f':{line}' if line else ''}: the key {double!r} stands twice")
        return built

    try:
        return json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        place = f"{name}:{line or error.lineno}:{error.colno}"
        raise SuiteError(f"{place}: not JSON ({error.msg})") from None
    # A file of nothing but opening brackets.
    except RecursionError:
        raise SuiteError(f"{name}: nested too deeply") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SuiteError(f"there is no file {path}") from None
    # A name with a zero byte is no OSError.
    except (OSError, ValueError) as error:
        raise SuiteError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _parquet(path: Path) -> list[dict[str, Any]]:
    try:
        import pyarrow as pa  # noqa: PLC0415 (heavy, and absent from the core install)
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError("reading Parquet", "hub") from None
    try:
        # Read by us, so that a file that is not there is refused in the same words as any other.
        rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(_read(path))).to_pylist()
    except pa.ArrowException as error:
        raise SuiteError(f"{path.name}: not a Parquet file ({str(error).split('.')[0][:120]})") from None
    return rows


def _json_lines(name: str, text: str) -> list[Any]:
    # Not splitlines(): JSON texts may hold U+2028 as it is.
    lines = enumerate(text.split("\n"), 1)
    return [parse_json(name, line, number) for number, line in lines if line.strip()]


def _json_list(name: str, text: str) -> list[Any]:
    value = parse_json(name, text)
    if not isinstance(value, list):
        raise SuiteError(f"{name}: must be a list of rows, [{{…}}, {{…}}]")
    return value


def _rows(name: str, found: Iterable[Any]) -> list[Row]:
    rows = []
    for number, data in enumerate(found, 1):
        if not isinstance(data, Mapping):
            raise SuiteError(f"{name}, row {number}: must be a mapping of columns, not {str(data)[:40]!r}")
        rows.append(Row(name, number, data))
    if not rows:
        raise SuiteError(f"{name}: there are no rows")
    return rows
