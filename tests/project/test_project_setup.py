"""Setting up picks a Python that runs, whatever lies on the path; when there is none it says which to install."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path


def chosen(root: Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What `.ci/venv.sh python` says in an empty folder with shims first on the path."""
    return subprocess.run(
        ["bash", root / ".ci/venv.sh", "python"],
        cwd=folder,
        env={"PATH": f"{folder}:/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def shim(folder: Path, name: str, script: str) -> None:
    """A command of that name."""
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_a_shim_that_fails_is_passed_over(root: Path, tmp_path: Path) -> None:
    """Version managers leave commands that exist and do not run, or that run an old Python."""
    shim(tmp_path, "python3.14", "echo 'pyenv: python3.14: command not found' >&2; exit 127")
    shim(tmp_path, "python3.13", 'exec "$REAL" -c "import sys; sys.exit(1)"')
    shim(tmp_path, "python3", 'exec "$REAL" "$@"')
    done = chosen(root, tmp_path, REAL=sys.executable, PYTHONS="python3.14 python3.13 python3")
    assert (0, f"{tmp_path}/python3\n", "") == (done.returncode, done.stdout, done.stderr)


def test_a_python_that_is_named_comes_first(root: Path, tmp_path: Path) -> None:
    """`make PYTHON=… report`."""
    done = chosen(root, tmp_path, PYTHON=sys.executable)
    assert (0, f"{sys.executable}\n") == (done.returncode, done.stdout)


def test_without_any_it_says_what_to_install(root: Path, tmp_path: Path) -> None:
    """`make report` ends with a line for each system, before anything is made."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(root / name, tmp_path / name)
    shutil.copytree(root / ".ci", tmp_path / ".ci")
    shim(tmp_path, "python3.13", "exit 127")
    done = subprocess.run(
        ["make", "report", "PYTHONS=python3.13"],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 2 == done.returncode
    for way in ("found none that runs", "apt-get install python3.13-venv", "brew install", "winget install"):
        assert way in done.stderr
    assert not (tmp_path / ".venv").exists()
