"""The built sites that the browser tests share, and a page that remembers what went wrong in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from watching import watched

from llmxray.workflow import Workspace, coursework, prepare

sys.path.append(str(Path(__file__).parent.parent / "report"))


@pytest.fixture(scope="session")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the shipped cassettes with the course's papers, built once for all browser tests."""
    folder = tmp_path_factory.getbasetemp()
    # Processes of pytest-xdist have a folder each, in that of the run; the first to come builds for all.
    out = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "shipped"
    built = out.with_suffix(".built")
    with FileLock(out.with_suffix(".lock")):
        if not built.exists():
            _build(root, out)
            built.touch()
    return out


def _build(root: Path, out: Path) -> None:
    command = [sys.executable, "-m", "llmxray", "report", "--out", str(out)]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True)
    where = Workspace(root / "cassettes", root / "experiments")
    benchmark = prepare(root / "experiments/few-shot-cot.yaml", where)
    coursework.write_brief(benchmark, out, "")


@pytest.fixture(params=["light", "dark"])
def page(chromium: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page without network that remembers what went wrong in it."""
    look = {"viewport": {"width": 1280, "height": 900}, "color_scheme": request.param}
    context = chromium.new_context(offline=True, **look)
    yield watched(context)
    context.close()


@pytest.fixture
def plain_page(chromium: Any) -> Iterator[Any]:
    """The same in light colours only."""
    context = chromium.new_context(offline=True, viewport={"width": 1280, "height": 900})
    yield watched(context)
    context.close()
