"""Setting up picks a Python that runs, whatever lies on the path; when there is none it says which to install."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest


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


@pytest.mark.parametrize("name", ["core", "record", "dev", "test", "weights", "audit"])
def test_every_package_of_an_installation_is_pinned_by_its_hashes(root: Path, name: str) -> None:
    """A version and a SHA-256 each, no address of an index, and nothing from elsewhere."""
    text = (root / "locks" / f"{name}.txt").read_text()
    entries = re.split(r"\n(?=\S)", text.replace("\\\n", " ").strip())
    assert entries
    for entry in entries:
        assert re.fullmatch(
            r"[A-Za-z0-9._-]+==[^\s;]+( ; [^\n]+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*", entry
        ), entry
    assert "://" not in text


def test_the_locks_have_what_the_project_asks_for(root: Path) -> None:
    """In one version each, whichever installation."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = {"core": project["dependencies"]}
    asked["record"] = [*asked["core"], *extras["record"], *extras["hub"], *extras["local"]]
    asked["dev"] = [*asked["record"], *extras["dev"]]
    found = {name: _versions(root / "locks" / f"{name}.txt") for name in asked}
    for name, wanted in asked.items():
        names = {re.split(r"[<>=~! ]", each, maxsplit=1)[0].lower() for each in (*wanted, "hatchling")}
        assert names <= found[name].keys(), name
        assert found[name].items() <= found["dev"].items()
    assert _versions(root / "locks/test.txt").items() <= found["dev"].items()


def _versions(lock: Path) -> dict[str, frozenset[str]]:
    """Versions by package; some have one for each Python."""
    versions: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", lock.read_text(), flags=re.MULTILINE):
        versions.setdefault(name, set()).add(version)
    return {name: frozenset(each) for name, each in versions.items()}
