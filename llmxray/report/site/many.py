"""The ledger over any number of experiments, from the files that their sites hold and without their cassettes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from llmxray.errors import InputError
from llmxray.plain import plain_bytes
from llmxray.report.analysis.runs import NAME
from llmxray.report.pages import ledger
from llmxray.report.widgets.render import Renderer


def write_ledger(folders: Sequence[Path], out: Path, command: str) -> tuple[Path, tuple[str, ...]]:
    """Write the ledger with its part Items over the experiments of these folders.

    Args:
        folders: sites, or experiments' folders of sites, with ``ledger.json``.
        out: folder that the ledger is written into; a site keeps its other pages.
        command: makes the page again.

    Returns:
        Path of the page; why figures of experiments are not those of the suites that they name, a line each.

    Raises:
        InputError: a folder holds no experiment, two hold the same one, or a file is damaged or a link.
    """
    found: dict[Path, None] = {}
    for folder in folders:
        given = folder.resolve()
        inside = sorted(path.parent for path in given.glob(f"*/{NAME}"))
        own = [given] if (given / NAME).exists() else inside
        if not own:
            missing = "" if folder.is_dir() else "there is no such folder; "
            raise InputError(
                f"{folder}: {missing}give a site or an experiment's folder of one, which hold {NAME}: "
                "`llmxray report` writes it"
            )
        found |= dict.fromkeys(own)
    entries, where = ledger.read_entries(found)
    if not entries:
        raise InputError("no benchmark is in these folders: a ledger compares the conditions of benchmarks")
    renderer, page = Renderer(out), out / "ledger.html"
    ledger.write_over(renderer, entries, where, has_items=True, command=command)
    if not any(out.glob(f"*/{NAME}")):
        # The header leads to the first page, and there is no other.
        renderer.write("index.html", plain_bytes(page))
    renderer.list_files()
    return page, tuple(doubt for entry in entries for doubt in entry.told_doubts)
