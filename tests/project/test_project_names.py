"""The public surface: every exported name exists and documents itself; tests mirror the sources."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest


@pytest.mark.search
def test_no_path_of_the_recording_machine_is_shipped(root: Path) -> None:
    """Cassettes and experiments name no folder of the machine they were made on."""
    from llmxray.cassette.key_scan import readable

    for path in [*root.glob("cassettes/*/**/*"), *root.glob("experiments/*")]:
        if path.is_file():
            text = b"\n".join(line for _, line in readable(path))
            for needle in (b"/site-packages/", f"{Path.home()}/".encode(), b"/home/", b".gguf"):
                assert needle not in text, f"{path}: {needle!r}"


def test_no_module_is_hidden_by_a_function_of_its_name(root: Path) -> None:
    """``import llmxray.workflow.replay`` must give a module, not the function of a package that imports it."""
    hidden = []
    for init in sorted((root / "llmxray").rglob("__init__.py")):
        package = ".".join(init.parent.relative_to(root).parts)
        for node in ast.parse(init.read_text("utf-8")).body:
            if isinstance(node, ast.ImportFrom):
                names = [alias.asname or alias.name for alias in node.names]
                hidden += [f"{package}.{name}" for name in names if node.module == f"{package}.{name}"]
    assert hidden == []
