"""Metadata that depends on where llmxray is built: addresses of its repository, and a readme that shows elsewhere.

A package index has neither our pictures nor our docs. Where the release workflow says which repository and commit it
builds, the relative links of the readme lead there; elsewhere nothing is made up.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

# Not the variables that code hosts set themselves: somebody else's workflow may build llmxray too.
_REPOSITORY, _COMMIT = "LLMXRAY_REPOSITORY", "LLMXRAY_COMMIT"
_FROM_CLONE = "--from . llmxray"
_LINK = re.compile(r"(!?)(\[[^\]]*\])\((?![a-z]+:|#)([^)\s]+)\)")


class Addresses(MetadataHookInterface):
    """Fills in ``readme`` and ``urls``."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Called by hatchling with the project table."""
        text = (Path(self.root) / "README.md").read_text("utf-8")
        repository, commit = os.environ.get(_REPOSITORY, "").rstrip("/"), os.environ.get(_COMMIT, "")
        metadata["urls"] = {}
        if repository and commit:
            text = with_addresses(text, repository, commit)
            metadata["urls"] = {
                "Source": repository,
                "Documentation": f"{repository}/blob/{commit}/docs/index.md",
                "Changelog": f"{repository}/blob/{commit}/CHANGELOG.md",
                "Issues": f"{repository}/issues",
            }
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


def with_addresses(text: str, repository: str, commit: str) -> str:
    """Markdown whose relative links and pictures lead to files of the repository as of that commit."""

    def absolute(link: re.Match[str]) -> str:
        kind = "raw" if link[1] else "blob"
        return f"{link[1]}{link[2]}({repository}/{kind}/{commit}/{link[3]})"

    # Who reads it elsewhere has no clone.
    return _LINK.sub(absolute, text).replace(_FROM_CLONE, f"--from git+{repository} llmxray")
