"""llmxray as a library: its names, and the page of the docs that shows them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import llmxray

FENCE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def test_every_public_name_is_there_and_documents_itself() -> None:
    """What ``__all__`` lists can be had, and says what it is."""
    for name in llmxray.__all__:
        assert getattr(llmxray, name).__doc__, name
    assert set(llmxray.__all__) <= set(dir(llmxray))


def test_importing_llmxray_loads_none_of_its_rooms() -> None:
    """A room is loaded when a name of it is first asked for."""
    code = "import sys, llmxray; print(sorted(m for m in sys.modules if m.startswith('llmxray.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['llmxray.lazy']\n"


def test_the_page_runs_as_it_stands(root: Path, tmp_path: Path) -> None:
    """The page's code, in one process, in a folder with a shipped experiment and its cassette."""
    shutil.copytree(root / "cassettes/model-showdown", tmp_path / "cassettes/model-showdown")
    (tmp_path / "experiments").mkdir()
    shutil.copy(root / "experiments/model-showdown.yaml", tmp_path / "experiments")
    code = "\n".join(FENCE.findall((root / "docs/python.md").read_text("utf-8")))
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    said = done.stdout.split("\n")
    assert re.fullmatch(r"645 (correct|wrong) 0\.\d+", said[0])
    assert said[1].startswith("Estimate(value=0.")
    assert 0 < float(said[2]) < 1
    assert 0 < float(said[3]) < 1
    assert (tmp_path / "site/model-showdown/index.html").exists()
