"""The ledger of many experiments, from the folders that hold their pages."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from llmxray.report.pages import ledger


def write_ledger(folders: Sequence[Path], out: Path) -> tuple[Path, tuple[str, ...]]:
    """Write the ledger over the experiments of these folders.

    Args:
        folders: sites, or experiments' folders of sites.
        out: folder of the ledger.

    Returns:
        Path of its page; why figures of experiments are not those of the suites that they name, a line each.

    Raises:
        InputError: a folder holds no experiment, two hold the same one, or a file is damaged.
    """
    command = " ".join(["llmxray ledger", *(shlex.quote(str(folder)) for folder in folders), "--out"])
    return ledger.write_ledger(folders, out, f"{command} {shlex.quote(str(out))}")
