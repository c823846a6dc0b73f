"""llmxray as a library: its names, and the page of the docs that shows them."""

import importlib
import json
import pkgutil
import re
import shutil
from dataclasses import replace

import pytest

import llmxray
from tests.commands import python

FENCE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def test_importing_llmxray_loads_none_of_its_rooms():
    """A room is loaded when a name of it is first asked for."""
    code = "import sys, llmxray; print(sorted(m for m in sys.modules if m.startswith('llmxray.')))"
    done = python("-c", code)
    assert done.stdout == "['llmxray.lazy']\n"


_READING = """
import sys
import typing
from dataclasses import replace
from pathlib import Path
import llmxray
from llmxray.metrics import accuracy, calibration, contrasts, decision, discrimination, latency, paired
prepared = llmxray.prepare(Path("experiments/temperature-sweep.yaml"))
print(len(llmxray.read_results(prepared).rows) > 0, *sorted({module.partition(".")[0] for module in sys.modules}))
"""


def test_reading_results_needs_neither_charts_nor_servers(root):
    """So that it runs in a notebook in a browser, where neither is to be had."""
    done = python("-c", _READING, at=root)
    rows, *loaded = done.stdout.split()
    assert rows == "True"
    assert not {"altair", "vl_convert", "aiohttp", "mitmproxy", "jinja2", "rich", "typer"} & {*loaded}


ROOMS = [room.name for room in pkgutil.iter_modules(llmxray.__path__, "llmxray.") if room.ispkg]


@pytest.mark.parametrize("package", ["llmxray", *ROOMS])
def test_what_is_loaded_late_can_be_had(package):
    """What a lazy package lists for type checkers stands where it says."""
    module = importlib.import_module(package)
    assert all(getattr(module, name) is not None for name in dir(module) if name[0] != "_")


def test_the_page_runs_as_it_stands(root, tmp_path):
    """The page's code, in one process, in a folder with a shipped experiment and its cassette."""
    shutil.copytree(root / "cassettes/model-showdown", tmp_path / "cassettes/model-showdown")
    (tmp_path / "experiments").mkdir()
    shutil.copy(root / "experiments/model-showdown.yaml", tmp_path / "experiments")
    code = "\n".join(FENCE.findall((root / "docs/python.md").read_text("utf-8")))
    done = python("-c", code, at=tmp_path)
    for line in (
        r"qwen-1\.5b +645 +\d\d% +",
        r"Estimate\(value=0\.",
        r"0\.\d+$",
        r"<qwen-1\.5b \d\d%, qwen-0\.5b \d\d%: ",
    ):
        assert re.search(f"^{line}", done.stdout, re.MULTILINE), done.stdout
    assert (tmp_path / "site/model-showdown/index.html").exists()


def test_notebooks_get_short_reprs_and_suggestions(root):
    """Paths are strings or names here; a name that is not known is an error that suggests one."""
    here = llmxray.Workspace(str(root / "cassettes"), str(root / "experiments"))  # type: ignore[arg-type]
    prepared = llmxray.prepare("model-showdown", here)
    results = llmxray.read_results(prepared)
    assert prepared == llmxray.prepare(str(root / "experiments/model-showdown.yaml"), here)
    many = tuple(replace(prepared.plan.conditions[0], id=f"{'long' * 15}{n}") for n in range(60))
    plan = replace(prepared.plan, conditions=many, experiment="long" * 15)
    for value in (prepared, results, replace(results, plan=plan), replace(prepared, plan=plan)):
        assert "1935" in repr(value)
        assert len(repr(value)) < 300
    for call, suggestion in (
        (lambda: results.of("qwen-1.5"), "no condition 'qwen-1.5'; did you mean 'qwen-1.5b'?"),
        (lambda: results.of("typo"), "no condition 'typo'; there is qwen-0.5b, qwen-1.5b, smollm2"),
        (lambda: results.frame("panda"), "did you mean 'pandas'?"),  # type: ignore[arg-type]
        (lambda: llmxray.prepare("model-showdwn", here), "did you mean 'model-showdown'?"),
    ):
        with pytest.raises(llmxray.InputError, match=re.escape(suggestion)):
            call()


@pytest.mark.search
def test_the_notebook_runs_as_it_stands(root, tmp_path):
    """Every cell of docs/notebook.ipynb, in one process, in an empty folder; it holds no output that could be old."""
    notebook = json.loads((root / "docs/notebook.ipynb").read_text("utf-8"))
    cells = [each for each in notebook["cells"] if each["cell_type"] == "code"]
    assert not any(each["outputs"] or each["execution_count"] for each in cells)
    code = "\n\n".join("".join(each["source"]) for each in cells)
    python("-W", "error", "-c", code, at=tmp_path)
