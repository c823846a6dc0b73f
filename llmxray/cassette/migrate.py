"""Format versions: an integer, and one converter per step.

To change the format: add one to `FORMAT` and a function to `_STEPS` that turns a manifest of the version
before into one of the new version. Nothing else in the house knows about old versions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llmxray.errors import CassetteCorruptError, CassetteVersionError

FORMAT = 2


def _columns_beside_lines(manifest: dict[str, Any]) -> dict[str, Any]:
    """1 → 2: large files may be columns. Lines are read as before, and the next sealing writes the new form."""
    return {**manifest, "format": 2}


_STEPS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _columns_beside_lines}


def upgrade(manifest: dict[str, Any], *, file: str) -> dict[str, Any]:
    """The manifest in today's format.

    Raises:
        CassetteVersionError: it is from a newer llmxray.
        CassetteCorruptError: it states no version.
    """
    version = manifest.get("format")
    if not isinstance(version, int) or version < 1:
        raise CassetteCorruptError(file, None, "no format version in this manifest")
    if version > FORMAT:
        raise CassetteVersionError(
            f"{file}: cassette format {version} is newer than this llmxray, which reads up to {FORMAT}: upgrade llmxray"
        )
    for step in range(version, FORMAT):
        manifest = _STEPS[step](manifest)
    return manifest
