"""Working in a folder that came from a stranger: nothing in it runs."""

import shutil
from pathlib import Path

import pytest

from llmxray.workflow import Workspace
from tests.commands import python
from tests.packs.conftest import EXPERIMENT, record

ROOT = Path(__file__).parents[2]
# What the Pythons that are started import, the standard library's included.
MODULES = [
    *(
        "multiprocessing",
        "asyncio",
        "random",
        "json",
        "numpy",
        "aiohttp",
        "sitecustomize",
        "llmxray",
        "runpy",
        "pip",
    )
]
# As the installed command starts, whose folder is not this one; a proxy of its own for the smallest replay.
START = """
import sys
import llmxray.workflow.replaying
from llmxray.cli import main
llmxray.workflow.replaying._APART_FROM = 1
main(sys.argv[1:])
"""


@pytest.fixture
def folder(tmp_path):
    """Two recorded experiments, and a module of each of these names that leaves a mark."""
    where: Workspace = record(tmp_path, EXPERIMENT.replace("limit: 12", "limit: 4"))
    text = where.find("tiny").read_text()
    (where.experiments / "two.yaml").write_text(text.replace("experiment: tiny", "experiment: two"))
    shutil.copytree(where.cassettes / "tiny", where.cassettes / "two")
    for name in MODULES:
        (tmp_path / f"{name}.py").write_text("open('owned', 'a').write(__name__)\n")
    return tmp_path


def test_no_module_of_the_folder_is_imported(folder):
    """Neither by the command nor by the processes that it starts."""
    python("-P", "-c", START, "run", "--all", "--jobs", "2", at=folder)
    assert (folder / "site" / "tiny" / "index.html").exists()
    assert not (folder / "owned").exists(), (folder / "owned").read_text()
