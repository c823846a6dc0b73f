"""The ledger over any number of experiments, from the files that their sites hold and without their cassettes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from llmxray.errors import InputError
from llmxray.plain import plain_bytes
from llmxray.reading_process import ReadingProcess
from llmxray.report.analysis import runs
from llmxray.report.analysis.items import Codebook, FirstAnswers, panels
from llmxray.report.analysis.runs import LedgerEntry
from llmxray.report.files import answer_columns
from llmxray.report.pages import ledger
from llmxray.report.widgets.render import Renderer

_PAGE, _INDEX = "ledger.html", "index.html"


def write_ledger(folders: Sequence[Path], out: Path, command: str) -> tuple[Path, tuple[str, ...]]:
    """Write the ledger with its part Items over the experiments of these folders.

    Args:
        folders: sites, or experiments' folders of sites: with ``ledger.json`` and, for the items, ``results.parquet``.
        out: folder that the ledger is written into; a site keeps its other pages.
        command: makes the page again.

    Returns:
        Path of the page; why figures of experiments are not those of the suites that they name, a line each.

    Raises:
        InputError: a folder holds no experiment, two hold the same one, a file is damaged or a link, or suites are
            too many.
    """
    found = [each for folder in folders for each in _experiments(folder)]
    shared = runs.Shared()
    loaded: list[LedgerEntry] = []
    where: dict[str, Path] = {}
    for folder in dict.fromkeys(path.resolve() for path in found):
        path = _own(folder / runs.NAME)
        entry = runs.load(plain_bytes(path), file=str(path), shared=shared)
        for name in {run.experiment for run in entry.runs}:
            if name in where:
                raise InputError(
                    f"the experiment {name} is in {where[name]} and in {folder}: leave one of them out, or build it "
                    "again with another name (files of other tools: llmxray report --name NAME)"
                )
            where[name] = folder
        loaded.append(entry)
    entries = runs.by_question_set(loaded)
    if not any(entry.runs for entry in entries):
        raise InputError("no benchmark is in these folders: a ledger compares the conditions of benchmarks")
    runs.refuse_too_many(entries, "give fewer folders")

    tables = {
        name: path for name, folder in where.items() if (path := _own(folder / answer_columns.NAME)).exists()
    }
    with ReadingProcess() as process:

        def answers(
            entry: LedgerEntry, codebooks: Mapping[str, Codebook]
        ) -> Iterator[tuple[str, str, FirstAnswers]]:
            path = tables.get(entry.runs[0].experiment)
            if path is not None:
                yield from answer_columns.answers(path, answer_columns.read(path, process), codebooks)

        found_items = panels(entries, answers)
    renderer = Renderer(out)
    alone = _is_alone(out)
    ledger.write_over(
        renderer,
        entries,
        bases={name: _base(folder, out) for name, folder in where.items()},
        panels=found_items,
        command=command,
    )
    if alone:
        # The header leads to the first page, and there is no other.
        renderer.write(_INDEX, plain_bytes(out / _PAGE))
    renderer.list_files()
    return out / _PAGE, tuple(doubt for entry in entries for doubt in entry.told_doubts)


def _experiments(folder: Path) -> list[Path]:
    if (folder / runs.NAME).exists():
        return [folder]
    found = [_own(path.parent) for path in sorted(folder.glob(f"*/{runs.NAME}"))]
    if not found:
        missing = "" if folder.is_dir() else "there is no such folder; "
        raise InputError(
            f"{folder}: {missing}give a site or an experiment's folder of one, which hold {runs.NAME}: "
            "`llmxray report` writes it"
        )
    return found


def _own(path: Path) -> Path:
    """A file or folder of a site; one that came from elsewhere may have links in it that lead to any file.

    Raises:
        InputError: it is a link.
    """
    if path.is_symlink() or path.is_junction():
        raise InputError(
            f"{path} is a link, and a site is not read through one: remove it, or give the folder that it leads to"
        )
    return path


def _is_alone(out: Path) -> bool:
    """Whether the ledger is the only page of its folder."""
    index, page = _own(out / _INDEX), _own(out / _PAGE)
    return not index.exists() or (page.exists() and plain_bytes(index) == plain_bytes(page))


def _base(folder: Path, out: Path) -> str:
    """Address of an experiment's pages, seen from the ledger; "" where there are none."""
    if not (folder / _INDEX).is_file():
        return ""
    try:
        path = Path(os.path.relpath(folder, out.resolve())).as_posix()
    except ValueError:
        # On another drive.
        return folder.as_uri()
    return quote(path, safe="/", errors="replace")
