"""What a release says of itself, and the files that code hosts and citation tools read."""

import re
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest
import yaml

import llmxray
from tests.environments import built

REPOSITORY, COMMIT = "https://code.example/owner/llmxray", "c0ffee"


def metadata(root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, **environment: str) -> Any:
    """The metadata of a wheel that is built with these variables."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with zipfile.ZipFile(built("wheel", folder, root)) as wheel:
        (name,) = (each for each in wheel.namelist() if each.endswith(".dist-info/METADATA"))
        return Parser().parsestr(wheel.read(name).decode())


@pytest.mark.search
def test_a_readme_on_an_index_leads_back(root, tmp_path, monkeypatch):
    """Its picture and its links are addresses of the commit that was built; the package names its repository."""
    found = metadata(root, tmp_path, monkeypatch, LLMXRAY_REPOSITORY=REPOSITORY, LLMXRAY_COMMIT=COMMIT)
    assert found["Version"] == llmxray.__version__
    urls = dict(each.split(", ") for each in found.get_all("Project-URL"))
    assert urls["Source"] == REPOSITORY
    text = found.get_payload()
    assert f"]({REPOSITORY}/raw/{COMMIT}/docs/pictures/front.png)" in text
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    assert targets
    assert [each for each in targets if not each.startswith("https://")] == []
    named = [each.partition(f"/{COMMIT}/")[2].partition("#")[0] for each in targets if f"/{COMMIT}/" in each]
    assert [each for each in named if not (root / each).exists()] == []
    assert f"git+{REPOSITORY} llmxray demo" in text


@pytest.mark.search
def test_elsewhere_no_address_is_made_up(root, tmp_path, monkeypatch):
    """Built from a clone, or by a workflow of somebody else."""
    found = metadata(root, tmp_path, monkeypatch, GITHUB_REPOSITORY="some/body", GITHUB_SHA="1")
    assert found.get_all("Project-URL") is None
    assert found.get_payload().strip() == (root / "README.md").read_text("utf-8").strip()


def test_the_version_stands_in_one_place(root):
    """In the package; whatever else states it reads it from there."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    assert "version" in project["project"]["dynamic"]
    files = ("pyproject.toml", "CITATION.cff", "hatch_build.py", "README.md", "Dockerfile")
    assert [name for name in files if llmxray.__version__ in (root / name).read_text("utf-8")] == []


def test_the_matrix_runs_what_is_there(root):
    """Every lock and folder of tests that it names, on each Python that the package is said to run on."""
    core = yaml.safe_load((root / ".github/workflows/ci.yml").read_text("utf-8"))["jobs"]["core"]
    commands = "\n".join(step.get("run", "") for step in core["steps"])
    named = re.findall(r"(?:locks|tests)/[\w./]+", commands)
    assert len(named) > 10
    assert [name for name in named if not (root / name).exists()] == []
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    stated = {each.rpartition(" ")[2] for each in project["classifiers"] if ":: 3." in each}
    assert set(core["strategy"]["matrix"]["python"]) == stated
