"""Where rows come from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_OFFLINE = """
from pathlib import Path
from llmxray import suites
from llmxray.errors import InputError, SuiteError
from llmxray.experiment import SuiteRef
source = {"hub": "TIGER-Lab/MMLU-Pro", "revision": "main"}
try:
    suites.load(SuiteRef.model_validate({"suite": "mmlu_pro", "source": source}), Path())
except SuiteError as error:
    print(error)
"""


def test_the_hub_out_of_reach(tmp_path: Path) -> None:
    """One line that names the data set and says what to do offline, and no other from the libraries."""
    pytest.importorskip("datasets")
    env = {
        **os.environ,
        "HF_ENDPOINT": "http://127.0.0.1:9",
        "HF_HOME": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    done = subprocess.run(
        [sys.executable, "-c", _OFFLINE], env=env, capture_output=True, text=True, check=True
    )

    assert (1, "") == (len(done.stdout.splitlines()), done.stderr)
    assert done.stdout.startswith(
        "TIGER-Lab/MMLU-Pro (default, test, revision main) cannot be read from the hub"
    )
    assert "offline, download the file and use 'source: {file: …}'" in done.stdout


def test_suites_load_without_the_heavy_packages() -> None:
    """The core install has neither ``datasets`` nor ``pyarrow``; importing suites must not want them."""
    code = "import sys, llmxray.suites; print(sorted({'datasets', 'pyarrow', 'pandas'} & set(sys.modules)))"
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.strip()
