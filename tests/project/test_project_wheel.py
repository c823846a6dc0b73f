"""A built wheel works outside the tree: the bank, templates and static files travel with it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def installed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's contents, built from this tree without any network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(folder)], cwd=root, capture_output=True, text=True, check=True
    )
    target = folder / "installed"
    with zipfile.ZipFile(folder / done.stdout.strip().split("\n")[-1]) as wheel:
        wheel.extractall(target)
    return target


def _llmxray(installed: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    return subprocess.run(
        [sys.executable, "-m", "llmxray", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_the_wheel_holds_what_the_program_reads(installed: Path) -> None:
    """Starter bank, templates, static files and presets are in it."""
    package = installed / "llmxray"
    assert (package / "suites/bank/arc.jsonl").exists()
    assert (package / "report/widgets/base.html").exists()
    assert (package / "report/static/style.css").exists()
    assert (package / "report/static/lib/dom.js").exists()
    assert (package / "report/pages/answers/page.js").exists()
    assert (package / "cli/presets/model-showdown.yaml").exists()


def test_it_replays_a_shipped_cassette_outside_the_tree(installed: Path, root: Path, tmp_path: Path) -> None:
    """From an empty folder, with only the wheel: run an experiment from its cassette and get a site."""
    done = _llmxray(
        installed,
        "run",
        str(root / "experiments/thinking-tradeoff.yaml"),
        "--cassettes",
        str(root / "cassettes"),
        "--out",
        str(tmp_path / "site"),
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr.count("replayed")) == (0, 1), done.stderr
    assert (tmp_path / "site/thinking-tradeoff/results.csv").exists()


def test_it_lists_its_suites_outside_the_tree(installed: Path, tmp_path: Path) -> None:
    """The bank is read from the package, not from the working directory."""
    done = _llmxray(installed, "suites", cwd=tmp_path)
    assert done.returncode == 0
    assert "starter/truthfulqa: 180 questions" in done.stdout
