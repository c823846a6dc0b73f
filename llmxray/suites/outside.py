"""Checks that a suite's files are in the folder of the experiment file, unless the user allows others."""

from __future__ import annotations

from pathlib import Path

from llmxray.errors import SuiteError


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
