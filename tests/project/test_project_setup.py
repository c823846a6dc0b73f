"""Setting up picks a Python that runs, whatever lies on the path; when there is none it says which to install."""

import re
import tomllib
from pathlib import Path

import pytest


@pytest.mark.parametrize("name", ["core", "record", "dev", "test", "weights", "audit"])
def test_every_package_of_an_installation_is_pinned_by_its_hashes(root, name):
    """A version and a SHA-256 each, no address of an index, and nothing from elsewhere."""
    text = (root / "locks" / f"{name}.txt").read_text()
    entries = re.split(r"\n(?=\S)", text.replace("\\\n", " ").strip())
    assert entries
    for entry in entries:
        assert re.fullmatch(
            r"[A-Za-z0-9._-]+==[^\s;]+( ; [^\n]+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*", entry
        ), entry
    assert "://" not in text


def test_the_locks_have_what_the_project_asks_for(root):
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
